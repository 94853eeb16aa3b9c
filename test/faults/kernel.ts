// A built kernel as its own processes, on the Node that is to be tried, with clients beside it.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer } from "zeromq";
import { freePorts } from "../../src/client/free-ports.js";
import { kernelSpec } from "../../src/commands/kernelspec.js";
import { type Connection, parseConnection } from "../../src/wire/connection-file.js";
import { dist } from "../places.js";
import { Client } from "./client.js";

/** A start in the way of protocol 5.6. */
export interface Launch {
  /** What the registration file says. */
  file: Record<string, unknown>;
  /** What a connection file would say, once the kernel has chosen its ports. */
  connection: Promise<Record<string, unknown>>;
}

export interface StartOptions {
  node: string;
  /** Instead of a connection file. */
  launch?: Launch;
  /** What the connection file says besides, or instead. */
  connection?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
  /** Its sockets lie in its folder. */
  ipc?: boolean;
  /** What starts the kernel instead of this process: gets the kernel's command as its arguments. */
  by?: string[];
}

export interface Kernel extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly connection: Connection;
  /** Its connection file lies there, and cells run there. */
  readonly folder: string;
  /** The client that waited for it. */
  readonly client: Client;
  log(): string;
  join(options?: { identity?: string }): Client;
  /** Ends it by SIGTERM, and by SIGKILL if that does not do. */
  stop(): Promise<void>;
}

export async function newConnectionFile(
  fields: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = await freePorts(5);
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
    key: randomUUID(),
    signature_scheme: "hmac-sha256",
    ...fields,
  };
}

const PATIENCE_MS = 30_000;

/** Starts a kernel. @throws Error where it does not answer within 30 s */
export async function startKernel(options: StartOptions): Promise<Kernel> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-faults-"));
  const given =
    options.launch?.file ??
    (await newConnectionFile({ ...options.connection, ...(options.ipc && { ip: join(folder, "k") }) }));
  const file = join(folder, "connection.json");
  writeFileSync(file, JSON.stringify(given), { mode: 0o600 });
  const { JPY_PARENT_PID: _, JPY_SESSION_NAME: __, ...env } = process.env;
  const spec = kernelSpec(options.node, join(dist, "supervisor.js"));
  const command = (spec.argv as string[]).map((word) => (word === "{connection_file}" ? file : word));
  const [program = "", ...args] = [...(options.by ?? []), ...command];
  const child = spawn(program, args, {
    cwd: folder,
    env: {
      ...env,
      ...(spec.env as NodeJS.ProcessEnv),
      ...(options.launch && { JUPYTER_RUNTIME_DIR: join(folder, "runtime") }),
      ...options.env,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    if (log.length < 1_000_000) log += chunk.toString();
  });
  const clients: Client[] = [];
  const stop = async (): Promise<void> => {
    for (const client of clients) client.close();
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 8000);
      await ended;
      clearTimeout(timer);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const notUp = async (cause?: unknown): Promise<never> => {
    await stop();
    throw new Error(`the kernel did not come up: ${log}`, { cause });
  };
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS).unref());
  const fields = await (options.launch ? Promise.race([options.launch.connection, late]) : given);
  const connection = parseConnection(fields ?? (await notUp()));
  const join_ = (who: { identity?: string } = {}): Client => {
    const client = new Client(connection, who);
    clients.push(client);
    return client;
  };
  const client = join_();
  await client.request("kernel_info_request", {}, { patience: PATIENCE_MS }).catch(notUp);
  return {
    process: child,
    pid: child.pid ?? 0,
    connection,
    folder,
    client,
    log: () => log,
    join: join_,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Heartbeats, one after another. */
export class Heart {
  readonly #socket: Dealer;
  #beats = 0;

  constructor({ ip, transport, ports }: Connection) {
    this.#socket = new Dealer({ linger: 0, receiveTimeout: 10_000 });
    this.#socket.connect(
      transport === "ipc" ? `ipc://${ip}-${ports.heartbeat}` : `tcp://${ip}:${ports.heartbeat}`,
    );
  }

  /** @returns milliseconds. @throws Error where nothing comes back within 10 s, or something else does */
  async beat(): Promise<number> {
    const payload = `beat ${++this.#beats}`;
    const began = performance.now();
    await this.#socket.send(payload);
    const answer = await this.#socket.receive();
    if (answer.join() !== payload) throw new Error("the heartbeat came back changed");
    return performance.now() - began;
  }

  /** Beats until told to stop. */
  during(pauseMs = 20): { stop(): Promise<number[]> } {
    const times: number[] = [];
    let going = true;
    const loop = (async () => {
      while (going) {
        times.push(await this.beat());
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    })();
    return {
      async stop() {
        going = false;
        await loop;
        return times;
      },
    };
  }

  close(): void {
    this.#socket.close();
  }
}

/** Processes of this machine whose environment or arguments name the folder, or that work in it: Linux only. */
export function processesOf(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        if (/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return false;
        return (
          readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) ||
          readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder)
        );
      } catch {
        return false;
      }
    });
}
