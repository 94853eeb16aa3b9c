import { expect, test } from "vitest";
import { joinFrames, splitFrames } from "../../src/wire/frames.js";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const parts = ["h", "p", "m", "c"].map(bytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

test.each([0, 1, 3])("a message with %d routing frames keeps them, and its buffers", (count) => {
  const envelope = {
    identities: Array.from({ length: count }, (_, i) => bytes(`id ${i}`)),
    signature: bytes("signature"),
    parts,
    buffers: [bytes("one"), bytes("")],
  };
  expect(splitFrames(joinFrames(envelope))).toEqual(envelope);
});

test("the first delimiter counts, so a buffer may look like one", () => {
  const frames = joinFrames({ identities: [], signature: bytes("s"), parts, buffers: [bytes("<IDS|MSG>")] });
  expect(splitFrames(frames)?.buffers).toEqual([bytes("<IDS|MSG>")]);
});

test.each([
  ["nothing", []],
  ["no delimiter", ["a", "s", "h", "p", "m", "c"]],
  ["a part too few", ["<IDS|MSG>", "s", "h", "p", "m"]],
  ["half a delimiter", ["<IDS|", "s", "h", "p", "m", "c"]],
])("%s is no message", (_, frames) => {
  expect(splitFrames(frames.map(bytes))).toBeUndefined();
});

test("a message of thousands of frames is no message, whatever is in it", () => {
  const many = (count: number) =>
    joinFrames({
      identities: [],
      signature: bytes("s"),
      parts,
      buffers: Array.from({ length: count }, () => bytes("")),
    });
  expect(splitFrames(many(1000))?.buffers).toHaveLength(1000);
  expect(splitFrames(many(5000))).toBeUndefined();
});
