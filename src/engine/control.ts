// The engine's control worker: a thread that no cell can block. It owns the connection to the supervisor, hands commands
// to the main thread, copies out what the ring holds, and interrupts. When the supervisor is gone it ends the process,
// whatever the main thread is doing.
import { connect } from "node:net";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Command, Event } from "../flow.js";
import { Debugging } from "./debugging.js";
import { Interrupter } from "./interrupt.js";
import { openShared, takeCommitted, toFrame, Word } from "./ring.js";
import { enter } from "./running.js";
import { Inspection } from "./values.js";

const port = parentPort as NonNullable<typeof parentPort>;
const shared = openShared(workerData.shared);
const socket = connect(workerData.path as string);
socket.write(Buffer.from(workerData.token as string, "hex"));
const inspection = new Inspection();
const prompt = workerData.prompt as MessagePort;
const debugging = new Debugging({
  notify(method, params) {
    // What was printed before a stop is shown before it.
    drain();
    say({ type: "inspector", method, params });
  },
  watchExceptions: (on) => Atomics.store(shared.words, Word.exceptions as number, on ? 1 : 0),
  own: new URL("./", import.meta.url).href,
});
const interrupter = new Interrupter({
  shared,
  post: (message) => port.postMessage(message),
  inspection,
  debugging,
  recovered: () => drain(),
  giveUp: () => die(),
});

function die(): void {
  try {
    process.kill(process.platform === "win32" ? process.pid : -process.pid, "SIGKILL");
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
}
let ending = false;
for (const event of ["error", "close"]) socket.on(event, () => ending || die());

// ── out: ring → socket, no faster than the supervisor reads
let blocked = false;
function drain(): void {
  Atomics.store(shared.words, Word.wake as number, 0);
  while (!blocked) {
    const chunk = takeCommitted(shared);
    if (!chunk) return;
    blocked = !socket.write(chunk);
  }
}
socket.on("drain", () => {
  blocked = false;
  drain();
});

// What is taken from the ring is always whole frames, so the worker's own fit between.
function say(event: Event): void {
  socket.write(toFrame(JSON.stringify(event)));
}

port.on("message", (message: { type: string }) => {
  if (message.type === "wake") drain();
  if (message.type === "end") end();
});

// The main thread has said its last word: it may go once that has left.
function end(): void {
  ending = true;
  inspection.close();
  drain();
  if (blocked) socket.once("drain", end);
  else socket.end(() => port.postMessage({ type: "ended" }));
}

// ── in: socket → main thread
let pending: Buffer = Buffer.alloc(0);
socket.on("data", (chunk: Buffer) => {
  pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
  while (pending.length >= 4) {
    const size = 4 + pending.readUInt32LE(0);
    if (pending.length < size) return;
    const command = JSON.parse(pending.toString("utf8", 4, size)) as Command;
    pending = pending.subarray(size);
    obey(command);
  }
});

// Commands that would run code wait until an interrupt is over, so that a late termination hits nothing but a no-op.
function obey(command: Command): void {
  switch (command.type) {
    case "interrupt":
      if (command.run !== undefined) {
        const runs = [command.run];
        interrupter.afterwards(() => port.postMessage({ type: "interrupt", runs, alone: true }));
        say({ type: "reply", id: command.id, value: true });
        return;
      }
      void interrupter.interrupt().then((value) => say({ type: "reply", id: command.id, value }));
      return;
    case "complete":
      void inspection
        .complete(command.expression, command.prefix)
        .then((value) => say({ type: "reply", id: command.id, value }));
      return;
    case "inspect":
      void inspection
        .inspect(command.expression, command.detail)
        .then((value) => say({ type: "reply", id: command.id, value }));
      return;
    case "inspector":
      void debugging
        .post(command.method, command.params)
        .then((value) => say({ type: "reply", id: command.id, value }));
      return;
    case "inspectorOff":
      debugging.off();
      return;
    case "return":
      // A synchronous prompt sleeps on the word; an asynchronous one hears the message.
      if (Atomics.load(shared.words, Word.prompt as number) === command.id) {
        prompt.postMessage(command);
        Atomics.store(shared.words, Word.prompt as number, 0);
        Atomics.notify(shared.words, Word.prompt as number);
      } else port.postMessage(command);
      return;
    default:
      interrupter.afterwards(() => {
        // Set here and not by the main thread: a run that is lost to a late termination can then still be interrupted.
        if (command.type === "run") enter(shared, command.job.run);
        port.postMessage(command);
      });
  }
}
