// The engine as the supervisor sees it: a child process in a group of its own, a local socket for what is said between
// the two, and its raw output (child processes that inherit it, native code) as streams of the current run.
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { constants } from "node:os";
import type { Command, Event } from "../flow.js";
import { openDoor } from "./door.js";
import { FrameReader, isForMain, Kind, type RawFrame, toCommandFrame } from "./frames.js";
import { readRaw } from "./raw-output.js";

export interface EngineProcess {
  readonly pid: number;
  send(command: Command): void;
  /** Stop reading events: the engine's ring fills, and the code that prints waits. */
  pause(): void;
  resume(): void;
  /** `shutdown`, then SIGKILL of the whole process group after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

export interface EngineExit {
  code: number | null;
  signal: string | null;
  /** One line of why, for people. */
  reason: string;
}

export interface EngineOptions {
  engineFile: string;
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Walls around it. */
  sandbox?: {
    enclose(launch: Launch, door: string): Launch;
    watch(pid: number): { breach(): string | undefined; stop(): void };
  };
  onEvent(event: Event): void;
  onExit(exit: EngineExit): void;
}

/** How it is started. */
interface Launch {
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  uid?: number;
}

const FLAGS = [
  // Without this flag Node aborts when the callback of a timer or a socket is terminated.
  "--no-force-async-hooks-checks",
  "--disable-warning=ExperimentalWarning",
  // Whoever prints a million lines needs 20 MB less, and next to no more time.
  "--max-semi-space-size=4",
];
/** How long the streams of an engine that has ended are still read. */
const STREAMS_MS = 250;
export function startEngine(options: EngineOptions): EngineProcess {
  const waiting: Buffer[] = [];
  const sockets: { worker?: Socket; main?: Socket } = {};
  /** The newest run, to which belongs what has no other sign. */
  let run = 0;
  /** The runs that are not over; those that were interrupted, and those that passed the worker by. */
  const open = new Map<number, { interrupted: boolean; straight: boolean }>();
  let paused = false;
  let garbled = false;

  const door = openDoor((who, socket) => {
    sockets[who] = socket;
    if (who === "main") {
      socket.once("close", () => delete sockets.main).resume();
      return;
    }
    for (const frame of waiting.splice(0)) socket.write(frame);
    const reader = new FrameReader();
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const frame of reader.push(chunk)) receive(frame);
      } catch {
        // A cell wrote to this socket, or said what makes no sense. What comes next could not be read either.
        garbled = true;
        socket.destroy();
        killGroup(child);
      }
    });
    if (paused) socket.pause();
  });

  const bare: Launch = {
    file: process.execPath,
    args: [...FLAGS, options.engineFile],
    cwd: options.cwd,
    env: { ...(options.env ?? process.env), WIREBOOK_ENGINE: door.invitation },
  };
  const { file, args, uid, ...place } = options.sandbox?.enclose(bare, door.folder) ?? bare;
  const child = spawn(file, args, {
    ...place,
    ...(uid !== undefined && { uid, gid: uid }),
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const watch = child.pid === undefined ? undefined : options.sandbox?.watch(child.pid);

  let parts: Buffer[] = [];
  let eventNumber = 0;
  function receive(frame: RawFrame): void {
    if (frame.kind === Kind.stdout || frame.kind === Kind.stderr) {
      const name = frame.kind === Kind.stdout ? "stdout" : "stderr";
      options.onEvent({ type: "stream", run: frame.run, name, text: frame.payload.toString("utf8") });
      return;
    }
    if (frame.run !== eventNumber) parts = [];
    eventNumber = frame.run;
    parts.push(frame.payload);
    if (frame.kind === Kind.part) return;
    const event = JSON.parse(Buffer.concat(parts.splice(0)).toString("utf16le")) as Event;
    // A termination may hit the engine between saying something and remembering that it did: it says it twice then.
    if (event.type === "error" && event.error.ename === "Interrupted" && !event.error.origin) {
      const mine = open.get(event.run);
      if (event.run > 0 && (!mine || mine.interrupted)) return;
      if (mine) mine.interrupted = true;
    }
    if (event.type === "done") {
      if (!open.delete(event.run)) return;
      // Of those that still run, the newest.
      if (open.size > 0) run = Math.max(...open.keys());
      else if (route === "worker" && !behind) route = "main";
      raw.whenQuiet(() => options.onEvent(event));
    } else options.onEvent(event);
  }

  const raw = readRaw(child, (name, text) => options.onEvent({ type: "stream", run, name, text }));

  let ended = false;
  const gone = new Promise<void>((resolve) => {
    const end = (code: number | null, signal: string | null, error?: Error): void => {
      if (ended) return;
      ended = true;
      watch?.stop();
      door.close();
      let over = false;
      const finish = (): void => {
        if (over) return;
        over = true;
        sockets.worker?.destroy();
        sockets.main?.destroy();
        resolve();
        options.onExit({
          code,
          signal,
          reason: error
            ? `it could not be started (${error.message})`
            : garbled
              ? "its connection to the kernel was garbled; a cell wrote to a descriptor that it had not opened"
              : (watch?.breach() ?? why(code, watch ? signalOf(code, signal) : signal, raw.fatal())),
        });
      };
      // What it said last may still be on its way here; behind it comes the end of the connection.
      const { worker } = sockets;
      const connected = worker !== undefined && !worker.closed;
      if (connected) worker.once("close", finish).resume();
      setTimeout(finish, connected ? STREAMS_MS : 0);
    };
    // Its children go with it. One that left the group may keep the streams open: nobody waits for that.
    child.once("exit", (code, signal) => {
      killGroup(child);
      setTimeout(() => end(code, signal), STREAMS_MS);
    });
    child.once("close", end);
    child.once("error", (error) => end(null, null, error));
  });

  /**
   * What would run code goes straight to the main thread once nothing that went by the worker can be behind it; and for good by the
   * worker again after the first interrupt: a termination may hit the main thread in the middle of reading.
   */
  let route: "worker" | "main" | "worker only" = "worker";
  /** What is not a run was sent by the worker after the last run that was. */
  let behind = false;
  const send = (command: Command): void => {
    const forMain = isForMain(command);
    const straight = forMain && route === "main" && sockets.main !== undefined;
    if (command.type === "run") {
      run = command.job.run;
      open.set(run, { interrupted: false, straight });
    }
    if (forMain && !straight) behind = command.type !== "run";
    let sent = command;
    if (command.type === "interrupt") {
      route = "worker only";
      sent = { ...command, straight: [...open].flatMap(([one, { straight }]) => (straight ? [one] : [])) };
    }
    const frame = toCommandFrame(sent);
    const socket = straight ? sockets.main : sockets.worker;
    if (socket) socket.write(frame);
    else waiting.push(frame);
  };
  const hold = (stop: boolean): void => {
    paused = stop;
    for (const stream of [sockets.worker, child.stdout, child.stderr])
      stop ? stream?.pause() : stream?.resume();
  };
  return {
    pid: child.pid ?? 0,
    send,
    pause: () => hold(true),
    resume: () => hold(false),
    kill() {
      killGroup(child);
      // Whoever kills may be about to end without hearing of it.
      if (!sockets.worker) door.close();
    },
    async stop(graceMs) {
      if (ended) return;
      send({ type: "shutdown" });
      hold(false);
      const timer = setTimeout(() => killGroup(child), graceMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** The engine leads its group, so its children go with it. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore", windowsHide: true }).on(
      "error",
      () => child.kill("SIGKILL"),
    );
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}

/** Whoever stands around a program says by which signal it ended in a code above 128. */
function signalOf(code: number | null, signal: string | null): string | null {
  return Object.entries(constants.signals).find(([, number]) => number + 128 === code)?.[0] ?? signal;
}

/** Why an engine ended, in a student's words. */
export function why(code: number | null, signal: string | null, fatal: string): string {
  if (/out of memory|allocation failed|Reached heap limit/i.test(fatal)) return "it ran out of memory";
  if (signal === "SIGKILL") return "killed by SIGKILL (the system does that when memory runs out)";
  if (signal) return `killed by ${signal}`;
  return `its process ended with exit code ${code}`;
}
