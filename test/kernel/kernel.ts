// The real kernel: the built supervisor as a process of its own, with a raw client.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dist } from "../places.js";
import { Client, type ConnectionFile, newConnection } from "./client.js";

export interface KernelProcess extends AsyncDisposable {
  client: Client;
  process: ChildProcess;
  connection: ConnectionFile;
  /** The folder in which the cells run. */
  folder: string;
  /** What the supervisor wrote to its stderr so far. */
  log(): string;
  join(): Client;
}

export interface StartOptions {
  connection?: Partial<ConnectionFile>;
  env?: NodeJS.ProcessEnv;
  /** The folder of another build than the project's. */
  dist?: string;
  /** Do not connect a client. */
  alone?: boolean;
  /** A command that starts the kernel's: `unshare --net`. The folder is then everybody's. */
  prefix?: string[];
  /** What lies in the folder before the kernel starts. */
  prepare?(folder: string): void;
  /** Start it by way of another process, which is then `process`, as a server would. */
  underParent?: boolean;
}

/** A program that starts the kernel as Jupyter does, and waits. */
const asParent = `
  process.env.JPY_PARENT_PID = String(process.pid);
  require("node:child_process").spawn(process.execPath, process.argv.slice(1), { stdio: ["ignore", "inherit", "inherit"] });
`;

/** Starts the built kernel in a fresh folder; disposing of it ends the process. */
export async function startKernelProcess(options: StartOptions = {}): Promise<KernelProcess> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  options.prepare?.(folder);
  const connection = await newConnection(options.connection);
  const file = join(folder, "connection.json");
  writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
  const { JPY_PARENT_PID: _, JPY_SESSION_NAME: __, ...env } = process.env;
  const command = [join(options.dist ?? dist, "supervisor.js"), file];
  const [program = "", ...args] = [
    ...(options.prefix ?? []),
    process.execPath,
    ...(options.underParent ? ["-e", asParent] : []),
    ...command,
  ];
  if (options.prefix) {
    chmodSync(folder, 0o777);
    chmodSync(file, 0o644);
  }
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...env, ...options.env },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const clients: Client[] = [];
  const join_ = (): Client => {
    const client = new Client(connection);
    clients.push(client);
    return client;
  };
  const dispose = async (): Promise<void> => {
    for (const client of clients) client.close();
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(timer);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const client = options.alone ? (undefined as unknown as Client) : join_();
  try {
    await client?.wait((message) => message.type === "iopub_welcome", { what: "the welcome" });
  } catch (error) {
    await dispose();
    throw new Error(`the kernel did not come up: ${log}`, { cause: error });
  }
  return {
    client,
    process: child,
    connection,
    folder,
    log: () => log,
    join: join_,
    [Symbol.asyncDispose]: dispose,
  };
}
