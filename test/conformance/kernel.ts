// A kernel under test: started from its kernelspec as Jupyter would, if need be behind a proxy or within a wrapper.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../src/client/free-ports.js";
import { isAlive, root } from "../places.js";
import { Client, type ClientOptions } from "./client.js";
import { type KernelProxy, startProxy } from "./proxy.js";
import { KernelRecord } from "./record.js";
import { commandOf, type KernelSpec } from "./specs.js";
import type { ConnectionFile } from "./wire.js";

export interface StartOptions {
  /** How long anything may take, in milliseconds. */
  patience: number;
  connection?: Partial<ConnectionFile>;
  proxied?: boolean;
  /** A fault that `wrapper.ts` knows. */
  wrapper?: string;
  /** Start it by way of another process, which is then `process`, as a server would. */
  underParent?: boolean;
  /** The file holds this instead. */
  file?: Record<string, unknown>;
}

export interface Kernel extends AsyncDisposable {
  spec: KernelSpec;
  process: ChildProcess;
  /** What the kernel was given. */
  connection: ConnectionFile;
  /** The connection file. */
  file: string;
  folder: string;
  record: KernelRecord;
  proxy: KernelProxy | undefined;
  /** All that the kernel's process wrote so far. */
  log(): string;
  /** A client, connected and listening. */
  join(options?: Partial<ClientOptions>): Promise<Client>;
  /** A client that may not come through. */
  open(options?: Partial<ClientOptions>): Client;
  /** Resolves with its exit code. @throws Error it does not end in time */
  ended(): Promise<number | null>;
}

/** A program that starts another one and waits, so that it can be killed. */
const asParent = `
  process.env.JPY_PARENT_PID = String(process.pid);
  const child = require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: ["ignore", "inherit", "inherit"] });
  console.log("kernel's process: " + child.pid);
`;

export async function newConnection(fields: Partial<ConnectionFile> = {}): Promise<ConnectionFile> {
  const [shell_port, control_port, stdin_port, iopub_port, hb_port] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    ...{ shell_port, control_port, stdin_port, iopub_port, hb_port },
    key: randomUUID(),
    signature_scheme: "hmac-sha256",
    ...fields,
  };
}

/** Starts a kernel in a fresh folder; disposing of it ends its process. It may not be listening yet. */
export async function startKernel(spec: KernelSpec, options: StartOptions): Promise<Kernel> {
  const { patience } = options;
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  const connection = await newConnection(options.connection);
  const file = join(folder, "connection.json");
  writeFileSync(file, JSON.stringify(options.file ?? connection), { mode: 0o600 });
  const words = [
    ...(options.underParent ? [process.execPath, "-e", asParent] : []),
    ...(options.wrapper
      ? [process.execPath, join(root, "test", "conformance", "wrapper.ts"), options.wrapper, file]
      : []),
    ...commandOf(spec, file),
  ];
  const { JPY_SESSION_NAME: _, ...env } = process.env;
  const [command = "", ...args] = words;
  const child = spawn(command, args, {
    cwd: folder,
    env: {
      ...env,
      JPY_PARENT_PID: String(process.pid),
      IPYTHONDIR: join(folder, "ipython"),
      ...spec.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-100_000);
    });
  const failed = once(child, "error").then(([error]) => {
    log += `\n${(error as Error).message}`;
  });
  void failed.catch(() => {});
  const record = new KernelRecord();
  const proxy = options.proxied ? await startProxy(connection) : undefined;
  const clients: Client[] = [];
  const hasEnded = (): boolean =>
    child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

  const kernel: Kernel = {
    spec,
    process: child,
    connection,
    file,
    folder,
    record,
    proxy,
    log: () => log,
    open(more = {}) {
      const client = new Client(proxy?.connection ?? connection, record, { patience, ...more });
      clients.push(client);
      return client;
    },
    async join(more) {
      const client = kernel.open(more);
      try {
        await client.join(hasEnded);
      } catch (error) {
        throw new Error(
          `the kernel did not come up: ${(error as Error).message} Its log ends with: ${log.slice(-600)}`,
        );
      }
      return client;
    },
    async ended() {
      if (hasEnded()) return child.exitCode;
      const timer = AbortSignal.timeout(patience);
      try {
        const [code] = await once(child, "exit", { signal: timer });
        return code as number | null;
      } catch {
        throw new Error(`the kernel's process did not end within ${patience} ms`);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close();
      proxy?.close();
      if (!hasEnded()) {
        const gone = once(child, "exit");
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), 2000);
        await gone;
        clearTimeout(timer);
      }
      const left = Number(/^kernel's process: (\d+)$/m.exec(log)?.[1] ?? 0);
      if (left > 0 && isAlive(left)) process.kill(left, "SIGKILL");
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  return kernel;
}
