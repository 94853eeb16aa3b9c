// Whoever does not have the key: messages and bytes of all kinds to a kernel's ports.
import { connect, type Socket } from "node:net";
import { Dealer, XSubscriber } from "zeromq";
import { createDice } from "./scenario.js";

export interface Attack {
  /** Where messages go. */
  ports: number[];
  /** Which of them echoes. */
  heartbeat?: number;
  /** Where whoever subscribes goes: a socket of another kind. */
  iopub?: number;
  /** Malformed multipart messages. */
  messages: number;
  /** Connections that speak something else. */
  connections: number;
  /** Messages as frames in base64, to be sent as they are. */
  forged?: string[];
  seed: number;
}

/** Prints how many answers came. */
export async function attack(plan: Attack): Promise<void> {
  let answers = 0;
  const dealers = plan.ports.map((port) => {
    const dealer = new Dealer({ linger: 0, sendHighWaterMark: 100, sendTimeout: 30_000 });
    dealer.connect(`tcp://127.0.0.1:${port}`);
    void (async () => {
      for await (const frames of dealer) {
        // A heartbeat echoes; nothing else may answer.
        if (port !== plan.heartbeat && frames.length > 0) answers++;
      }
    })().catch(() => {});
    return dealer;
  });
  const subscriber = new XSubscriber({ linger: 0, sendTimeout: 30_000 });
  if (plan.iopub !== undefined) subscriber.connect(`tcp://127.0.0.1:${plan.iopub}`);
  const dice = createDice(plan.seed);
  const strangers = strange(plan, createDice(plan.seed + 1));
  for (let i = 0; i < plan.messages; i++) {
    const frames = Array.from({ length: dice(8) === 0 ? dice(65) : 1 + dice(9) }, () => frame(dice));
    const at = i % (dealers.length + (plan.iopub === undefined ? 0 : 1));
    // No frame at all cannot be sent; an empty one can.
    if (frames.length === 0) frames.push(Buffer.alloc(0));
    // One frame is a subscription, or would be.
    await (at === dealers.length
      ? subscriber.send(frames[0] as Buffer)
      : (dealers[at] as Dealer).send(frames));
  }
  for (const [i, message] of (plan.forged ?? []).entries())
    await (dealers[i % dealers.length] as Dealer).send(
      (JSON.parse(message) as string[]).map((one) => Buffer.from(one, "base64")),
    );
  await strangers;
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (const socket of [...dealers, subscriber]) socket.close();
  console.log(JSON.stringify({ answers }));
}

const header = {
  msg_id: "x",
  msg_type: "execute_request",
  session: "s",
  username: "",
  version: "5.4",
  date: "2026-01-01T00:00:00Z",
};
const honest = [header, {}, {}, { code: "globalThis.pwned = true" }].map((part) =>
  Buffer.from(JSON.stringify(part)),
);
const deep = Buffer.from("[".repeat(200_000));
const long = Buffer.alloc(1024 * 1024, "0");
const huge = Buffer.alloc(64 * 1024 * 1024, "{");

function frame(dice: (below: number) => number): Buffer {
  // The large ones are rare: what is tried here is what they are taken for, not the memory's bandwidth.
  const rare = dice(20_000);
  if (rare === 0) return huge;
  if (rare < 20) return long;
  if (rare < 60) return deep;
  switch (dice(8)) {
    case 0:
    case 1:
      return Buffer.from("<IDS|MSG>");
    case 2:
      return Buffer.alloc(0);
    case 3:
      return Buffer.from(Array.from({ length: dice(64) }, () => dice(256)));
    case 4:
    case 5:
      return honest[dice(4)] as Buffer;
    case 6:
      return Buffer.from("0".repeat(64));
    default:
      return Buffer.from([0xff, 0xfe, 0xc0, dice(256)]);
  }
}

/** HTTP, TLS, rubbish, lengths of a gigabyte, and connections that say nothing; some dozens are open at a time. */
async function strange(plan: Attack, dice: (below: number) => number): Promise<void> {
  const { connections } = plan;
  const ports = [...plan.ports, ...(plan.iopub === undefined ? [] : [plan.iopub])];
  const open = new Set<Socket>();
  for (let i = 0; i < connections; i++) {
    const bytes = [
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      // ZMTP, and then a frame of a gigabyte, or of an exabyte.
      "\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\x40\0\0\0",
      "\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL\x02\x0f\xff\xff\xff\xff\xff\xff\xff",
      String.fromCharCode(...Array.from({ length: 1 + dice(300) }, () => dice(256))),
      "",
    ][i % 6] as string;
    const socket = connect(ports[i % ports.length] as number, "127.0.0.1");
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket));
    socket.resume();
    if (bytes) socket.write(Buffer.from(bytes, "latin1"));
    setTimeout(() => socket.destroy(), 50 + dice(400));
    while (open.size >= 40) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  while (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}
