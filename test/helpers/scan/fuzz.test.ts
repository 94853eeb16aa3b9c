// Whatever somebody types or a stranger sends: a result that keeps the rules, or an error that is meant for people.
import { isIP } from "node:net";
import { expect, test } from "vitest";
import { summary } from "../../../kernel-helpers/scan/banner.js";
import { escapeBytes } from "../../../kernel-helpers/scan/escape.js";
import { parsePorts } from "../../../kernel-helpers/scan/ports.js";
import { ScanError } from "../../../kernel-helpers/scan/problem.js";
import { findTargets } from "../../../kernel-helpers/scan/target.js";
import { createDice } from "../../faults/scenario.js";

const SEED = Number(process.env.WIREBOOK_SEED ?? 20261126);
const ROUNDS = 1000;

const random = createDice(SEED);
const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
const some = (pieces: readonly string[], most: number): string =>
  Array.from({ length: random(most + 1) }, () => pick(pieces)).join("");

const PORT_PIECES = [
  "1",
  "80",
  "65535",
  "65536",
  "0",
  "99999999999999999999",
  "-",
  ",",
  " ",
  "–",
  ":",
  ".",
  "e5",
  "http",
  "all",
  "top100",
  "*",
  "/",
  "tcp",
  "\u0000",
  "\u202e",
  "𝟠𝟘",
  "NaN",
  "+",
];
const TARGET_PIECES = [
  "127.0.0.1",
  "8.8.8.8",
  "10.0.0.0",
  "::1",
  "::ffff:",
  "fe80::1",
  "%",
  "eth0",
  "/",
  "24",
  "0",
  "129",
  "[",
  "]",
  ":",
  ".",
  "-",
  "localhost",
  "http://",
  "@",
  " ",
  "\n",
  "\u001b[0m",
  "x",
];

test(`ports: valid numbers in order, or an error in words (seed ${SEED})`, () => {
  for (let round = 0; round < ROUNDS; round++) {
    const text = some(PORT_PIECES, 7);
    try {
      const found = [...parsePorts(text, pick(["tcp", "udp"] as const))];
      expect(
        found.every((port, at) => port > (found[at - 1] ?? 0) && port <= 65535),
        text,
      ).toBe(true);
    } catch (error) {
      expect(error, JSON.stringify(text)).toBeInstanceOf(ScanError);
      expect((error as Error).message).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    }
  }
});

test(`targets: without permission nothing but this machine, whatever is typed (seed ${SEED})`, async () => {
  const machine = {
    interfaces: {},
    platform: "linux" as const,
    // A resolver that says what it likes.
    lookup: async () =>
      Array.from({ length: random(3) + 1 }, () => ({
        address: pick(["127.0.0.1", "8.8.8.8", "::ffff:8.8.8.8", "::1"]),
        family: 4,
      })),
  };
  for (let round = 0; round < ROUNDS; round++) {
    const text = some(TARGET_PIECES, 6);
    try {
      for (const { address, own } of await findTargets(text, { machine })) {
        expect(
          own && isIP(address) > 0 && /^127\./.test(address),
          `${JSON.stringify(text)}: ${address}`,
        ).toBe(true);
      }
    } catch (error) {
      expect(error, JSON.stringify(text)).toBeInstanceOf(ScanError);
    }
  }
});

test(`banners: one line that does nothing, from any bytes (seed ${SEED})`, () => {
  const pieces = [
    "\u001b[2J",
    "<script>",
    "HTTP/1.1 200 ",
    "\r\n",
    "Server: ",
    "ä",
    "😀",
    "\u202e",
    "\u0000",
    "\\",
    "a",
    "\u200b",
    "\ufeff",
  ].map((text) => Buffer.from(text));
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Buffer.concat(
      Array.from({ length: random(12) }, () =>
        random(3) === 0 ? Buffer.from([random(256), random(256)]) : pick(pieces),
      ),
    );
    for (const text of [escapeBytes(bytes), summary(bytes)])
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
});
