// The engine's control worker: a thread that no cell can block. It owns the connection to the supervisor, hands commands
// to the main thread, copies out what the ring holds, and interrupts. When the supervisor is gone it ends the process,
// whatever the main thread is doing.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Command } from "../flow.js";
import { Debugging } from "./debugging.js";
import { enterBy } from "./door.js";
import { CommandReader } from "./frames.js";
import { Interrupter } from "./interrupt.js";
import { createOutgoing, descriptorOf } from "./outgoing.js";
import { Reader } from "./read.js";
import { openShared, Word } from "./ring.js";
import { enter } from "./running.js";
import { Inspection } from "./values.js";

const port = parentPort as NonNullable<typeof parentPort>;
const shared = openShared(workerData.shared);
const socket = enterBy(workerData.invitation as string, "worker");
socket.once("connect", () => Atomics.store(shared.words, Word.socket as number, descriptorOf(socket)));
const outgoing = createOutgoing(shared, socket);
const inspection = new Inspection();
const reader = new Reader();
const prompt = workerData.prompt as MessagePort;
const debugging = new Debugging({
  notify(method, params) {
    // What was printed before a stop is shown before it.
    outgoing.say({ type: "inspector", method, params });
  },
  watchExceptions: (on) => Atomics.store(shared.words, Word.exceptions as number, on ? 1 : 0),
  own: new URL("./", import.meta.url).href,
});
const interrupter = new Interrupter({
  shared,
  post: (message) => port.postMessage(message),
  strike: (interrupt, options) => inspection.strike(interrupt, options),
  debugging,
  recovered: () => outgoing.drain(),
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

port.on("message", (message: { type: string }) => {
  if (message.type === "wake") outgoing.drain();
  if (message.type === "end") end();
});

// The main thread has said its last word: it may go once that has left.
function end(): void {
  ending = true;
  inspection.close();
  reader.close();
  outgoing.end(() => port.postMessage({ type: "ended" }));
}

// ── in: socket → main thread
const commands = new CommandReader();
socket.on("data", (chunk: Buffer) => {
  for (const { json, forMain, run } of commands.push(chunk))
    forMain ? pass(json, run) : obey(JSON.parse(json));
});

// Commands that would run code wait until an interrupt is over, so that a late termination hits nothing but a no-op.
function pass(json: string, run: number): void {
  interrupter.afterwards(() => {
    // Set here and not by the main thread: a run that is lost to a late termination can then still be interrupted.
    if (run > 0) enter(shared, run);
    port.postMessage(json);
  });
}

function obey(command: Command): void {
  switch (command.type) {
    case "interrupt":
      for (const run of command.straight ?? []) enter(shared, run);
      if (command.run !== undefined) {
        const runs = [command.run];
        interrupter.afterwards(() => port.postMessage({ type: "interrupt", runs, alone: true }));
        outgoing.say({ type: "reply", id: command.id, value: true });
        return;
      }
      void interrupter.interrupt().then((value) => outgoing.say({ type: "reply", id: command.id, value }));
      return;
    case "complete":
      void inspection
        .complete(command.expression, command.prefix)
        .then((value) => outgoing.say({ type: "reply", id: command.id, value }));
      return;
    case "inspect":
      void inspection
        .inspect(command.expression, command.detail)
        .then((value) => outgoing.say({ type: "reply", id: command.id, value }));
      return;
    case "read":
      interrupter.afterwards(() => {
        void reader
          .read("__wirebook.held()")
          .then((value) => outgoing.say({ type: "reply", id: command.id, value }));
      });
      return;
    case "inspector":
      void debugging
        .post(command.method, command.params)
        .then((value) => outgoing.say({ type: "reply", id: command.id, value }));
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
  }
}
