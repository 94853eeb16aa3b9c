import { expect, test } from "vitest";
import { decodeMessage, type Parts } from "../../src/message/decode.js";

const header = { msg_id: "1", msg_type: "kernel_info_request", session: "s", extra: { kept: true } };

function parts(values: { header?: unknown; parent?: unknown; metadata?: unknown; content?: unknown }): Parts {
  const { header: h = header, parent = {}, metadata = {}, content = {} } = values;
  const bytes = (value: unknown) =>
    value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value));
  return { identities: [], parts: [bytes(h), bytes(parent), bytes(metadata), bytes(content)], buffers: [] };
}

test("a message keeps what this kernel does not know: keys of the header, metadata, buffers", () => {
  const buffers = [Buffer.from([0, 255])];
  const given = { ...parts({ metadata: { a: 1 }, content: { code: "é😀" } }), buffers };
  expect(decodeMessage("shell", given)).toEqual({
    channel: "shell",
    identities: [],
    header,
    parent_header: {},
    metadata: { a: 1 },
    content: { code: "é😀" },
    buffers,
  });
});

test("null where there is no parent and no metadata is as good as an empty object", () => {
  expect(decodeMessage("shell", parts({ parent: null, metadata: null }))).toMatchObject({
    parent_header: {},
    metadata: {},
  });
});

test.each([
  ["header.msg_id", { header: { ...header, msg_id: 5 } }],
  ["header.msg_type", { header: { msg_id: "1", session: "s" } }],
  ["header is not an object", { header: [] }],
  ["content is not an object", { content: null }],
  ["content is not JSON in UTF-8", { content: Buffer.from("{") }],
  ["content is not JSON in UTF-8", { content: Buffer.from([0x7b, 0xff, 0x7d]) }],
  [
    "content is nested deeper",
    { content: Buffer.from(`{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`) },
  ],
  ["header is longer than", { header: { ...header, username: "x".repeat(70_000) } }],
  ["parent_header is longer than", { parent: { msg_id: "x".repeat(70_000) } }],
  ["header is nested deeper", { header: Buffer.from(`${'{"a":'.repeat(1000)}1${"}".repeat(1000)}`) }],
])("a message is refused because its %s", (reason, values) => {
  expect(() => decodeMessage("shell", parts(values))).toThrow(reason);
});

test("brackets in a text are not depth", () => {
  const code = `"\\"${"[{".repeat(10_000)}`;
  expect(decodeMessage("shell", parts({ content: { code } })).content.code).toBe(code);
});
