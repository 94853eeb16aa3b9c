// The engine as the supervisor sees it: a child process in a group of its own, a local socket for what is said between
// the two, and its raw output (child processes that inherit it, native code) as streams of the current run.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { Command, Event } from "../flow.js";
import { FrameReader, Kind, type RawFrame } from "./ring.js";

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
  onEvent(event: Event): void;
  onExit(exit: EngineExit): void;
}

// Without this flag Node aborts when the callback of a timer or a socket is terminated.
const FLAGS = ["--no-force-async-hooks-checks", "--disable-warning=ExperimentalWarning"];
const TOKEN_BYTES = 32;

/** A name for the local socket that nobody else can take: a 0700 directory, on Windows an unguessable pipe. */
export function localAddress(platform: NodeJS.Platform = process.platform): { path: string; remove(): void } {
  if (platform === "win32") return { path: `\\\\.\\pipe\\wirebook-${randomBytes(16).toString("hex")}`, remove() {} };
  const directory = mkdtempSync(join(tmpdir(), "wirebook-"));
  return { path: join(directory, "engine"), remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export function startEngine(options: EngineOptions): EngineProcess {
  const address = localAddress();
  const token = randomBytes(TOKEN_BYTES);
  const waiting: Buffer[] = [];
  let socket: Socket | undefined;
  let run = 0;
  let finished = 0;
  let fatal = "";

  const server = createServer((candidate) => {
    candidate.once("error", () => candidate.destroy());
    candidate.once("readable", () => {
      const first = candidate.read(TOKEN_BYTES) as Buffer | null;
      if (first?.length !== TOKEN_BYTES || !timingSafeEqual(first, token)) {
        candidate.destroy();
        return;
      }
      server.close();
      address.remove();
      socket = candidate;
      for (const frame of waiting.splice(0)) candidate.write(frame);
      const reader = new FrameReader();
      const parts: Buffer[] = [];
      candidate.on("data", (chunk: Buffer) => {
        for (const frame of reader.push(chunk)) receive(frame, parts);
      });
    });
  });
  server.listen(address.path);

  const child = spawn(process.execPath, [...FLAGS, options.engineFile], {
    cwd: options.cwd,
    env: { ...(options.env ?? process.env), WIREBOOK_ENGINE: `${token.toString("hex")} ${address.path}` },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });

  function receive(frame: RawFrame, parts: Buffer[]): void {
    if (frame.kind === Kind.stdout || frame.kind === Kind.stderr) {
      const name = frame.kind === Kind.stdout ? "stdout" : "stderr";
      options.onEvent({ type: "stream", run: frame.run, name, text: frame.payload.toString("utf8") });
      return;
    }
    parts.push(frame.payload);
    if (frame.kind === Kind.part) return;
    const event = JSON.parse(Buffer.concat(parts.splice(0)).toString("utf16le")) as Event;
    if (event.type === "done") {
      // A termination may hit the engine between saying it and remembering that it did.
      if (event.run <= finished) return;
      finished = event.run;
    }
    options.onEvent(event);
  }

  function raw(name: "stdout" | "stderr"): void {
    const decoder = new StringDecoder("utf8");
    child[name]?.on("data", (chunk: Buffer) => {
      const text = decoder.write(chunk);
      if (fatal || /<--- Last few GCs|FATAL ERROR:/.test(text)) fatal = (fatal + text).slice(0, 20_000);
      else if (text) options.onEvent({ type: "stream", run, name, text });
    });
  }
  raw("stdout");
  raw("stderr");

  let ended = false;
  const gone = new Promise<void>((resolve) => {
    const end = (code: number | null, signal: string | null, error?: Error): void => {
      if (ended) return;
      ended = true;
      server.close();
      address.remove();
      socket?.destroy();
      killGroup(child);
      resolve();
      options.onExit({ code, signal, reason: error ? `it could not be started (${error.message})` : why(code, signal, fatal) });
    };
    child.once("close", end);
    child.once("error", (error) => end(null, null, error));
  });

  const send = (command: Command): void => {
    if (command.type === "run") run = command.job.run;
    const frame = toFrame(command);
    if (socket) socket.write(frame);
    else waiting.push(frame);
  };
  return {
    pid: child.pid ?? 0,
    send,
    pause: () => void socket?.pause(),
    resume: () => void socket?.resume(),
    kill: () => killGroup(child),
    async stop(graceMs) {
      if (ended) return;
      send({ type: "shutdown" });
      socket?.resume();
      const timer = setTimeout(() => killGroup(child), graceMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

function toFrame(command: Command): Buffer {
  const json = Buffer.from(JSON.stringify(command));
  const frame = Buffer.allocUnsafe(4 + json.length);
  frame.writeUInt32LE(json.length);
  json.copy(frame, 4);
  return frame;
}

/** The engine leads its group, so its children go with it. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore", windowsHide: true }).on("error", () => child.kill("SIGKILL"));
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}

/** Why an engine ended, in a student's words. */
export function why(code: number | null, signal: string | null, fatal: string): string {
  if (/heap out of memory|Zone|invalid array length Allocation failed|Reached heap limit/i.test(fatal)) return "it ran out of memory";
  if (signal === "SIGKILL") return "killed by SIGKILL (the system does that when memory runs out)";
  if (signal) return `killed by ${signal}`;
  return `its process ended with exit code ${code}`;
}
