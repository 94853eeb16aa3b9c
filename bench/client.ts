// A Jupyter client with as little between it and the kernel as can be; the same for every kernel that is measured.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../src/client/free-ports.js";
import type { Channel, Message } from "../src/flow.js";
import { decodeMessage } from "../src/message/decode.js";
import { encodeMessage } from "../src/message/encode.js";
import { type ClientSockets, openClientSockets } from "../src/wire/client-sockets.js";
import { parseConnection } from "../src/wire/connection-file.js";
import { joinFrames, splitFrames } from "../src/wire/frames.js";
import { createSigner } from "../src/wire/sign.js";
import { Heartbeat } from "./heartbeat.js";
import { CACHE } from "./places.js";

export interface Spec {
  name: string;
  argv: string[];
  env: NodeJS.ProcessEnv;
  /** How its kernelspec wants it to be interrupted. */
  interrupt: "message" | "signal";
}

export interface Answer {
  reply: Message;
  outputs: Message[];
  /** Milliseconds from the request to the reply. */
  ms: number;
}

interface Asking {
  channel?: "shell" | "control";
  /** How long the kernel may take, in milliseconds. */
  patience?: number;
  /** How long `idle` is waited for once the reply is there, in milliseconds: not every kernel sends it each time. */
  idleWithin?: number;
}

/** How long a kernel may take for anything. */
const PATIENCE_MS = 10_000;
/** A group of processes can be ended whole, and gets signals as Jupyter sends them: the kernel and what it has started. */
const GROUPS = process.platform !== "win32";
const running = new Set<BenchKernel>();
process.once("exit", () => {
  for (const kernel of running) kernel.clear();
});

export class BenchKernel {
  readonly child: ChildProcess;
  readonly heartbeat: Heartbeat;
  readonly #interrupt: Spec["interrupt"];
  readonly #folder: string;
  readonly #sockets: ClientSockets;
  readonly #session: string = randomUUID();
  readonly #signer: ReturnType<typeof createSigner>;
  readonly #waiting = new Map<
    string,
    {
      start: number;
      outputs: Message[];
      reply?: Message;
      ms: number;
      idle: boolean;
      idleWithin: number;
      done: (answer: Answer) => void;
    }
  >();

  private constructor(
    child: ChildProcess,
    { interrupt }: Spec,
    folder: string,
    file: Record<string, unknown>,
  ) {
    this.child = child;
    this.#interrupt = interrupt;
    running.add(this);
    this.#folder = folder;
    const connection = parseConnection(file);
    this.#signer = createSigner(connection.key, connection.hash);
    this.heartbeat = new Heartbeat(connection);
    this.#sockets = openClientSockets(connection, this.#session, (channel, frames) =>
      this.#receive(channel, frames),
    );
  }

  static async start(spec: Spec): Promise<BenchKernel> {
    mkdirSync(CACHE, { recursive: true });
    const folder = mkdtempSync(join(CACHE, "run-"));
    const [shell_port, iopub_port, stdin_port, control_port, hb_port] = await freePorts(5);
    const file = {
      transport: "tcp",
      ip: "127.0.0.1",
      shell_port,
      iopub_port,
      stdin_port,
      control_port,
      hb_port,
      key: randomBytes(16).toString("hex"),
      signature_scheme: "hmac-sha256",
    };
    const path = join(folder, "connection.json");
    writeFileSync(path, JSON.stringify(file), { mode: 0o600 });
    const [command = "", ...args] = spec.argv.map((word) => word.replace("{connection_file}", path));
    const child = spawn(command, args, {
      env: { ...process.env, ...spec.env },
      cwd: folder,
      stdio: "ignore",
      detached: GROUPS,
    });
    return new BenchKernel(child, spec, folder, file);
  }

  #receive(channel: Channel, frames: Uint8Array[]): void {
    const envelope = splitFrames(frames);
    if (!envelope) return;
    const message = decodeMessage(channel, envelope);
    const entry = this.#waiting.get(String(message.parent_header.msg_id ?? ""));
    if (!entry) return;
    if (channel === "shell" || channel === "control") {
      entry.reply = message;
      entry.ms = performance.now() - entry.start;
    } else if (message.header.msg_type !== "status") entry.outputs.push(message);
    else if (message.content.execution_state === "idle") entry.idle = true;
    if (!entry.reply) return;
    const { reply, outputs, ms } = entry;
    const done = (): void => {
      this.#waiting.delete(String(message.parent_header.msg_id));
      entry.done({ reply, outputs, ms });
    };
    if (entry.idle || entry.idleWithin === 0) done();
    else if (channel !== "iopub") setTimeout(done, entry.idleWithin);
  }

  /** Resolves when both the reply and `idle` are there; `undefined` when they are not within the patience. */
  request(
    type: string,
    content: Record<string, unknown>,
    { channel = "shell", patience = PATIENCE_MS, idleWithin = 1000 }: Asking = {},
  ): Promise<Answer | undefined> {
    const id = randomUUID();
    const message: Message = {
      channel,
      identities: [],
      header: {
        msg_id: id,
        session: this.#session,
        username: "bench",
        date: new Date().toISOString(),
        msg_type: type,
        version: "5.3",
      },
      parent_header: {},
      metadata: {},
      content,
      buffers: [],
    };
    const parts = encodeMessage(message);
    const frames = joinFrames({ identities: [], signature: this.#signer.sign(parts), parts, buffers: [] });
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve(undefined);
      }, patience);
      this.#waiting.set(id, {
        start: performance.now(),
        outputs: [],
        ms: 0,
        idle: false,
        idleWithin,
        done: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
      });
      void this.#sockets.send(channel, frames);
    });
  }

  execute(code: string, asking: Asking = {}): Promise<Answer | undefined> {
    return this.request(
      "execute_request",
      {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
      },
      asking,
    );
  }

  /** Asks until the kernel answers: its sockets may not be there yet. */
  async ready(): Promise<boolean> {
    for (let i = 0; i < 240 && !this.gone; i++)
      if (await this.request("kernel_info_request", {}, { patience: 500 })) return true;
    return false;
  }

  get gone(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** As Jupyter does it when its user wants a cell to end. */
  interrupt(): void {
    if (this.#interrupt === "signal") this.signal("SIGINT");
    else void this.request("interrupt_request", {}, { channel: "control", idleWithin: 0 });
  }

  signal(signal: "SIGINT" | "SIGKILL"): void {
    try {
      if (GROUPS && this.child.pid) process.kill(-this.child.pid, signal);
      else this.child.kill(signal);
    } catch {
      // All of them are gone.
    }
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 3000);
    if (!this.gone) await gone;
    clearTimeout(timer);
    this.#sockets.close();
    this.heartbeat.close();
    this.clear();
    running.delete(this);
  }

  /** There are kernels that leave a process behind. */
  clear(): void {
    this.signal("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
