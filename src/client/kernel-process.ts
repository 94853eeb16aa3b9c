// A kernel of our own: started with a connection file that only we can read, ended so that nothing of it is left.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./free-ports.js";

export interface KernelProcess {
  /** Contents of the connection file. */
  connection: Record<string, unknown>;
  /** Resolves with a line of why, when the process has ended. */
  ended: Promise<string>;
  /** Waits for it to end by itself, then ends it the hard way. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts a kernel.
 * @param argv as in a kernelspec: `{connection_file}` stands for the path of the file
 */
export async function startKernelProcess(
  argv: string[],
  options: {
    cwd: string;
    env?: Record<string, string>;
    /** Makes CurveZMQ's keys, for where other users of this computer could listen. */
    curve?(): { publicKey: string; secretKey: string };
    platform?: NodeJS.Platform;
  },
): Promise<KernelProcess> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-run-"));
  const ipc = (options.platform ?? process.platform) !== "win32";
  // A socket's file is ours alone; a port is everybody's.
  const curve = ipc ? undefined : options.curve?.();
  const ports = ipc ? [1, 2, 3, 4, 5] : await freePorts(5);
  const connection = {
    transport: ipc ? "ipc" : "tcp",
    ip: ipc ? join(folder, "k") : "127.0.0.1",
    shell_port: ports[0],
    iopub_port: ports[1],
    stdin_port: ports[2],
    control_port: ports[3],
    hb_port: ports[4],
    key: randomBytes(32).toString("hex"),
    signature_scheme: "hmac-sha256",
    ...(curve && { curve_publickey: curve.publicKey, curve_secretkey: curve.secretKey }),
  };
  const file = join(folder, "connection.json");
  writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
  const [command = "", ...args] = argv.map((word) => word.replace("{connection_file}", file));
  const child: ChildProcess = spawn(command, args, {
    cwd: options.cwd,
    stdio: ["ignore", "ignore", "pipe"],
    windowsHide: true,
    env: {
      ...process.env,
      ...options.env,
      JPY_PARENT_PID: String(process.pid),
      WIREBOOK_STARTED_BY: String(process.pid),
    },
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk).slice(-4000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`it could not be started: ${error.message}`));
    child.once("close", (code, signal) =>
      resolve(
        [signal ? `killed by ${signal}` : `ended with exit code ${code}`, said.trim()]
          .filter(Boolean)
          .join("\n"),
      ),
    );
  });
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  void ended.then(remove);
  return {
    connection,
    ended,
    async stop(graceMs) {
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
