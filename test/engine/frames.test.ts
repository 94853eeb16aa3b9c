// What leaves the engine: chunks of the ring, sent by two threads, read once.
import { describe, expect, test } from "vitest";
import { CommandReader, FrameReader, Kind, toChunk, toCommandFrame } from "../../src/engine/frames.js";
import { descriptorOf } from "../../src/engine/outgoing.js";
import { copyCommitted, createShared, openShared, RingWriter, taken } from "../../src/engine/ring.js";
import type { Command } from "../../src/flow.js";

const ring = () => {
  const shared = openShared(createShared());
  const writer = new RingWriter(shared, { wake() {}, send: () => false });
  const say = (value: unknown): void => writer.event(JSON.stringify(value));
  /** @param options.remember is the place of the chunk free from now on? */
  const chunk = ({ remember = true } = {}): Buffer => {
    const bytes = copyCommitted(shared);
    if (!bytes) throw new Error("nothing is committed");
    if (remember) taken(shared, bytes);
    return bytes;
  };
  return { writer, say, chunk };
};
const read = (...pieces: Buffer[]): unknown[] => {
  const reader = new FrameReader();
  return pieces
    .flatMap((piece) => reader.push(piece))
    .map(({ kind, payload }) =>
      kind === Kind.json ? JSON.parse(payload.toString("utf16le")) : payload.toString("utf8"),
    );
};

describe("chunks", () => {
  test("come as they were written, in pieces of any length", () => {
    const { say, writer, chunk } = ring();
    say({ type: "one" });
    writer.text(Kind.stdout as number, 3, "größer");
    const first = chunk();
    say("two");
    const all = Buffer.concat([first, toChunk('"worker"'), chunk()]);
    const expected = [{ type: "one" }, "größer", "worker", "two"];
    expect(read(all)).toEqual(expected);
    for (const length of [1, 2, 7, 11, 64]) {
      const pieces = Array.from({ length: Math.ceil(all.length / length) }, (_, i) =>
        all.subarray(i * length, (i + 1) * length),
      );
      expect(read(...pieces)).toEqual(expected);
    }
  });

  test("that were sent again, because their sender did not remember, are read once", () => {
    const { say, chunk } = ring();
    say(1);
    const forgotten = chunk({ remember: false });
    say(2);
    const again = chunk({ remember: false });
    const third = chunk();
    say(3);
    expect(read(forgotten, again, toChunk('"worker"'), third, chunk())).toEqual([1, 2, "worker", 3]);
  });

  test("are read once also where the ring begins anew", () => {
    const { say, writer, chunk } = ring();
    const reader = new FrameReader();
    const text = "x".repeat(100_000);
    let length = 0;
    // More than 2³² bytes would take too long: the ring's own end comes every four megabytes.
    for (let i = 0; i < 100; i++) {
      writer.text(Kind.stdout as number, 1, text);
      for (const one of [chunk({ remember: false }), chunk()])
        for (const { payload } of reader.push(one)) length += payload.length;
    }
    expect(length).toBe(100 * text.length);
    say("end");
    expect(reader.push(chunk())).toHaveLength(1);
  });
});

describe("commands", () => {
  test("say whose they are, and which run begins, in pieces of any length", () => {
    const run = { type: "run", job: { run: 7, label: "größer" } } as unknown as Command;
    const commands: Command[] = [
      run,
      { type: "complete", id: 1, expression: null, prefix: "a" },
      { type: "shutdown" },
    ];
    const all = Buffer.concat(commands.map(toCommandFrame));
    for (const length of [1, 8, 10, 1000]) {
      const reader = new CommandReader();
      const found = Array.from({ length: Math.ceil(all.length / length) }, (_, i) => [
        ...reader.push(all.subarray(i * length, (i + 1) * length)),
      ]).flat();
      expect(found.map(({ json }) => JSON.parse(json))).toEqual(commands);
      expect(found.map(({ forMain, run }) => [forMain, run])).toEqual([
        [true, 7],
        [false, 0],
        [true, 0],
      ]);
    }
  });
});

test("only Linux takes what is short whole, so only there two threads write to one socket", () => {
  const socket = { _handle: { fd: 17 } } as never;
  expect(descriptorOf(socket, "linux")).toBe(17);
  for (const platform of ["darwin", "win32"] as const) expect(descriptorOf(socket, platform)).toBe(0);
  expect(descriptorOf({} as never, "linux")).toBe(0);
});
