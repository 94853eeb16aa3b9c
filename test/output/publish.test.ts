import { expect, test } from "vitest";
import type { Json } from "../../src/flow.js";
import { createPacing, unpaced } from "../../src/output/pacing.js";
import { createPublisher, type Publisher, type PublisherOptions } from "../../src/output/publish.js";
import { splitText } from "../../src/output/split-text.js";

interface Sent {
  msgType: string;
  content: Json;
}

function publisher(options: Partial<PublisherOptions> = {}): {
  output: Publisher;
  sent: Sent[];
  pauses: string[];
} {
  const sent: Sent[] = [];
  const pauses: string[] = [];
  const output = createPublisher({
    async send(msgType, content) {
      sent.push({ msgType, content });
      return 100;
    },
    pause: () => void pauses.push("pause"),
    resume: () => void pauses.push("resume"),
    pacing: () => unpaced,
    sourceOf: () => undefined,
    ...options,
  });
  return { output, sent, pauses };
}

const target = { parent: {}, silent: false, executionCount: 1 };
const other = { ...target };
const stream = (text: string, name: "stdout" | "stderr" = "stdout") =>
  ({ type: "stream", run: 1, name, text }) as const;
const texts = (sent: Sent[]) => sent.map(({ content }) => content.text);

test("small writes to one stream become one message, and a change of stream or of cell keeps the order", async () => {
  const { output, sent } = publisher();
  output.event(target, stream("a"));
  output.event(target, stream("b"));
  output.event(target, stream("c", "stderr"));
  output.event(other, stream("d", "stderr"));
  output.event(target, stream("e"));
  await output.flushed();
  expect(texts(sent)).toEqual(["ab", "c", "d", "e"]);
});

test("a write leaves by itself, without a flush", async () => {
  const { output, sent } = publisher();
  output.event(target, stream("alone"));
  await expect.poll(() => texts(sent)).toEqual(["alone"]);
});

test("a flush waits for what was written before it, not for those who go on writing", async () => {
  const seen: string[] = [];
  const { output } = publisher({
    async send(_, { text }) {
      seen.push(String(text));
      await new Promise((resolve) => setImmediate(resolve));
      // Somebody else's cell prints without end.
      if (seen.length < 1000) output.event(seen.length % 2 ? target : other, stream(`more ${seen.length}`));
      return 100;
    },
  });
  output.event(target, stream("first"));
  output.event(other, stream("second"));
  await output.flushed();
  expect(seen.slice(0, 2)).toEqual(["first", "second"]);
  expect(seen.length).toBeLessThan(100);
});

test("what was written stands before a display, an error and a clear", async () => {
  const { output, sent } = publisher();
  const bundle = { data: { "text/plain": "x" }, metadata: {} };
  output.event(target, stream("1"));
  output.event(target, { type: "display", run: 1, bundle, displayId: "id" });
  output.event(target, stream("2"));
  output.event(target, { type: "clear", run: 1, wait: true });
  output.event(target, { type: "display", run: 1, bundle, displayId: "id", update: true });
  await output.flushed();
  expect(sent.map(({ msgType }) => msgType)).toEqual([
    "stream",
    "display_data",
    "stream",
    "clear_output",
    "update_display_data",
  ]);
  expect(sent[1]?.content.transient).toEqual({ display_id: "id" });
});

test.each([
  ["2 MB", 2 * 1024 * 1024, unpaced],
  ["512 KB where sending is paced", 512 * 1024, { ...unpaced }],
])(
  "a text of many megabytes is cut into messages of at most %s, and no character is cut",
  async (_, size, pacing) => {
    const { output, sent } = publisher({ pacing: () => pacing });
    const text = `a${"😀é".repeat(1_000_000)}`;
    output.event(target, stream(text));
    await output.flushed();
    expect(texts(sent).join("") === text).toBe(true);
    for (const piece of texts(sent) as string[]) {
      expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(size);
      expect(piece.isWellFormed()).toBe(true);
    }
    expect(sent.length).toBeLessThan(2 * Math.ceil(6_000_001 / size));
  },
);

test("when readers are slow the engine is paused until they have caught up", async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { output, pauses } = publisher({ send: () => held.then(() => 100) });
  for (let i = 0; i < 40; i++) output.event(target, stream("x".repeat(256 * 1024)));
  expect(pauses).toEqual(["pause"]);
  release();
  await output.flushed();
  expect(pauses).toEqual(["pause", "resume"]);
});

test("a message that cannot be written is replaced by a line that says so, and the next ones follow", async () => {
  const sent: string[] = [];
  const { output } = publisher({
    async send(msgType) {
      if (msgType === "display_data") throw new RangeError("too deep");
      sent.push(msgType);
      return 100;
    },
  });
  output.event(target, { type: "display", run: 1, bundle: { data: {}, metadata: {} } });
  output.event(target, stream("next"));
  await output.flushed();
  expect(sent).toEqual(["stream", "stream"]);
});

test("before idle, clients hear how much one that was left behind may have lost, once", async () => {
  const { output, sent } = publisher();
  output.leftBehind(1000);
  output.event(target, stream("lost too"));
  await output.flushed();
  for (let i = 0; i < 2; i++) output.message("status", { execution_state: "idle" }, {});
  await output.flushed();
  expect(sent.map(({ msgType }) => msgType)).toEqual(["stream", "display_data", "status", "status"]);
  expect(sent[1]?.content).toMatchObject({
    data: { "text/plain": expect.stringContaining("up to 1100 bytes") },
  });
});

test("a paced kernel never sends more in three seconds than a Jupyter server forwards by default", () => {
  const pacing = createPacing();
  const sent: { at: number; bytes: number }[] = [];
  let now = 0;
  for (let i = 0; i < 200; i++) {
    // Sometimes the cell is quiet for a while and then prints a lot.
    if (i % 50 === 0) now += 10_000;
    now += pacing.wait(now);
    const bytes = i % 7 === 0 || i > 150 ? 512 * 1024 : 20_000;
    pacing.spent("stream", bytes, now);
    sent.push({ at: now, bytes });
    const window = sent.filter(({ at }) => at > now - 3000).reduce((sum, message) => sum + message.bytes, 0);
    // What the server reads late comes closer together.
    expect(window).toBeLessThanOrEqual(2_800_000);
  }
});

test("a paced kernel never sends more than a thousand messages a second over three seconds", () => {
  const pacing = createPacing();
  const sent: number[] = [];
  let now = 0;
  for (let i = 0; i < 10_000; i++) {
    now += pacing.wait(now);
    pacing.spent("display_data", 500, now);
    sent.push(now);
    expect(sent.findLastIndex((at) => at <= now - 3000) + 3000).toBeGreaterThanOrEqual(sent.length);
  }
});

test("short text is not cut, and long text falls into pieces that give it back", () => {
  expect(splitText("", 10)).toEqual([""]);
  expect(splitText("abc", 4)).toEqual(["abc"]);
  const pieces = splitText("😀".repeat(9), 10);
  expect(pieces.join("")).toBe("😀".repeat(9));
  expect(pieces.every((piece) => Buffer.byteLength(piece) <= 10 && piece.isWellFormed())).toBe(true);
});

test("what a paced kernel has not yet sent of a cell can be taken back, and other cells' output still leaves", async () => {
  const pacing = createPacing({ bytesPerSecond: 1e9, messagesPerSecond: 100, burst: 0.05 });
  const { output, sent } = publisher({ pacing: () => pacing });
  const mine = { ...target, parent: { ...header("mine") } };
  const yours = { ...target, parent: { ...header("yours") } };
  const names = ["stdout", "stderr"] as const;
  for (let i = 0; i < 100; i++) output.event(mine, stream(`${i} `, names[i % 2]));
  output.event(yours, stream("yours"));
  const taken: string[] = [];
  const undo = output.divert(mine, (text) => void taken.push(text));
  output.event(mine, stream("more"));
  undo();
  output.event(mine, stream("after"));
  await output.flushed();
  expect(sent.length).toBeLessThan(50);
  expect([...texts(sent.slice(0, -2)), ...taken].join("")).toBe(
    `${Array.from({ length: 100 }, (_, i) => `${i} `).join("")}more`,
  );
  expect(texts(sent).slice(-2)).toEqual(["yours", "after"]);
});

function header(msg_id: string) {
  return { msg_id, session: "s", username: "u", date: "", msg_type: "execute_request", version: "5.4" };
}
