import { createHash } from "node:crypto";
import { Subscriber } from "zeromq";
import { treeMemory } from "../../../bench/memory.js";
import type { Message } from "../../../src/flow.js";
import { type Kernel, startKernel } from "../kernel.js";
import { type Context, type Figure, type Scenario, violationsOf } from "../scenario.js";

export const flood: Scenario = {
  title:
    "more output than anybody can read: lines in one tick, one long string, displays, a reader that stalls",
  async run(context: Context): Promise<Figure[]> {
    return [
      ...(await lines(context)),
      ...(await longString(context)),
      ...(await displays(context)),
      ...(await stalled(context)),
    ];
  },
};

/** The most that the kernel's processes had while `work` went on, above what they had before. */
async function grownDuring(kernel: Kernel, work: () => Promise<void>): Promise<number> {
  const before = treeMemory(kernel.pid) ?? 0;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, treeMemory(kernel.pid) ?? 0);
  }, 100);
  await work();
  clearInterval(timer);
  return most - before;
}

async function lines({ full, node, say }: Context): Promise<Figure[]> {
  const count = full ? 1_000_000 : 100_000;
  await using kernel = await startKernel({ node });
  const { client } = kernel;
  await client.execute("%types off");
  await client.execute("for (let i = 0; i < 20000; i++) console.log('warm ' + i)");
  say(`${count} lines in one tick`);
  const expected = createHash("sha256");
  const line = (i: number): string => `line ${i} ${"x".repeat(38)}\n`;
  for (let i = 0; i < count; i++) expected.update(line(i));
  const got = createHash("sha256");
  let messages = 0;
  let after = 0;
  let idle = false;
  let watching = true;
  client.onMessage = ({ header, content, channel }) => {
    if (!watching || channel !== "iopub") return;
    if (header.msg_type === "stream") {
      got.update(String(content.text));
      messages++;
      if (idle) after++;
    } else if (content.execution_state === "idle") idle = true;
  };
  let seconds = 0;
  const grown = await grownDuring(kernel, async () => {
    const began = performance.now();
    await client.execute(
      `for (let i = 0; i < ${count}; i++) console.log("line " + i + " " + "x".repeat(38))`,
      {},
      { patience: 120_000 },
    );
    seconds = (performance.now() - began) / 1000;
  });
  watching = false;
  const entered = new Promise<void>((resolve) => {
    client.onMessage = ({ header }) => {
      if (header.msg_type === "stream") resolve();
    };
  });
  const endless = client.execute(
    "for (;;) console.log('again and again and again')",
    {},
    { patience: 60_000 },
  );
  await entered;
  client.onMessage = undefined;
  const began = performance.now();
  await client.request("interrupt_request", {}, { channel: "control" });
  await endless;
  const interrupted = performance.now() - began;
  return [
    { what: "lines printed in one tick", value: count },
    {
      what: "bytes lost or out of order",
      value: expected.digest("hex") === got.digest("hex") ? 0 : 1,
      most: 0,
    },
    { what: "messages after idle", value: after, most: 0 },
    { what: "stream messages a second", value: messages / Math.max(1, seconds), most: 50, timed: true },
    { what: "memory grown meanwhile", value: grown, unit: "MB", most: 64, timed: true },
    { what: "interrupt of an endless flood", value: interrupted, unit: "ms", most: 500, timed: true },
    violationsOf([client]),
  ];
}

async function longString({ full, node, say }: Context): Promise<Figure[]> {
  const megabytes = full ? 100 : 10;
  await using kernel = await startKernel({ node });
  say(`one string of ${megabytes} MB`);
  let length = 0;
  let wrong = 0;
  kernel.client.onMessage = ({ header, content }) => {
    if (header.msg_type !== "stream") return;
    const text = String(content.text);
    length += text.length;
    if (/[^0-9\n]/.test(text)) wrong++;
  };
  await kernel.client.execute(
    `console.log("0123456789".repeat(${megabytes * 100_000}))`,
    {},
    { patience: 120_000 },
  );
  return [
    {
      what: `characters lost of one ${megabytes} MB string`,
      value: Math.abs(megabytes * 1_000_000 + 1 - length) + wrong,
      most: 0,
    },
  ];
}

async function displays({ full, node, say }: Context): Promise<Figure[]> {
  const count = full ? 10_000 : 1000;
  await using kernel = await startKernel({ node });
  say(`${count} displays`);
  await kernel.client.execute("%types off");
  const { outputs } = await kernel.client.execute(
    `for (let i = 0; i < ${count}; i++) display("shown " + i)`,
    {},
    { patience: 120_000 },
  );
  const shown = outputs
    .filter(({ header }: Message) => header.msg_type === "display_data")
    .map(({ content }) => (content.data as { "text/plain": string })["text/plain"]);
  const right = shown.filter((text, i) => text === `'shown ${i}'`).length;
  return [
    {
      what: `displays lost or out of order of ${count}`,
      value: count - right + Math.abs(shown.length - count),
      most: 0,
    },
  ];
}

/** One subscriber reads nothing at all; the other must lose nothing, and the kernel must not grow. */
async function stalled({ full, node, say }: Context): Promise<Figure[]> {
  const count = full ? 400_000 : 100_000;
  await using kernel = await startKernel({ node });
  const { client, connection } = kernel;
  say("a reader that stalls");
  await client.execute("%types off");
  const sleeper = new Subscriber({ linger: 0, receiveHighWaterMark: 10 });
  sleeper.connect(`tcp://${connection.ip}:${connection.ports.iopub}`);
  sleeper.subscribe();
  await new Promise((resolve) => setTimeout(resolve, 300));
  let received = 0;
  client.onMessage = ({ header, content }) => {
    if (header.msg_type === "stream" && content.name === "stdout")
      received += (String(content.text).match(/\n/g) ?? []).length;
  };
  const grown = await grownDuring(kernel, async () => {
    await client.execute(
      `for (let i = 0; i < ${count}; i++) console.log("line " + i + " " + "x".repeat(90))`,
      {},
      { patience: 180_000 },
    );
  });
  sleeper.close();
  return [
    { what: "lines lost by the reader that reads, beside one that stalls", value: count - received, most: 0 },
    { what: "memory grown beside a reader that stalls", value: grown, unit: "MB", most: 64, timed: true },
  ];
}
