import { expect, test } from "vitest";
import type { Json, Message } from "../../src/flow.js";
import { encodeMessage } from "../../src/message/encode.js";
import { createHeaders } from "../../src/message/header.js";
import { leftBy } from "../collect.js";

const headers = createHeaders("me");

function messageOf(content: Json, parent_header: Message["parent_header"] = {}): Message {
  return {
    channel: "iopub",
    identities: [],
    header: headers("stream"),
    parent_header,
    metadata: {},
    content,
    buffers: [],
  };
}

function written(content: Json): string {
  return encodeMessage(messageOf(content))[3].toString();
}

test("text comes through as it is, whatever it holds", () => {
  const content = { text: 'é😀\u2028 \\ud800 "\0', list: [1.5, null, true] };
  expect(JSON.parse(written(content))).toEqual(content);
});

test("half a surrogate pair becomes the replacement character, in values and in keys", () => {
  expect(JSON.parse(written({ text: "a\ud83d", nested: [{ "\udc00": "\udc00b" }] }))).toEqual({
    text: "a\ufffd",
    nested: [{ "\ufffd": "\ufffdb" }],
  });
});

test("what is nested so deeply that clients cannot read it is refused, on every version of V8", () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: [deep(levels - 2)] });
  expect(JSON.parse(written({ deep: deep(400) }))).toEqual({ deep: deep(400) });
  expect(() => written({ deep: deep(600) })).toThrow(RangeError);
});

test("numbers that JSON does not know become null", () => {
  expect(written({ a: Number.NaN, b: Number.POSITIVE_INFINITY })).toBe('{"a":null,"b":null}');
});

test("headers have ids that never repeat, one session, and a date with its zone", () => {
  const newHeader = createHeaders("me");
  const headers = Array.from({ length: 1000 }, () => newHeader("status"));
  expect(new Set(headers.map((header) => header.msg_id)).size).toBe(1000);
  expect(new Set(headers.map((header) => header.session)).size).toBe(1);
  expect(headers[0]?.date).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(createHeaders("me")("status").session).not.toBe(headers[0]?.session);
});

test("headers that are remembered keep nothing else in memory", async () => {
  const parents = Array.from({ length: 4000 }, () => headers("execute_request"));
  const bytes = await leftBy(() => {
    for (const parent of parents) encodeMessage(messageOf({ text: "x".repeat(2000) }, parent));
  });
  expect(bytes).toBeLessThan(1_000_000);
});
