// Frames, good and bad, and what a node answers to them. The sections are those of RFC 6455; the cases are of the kind that Autobahn's suite has.
import { BINARY, CLOSE, CONTINUATION, closing, frame, PING, PONG, TEXT } from "./frames.js";

export const HELLO = (session: string): string => JSON.stringify(["hello", session, 0, "a test", ""]);
/** The node has understood the greeting. */
export const WELCOME: string = 'text ["welcome"';

export interface Case {
  section: string;
  what: string;
  send: (hello: string) => (Uint8Array | string)[];
  /** What the answers begin with, one after another; the socket is closed after `close`. */
  wanted: string[];
  /** One octet at a time. */
  chopped?: boolean;
  /** It does not say goodbye either. */
  isSilent?: boolean;
}

export const bytes = (...all: number[]): Buffer => Buffer.from(all);
const both = [PING, CLOSE] as const;

function fragments(text: string, size: number, between: () => Buffer[] = () => []): Buffer[] {
  const all = Buffer.from(text);
  const parts: Buffer[] = [];
  for (let at = 0; at < all.length; at += size) {
    const fin = at + size >= all.length;
    parts.push(frame(at === 0 ? TEXT : CONTINUATION, all.subarray(at, at + size), { fin }));
    if (!fin) parts.push(...between());
  }
  return parts;
}

const bad = (section: string, what: string, wanted: string, ...send: Buffer[]): Case => ({
  ...{ section, what, send: () => send, wanted: [wanted] },
});
const good = (section: string, what: string, send: Case["send"], before: string[] = []): Case => ({
  ...{ section, what, send, wanted: [...before, WELCOME] },
});
export const LIMIT: bigint = 64n * 1024n * 1024n;

export const CASES: Case[] = [
  good("5.6", "a text message", (hello) => [frame(TEXT, hello)]),
  { ...good("5.6", "a text message, octet by octet", (hello) => [frame(TEXT, hello)]), chopped: true },
  good("5.4", "a message in two fragments", (hello) => fragments(hello, 20)),
  good("5.4", "a message in fragments of one octet", (hello) => fragments(hello, 1)),
  { ...good("5.4", "fragments, octet by octet", (hello) => fragments(hello, 7)), chopped: true },
  good("5.4", "a ping between fragments", (hello) => fragments(hello, 30, () => [frame(PING, "p")]), [
    "pong p",
  ]),
  good("5.4", "a pong between fragments", (hello) => fragments(hello, 10, () => [frame(PONG, "p")])),
  good("5.4", "fragments of no length between others", (hello) =>
    fragments(hello, 10, () => [frame(CONTINUATION, "", { fin: false })]),
  ),
  good("5.4", "a first and a last fragment of no length", (hello) => [
    frame(TEXT, "", { fin: false }),
    frame(CONTINUATION, hello, { fin: false }),
    frame(CONTINUATION, ""),
  ]),
  good("5.5.2", "a ping without a payload", (hello) => [frame(PING), frame(TEXT, hello)], ["pong"]),
  good("5.5.2", "a ping with 125 octets", (hello) => [frame(PING, "x".repeat(125)), frame(TEXT, hello)], [
    `pong ${"x".repeat(125)}`,
  ]),
  good(
    "5.5.2",
    "a ping with octets that are no text",
    (hello) => [frame(PING, bytes(0xff, 0xfe)), frame(TEXT, hello)],
    ["pong"],
  ),
  good(
    "5.5.2",
    "ten pings at once",
    (hello) => [...Array.from({ length: 10 }, (_, at) => frame(PING, `${at}`)), frame(TEXT, hello)],
    Array.from({ length: 10 }, (_, at) => `pong ${at}`),
  ),
  good("5.5.3", "a pong that nobody asked for", (hello) => [frame(PONG, "p"), frame(TEXT, hello)]),
  good("5.2", "a length in two octets that one would hold", (hello) => [
    frame(TEXT, hello, { lengthBytes: 2 }),
  ]),
  good("5.2", "a length in eight octets that one would hold", (hello) => [
    frame(TEXT, hello, { lengthBytes: 8 }),
  ]),
  good("8.1", "a code point in two fragments", (hello) => {
    const all = Buffer.from(hello.replace("a test", "a tëst"));
    const middle = all.indexOf("ë") + 1;
    return [frame(TEXT, all.subarray(0, middle), { fin: false }), frame(CONTINUATION, all.subarray(middle))];
  }),
  good("8.1", "a code point of four octets, octet by octet", (hello) =>
    fragments(hello.replace("a test", "😀"), 1),
  ),

  bad("5.1", "a frame that is not masked", "close 1002", frame(TEXT, "[]", { masked: false })),
  bad("5.1", "a ping that is not masked", "close 1002", frame(PING, "p", { masked: false })),
  bad(
    "5.2",
    "a first reserved bit, as of a compressed message",
    "close 1002",
    frame(TEXT, "[]", { reserved: 4 }),
  ),
  bad("5.2", "a second reserved bit", "close 1002", frame(TEXT, "[]", { reserved: 2 })),
  bad("5.2", "a third reserved bit", "close 1002", frame(TEXT, "[]", { reserved: 1 })),
  bad("5.2", "all reserved bits in a ping", "close 1002", frame(PING, "", { reserved: 7 })),
  ...[3, 4, 5, 6, 7].map((code) =>
    bad("5.2", `opcode ${code}, reserved for data`, "close 1002", frame(code, "x")),
  ),
  ...[11, 12, 13, 14, 15].map((code) =>
    bad("5.2", `opcode ${code}, reserved for control`, "close 1002", frame(code)),
  ),
  ...both.map((code) =>
    bad("5.5", `opcode ${code} with 126 octets`, "close 1002", frame(code, "x".repeat(126))),
  ),
  ...both.map((code) =>
    bad("5.5", `opcode ${code} in fragments`, "close 1002", frame(code, "", { fin: false })),
  ),
  bad("5.4", "a continuation of nothing", "close 1002", frame(CONTINUATION, "x")),
  bad(
    "5.4",
    "a continuation of nothing, with more to come",
    "close 1002",
    frame(CONTINUATION, "x", { fin: false }),
  ),
  bad(
    "5.4",
    "a new message within another",
    "close 1002",
    frame(TEXT, "[", { fin: false }),
    frame(TEXT, "]"),
  ),
  {
    ...{ section: "5.4", what: "a continuation after the last one", wanted: [WELCOME, "close 1002"] },
    send: (hello) => [...fragments(hello, 20), frame(CONTINUATION, "x")],
  },
  bad("8.1", "an octet that no text has", "close 1007", frame(TEXT, bytes(0xff))),
  bad("8.1", "an octet too many of a code point", "close 1007", frame(TEXT, bytes(0x5b, 0x80))),
  bad("8.1", "a code point that is cut off", "close 1007", frame(TEXT, bytes(0xf0, 0x9f, 0x98))),
  bad("8.1", "a code point that is too long", "close 1007", frame(TEXT, bytes(0xc0, 0xaf))),
  bad("8.1", "half a surrogate pair", "close 1007", frame(TEXT, bytes(0xed, 0xa0, 0x80))),
  bad("8.1", "a code point above the last one", "close 1007", frame(TEXT, bytes(0xf4, 0x90, 0x80, 0x80))),
  bad(
    "8.1",
    "a code point that is broken between fragments",
    "close 1007",
    frame(TEXT, bytes(0xf0, 0x9f), { fin: false }),
    frame(CONTINUATION, bytes(0x58)),
  ),
  bad("5.2", "a length beyond what is taken", "close 1009", frame(TEXT, "", { length: LIMIT + 1n })),
  bad(
    "5.2",
    "a length beyond all numbers",
    "close 1009",
    frame(TEXT, "", { length: 2n ** 63n - 1n, lengthBytes: 8 }),
  ),
  bad(
    "5.4",
    "fragments that are too long together",
    "close 1009",
    frame(TEXT, "x", { fin: false }),
    frame(CONTINUATION, "", { length: LIMIT, fin: false }),
  ),
  bad(
    "7.4.1",
    "more fragments than anybody needs",
    "close 1008",
    frame(TEXT, "", { fin: false }),
    Buffer.concat(Array.from({ length: 20_000 }, () => frame(CONTINUATION, "", { fin: false }))),
  ),
  bad("7.4.1", "binary data, where text is spoken", "close 1003", frame(BINARY, HELLO("binary"))),

  bad("5.5.1", "a goodbye without a code", "close", frame(CLOSE)),
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999].map((code) =>
    bad("7.4", `a goodbye with ${code}`, `close ${code}`, closing(code, "bye")),
  ),
  bad("5.5.1", "a goodbye with a reason of 123 octets", "close 1000", closing(1000, "x".repeat(123))),
  bad("5.5.1", "a goodbye of one octet", "close 1002", frame(CLOSE, bytes(3))),
  ...[0, 999, 1004, 1005, 1006, 1015, 1100, 2999, 5000, 65_535].map((code) =>
    bad("7.4", `a goodbye with ${code}, which nobody may say`, "close 1002", closing(code)),
  ),
  bad("5.5.1", "a goodbye whose reason is no text", "close 1007", closing(1000, bytes(0xff))),
  bad(
    "5.5.1",
    "data after a goodbye",
    "close 1000",
    closing(1000),
    frame(TEXT, HELLO("late")),
    frame(PING, "late"),
  ),
  bad("5.5.1", "a goodbye within a message", "close 1000", frame(TEXT, "[", { fin: false }), closing(1000)),

  bad("7.1.2", "a message that is no greeting", "close 1000", frame(TEXT, "hello")),
  bad("7.1.2", "a message without a letter", "close 1000", frame(TEXT, "")),
  ...[frame(TEXT, HELLO("half")).subarray(0, 20), bytes()].map((half) => ({
    ...bad("7.1.2", `${half.length} octets of a frame, and then silence`, "close 1000", half),
    isSilent: true,
  })),
];
