// A Jupyter client with as little between it and the kernel as can be; the same for every kernel that is measured.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../src/client/free-ports.js";
import type { Channel, Message } from "../src/flow.js";
import { decodeMessage } from "../src/message/decode.js";
import { encodeMessage } from "../src/message/encode.js";
import { type ClientSockets, openClientSockets } from "../src/wire/client-sockets.js";
import { parseConnection } from "../src/wire/connection-file.js";
import { joinFrames, splitFrames } from "../src/wire/frames.js";
import { createSigner } from "../src/wire/sign.js";

export interface Spec {
  name: string;
  argv: string[];
  env: NodeJS.ProcessEnv;
}

export interface Answer {
  reply: Message;
  outputs: Message[];
  /** Milliseconds from the request to the reply. */
  ms: number;
}

/** How long a kernel may take for anything. */
const PATIENCE_MS = 10_000;

export class BenchKernel {
  readonly child: ChildProcess;
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
      done: (answer: Answer) => void;
    }
  >();

  private constructor(child: ChildProcess, folder: string, file: Record<string, unknown>) {
    this.child = child;
    this.#folder = folder;
    const connection = parseConnection(file);
    this.#signer = createSigner(connection.key, connection.hash);
    this.#sockets = openClientSockets(connection, this.#session, (channel, frames) =>
      this.#receive(channel, frames),
    );
  }

  static async start(spec: Spec): Promise<BenchKernel> {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-bench-"));
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
    });
    return new BenchKernel(child, folder, file);
  }

  #receive(channel: Channel, frames: Uint8Array[]): void {
    const envelope = splitFrames(frames);
    if (!envelope) return;
    const message = decodeMessage(channel, envelope);
    const entry = this.#waiting.get(String(message.parent_header.msg_id ?? ""));
    if (!entry) return;
    if (channel === "shell") {
      entry.reply = message;
      entry.ms = performance.now() - entry.start;
    } else if (message.header.msg_type !== "status") entry.outputs.push(message);
    else if (message.content.execution_state === "idle") entry.idle = true;
    if (entry.reply && entry.idle) {
      this.#waiting.delete(String(message.parent_header.msg_id));
      entry.done({ reply: entry.reply, outputs: entry.outputs, ms: entry.ms });
    }
  }

  /** Resolves when both the reply and `idle` are there; `undefined` when they are not within the patience. */
  request(
    type: string,
    content: Record<string, unknown>,
    patience: number = PATIENCE_MS,
  ): Promise<Answer | undefined> {
    const id = randomUUID();
    const message: Message = {
      channel: "shell",
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
        done: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
      });
      void this.#sockets.send("shell", frames);
    });
  }

  execute(code: string, patience?: number): Promise<Answer | undefined> {
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
      patience,
    );
  }

  /** Asks until the kernel answers: its sockets may not be there yet. */
  async ready(): Promise<boolean> {
    for (let i = 0; i < 240; i++) if (await this.request("kernel_info_request", {}, 500)) return true;
    return false;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 3000);
    if (this.child.exitCode === null && this.child.signalCode === null) await gone;
    clearTimeout(timer);
    this.#sockets.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
