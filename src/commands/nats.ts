// `wirebook nats`: a NATS server with JetStream on this machine, for nodes of wirebook/middleware that keep their registry there.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { CommandProblem } from "./problem.js";

export interface NatsCommandOptions {
  port: number;
  /** For `ws://`; left out: none. */
  wsPort?: number;
  /** Where it keeps what it is told. */
  store?: string;
}

export interface NatsServer {
  command: string;
  /** As in `2.15.1`. */
  version: string;
}

/** Older ones ignore how long a key shall live, and every lease would live for ever. */
const OLDEST = [2, 11] as const;
const HOW = "npm run setup, in Wirebook's folder, brings one";

/** The server that WIREBOOK_NATS_SERVER names, else of `.venv` in this folder, else in the PATH; `undefined`: there is none. */
export function findNatsServer(root: string): NatsServer | undefined {
  const scripts = process.platform === "win32" ? ["Scripts", "nats-server.exe"] : ["bin", "nats-server"];
  const own = join(root, ".venv", ...scripts);
  const command = process.env.WIREBOOK_NATS_SERVER ?? (existsSync(own) ? own : "nats-server");
  const { stdout } = spawnSync(command, ["--version"], {
    encoding: "utf8",
    timeout: 10_000,
    windowsHide: true,
  });
  const version = /v(\d+\.\d+\.\d+)/.exec(stdout ?? "")?.[1];
  return version === undefined ? undefined : { command, version };
}

/** @returns the exit code: 0 after Ctrl-C */
export async function natsCommand({ port, wsPort, store }: NatsCommandOptions): Promise<number> {
  const server = findNatsServer(join(import.meta.dirname, ".."));
  if (!server) throw new CommandProblem(`There is no nats-server, neither in .venv nor in the PATH: ${HOW}`);
  const [major = 0, minor = 0] = server.version.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw new CommandProblem(
      `${server.command} is NATS ${server.version}; leases need ${OLDEST.join(".")} or newer: ${HOW}`,
    );
  // Two servers on one folder would spoil it: each port has its own.
  const folder = resolve(store ?? join(homedir(), ".wirebook", "nats", String(port)));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const config = join(folder, "wirebook.conf");
  writeFileSync(config, configOf({ port, wsPort, folder }), { mode: 0o600 });
  const child = spawn(server.command, ["-c", config], {
    stdio: ["ignore", "ignore", "pipe"],
    windowsHide: true,
  });
  const end = (): boolean => child.kill("SIGINT");
  process.on("SIGINT", end).on("SIGTERM", end);
  try {
    return await ended(child, () => {
      const urls = [
        `nats://127.0.0.1:${port}`,
        ...(wsPort === undefined ? [] : [`ws://127.0.0.1:${wsPort}`]),
      ];
      console.log(`NATS ${server.version} keeps its data in ${folder}. In a notebook on this machine:`);
      for (const url of urls) console.log(`  const node = await startNode({ nats: '${url}' });`);
      console.log("End it with Ctrl-C.");
    });
  } finally {
    process.off("SIGINT", end).off("SIGTERM", end);
  }
}

function configOf({
  port,
  wsPort,
  folder,
}: {
  port: number;
  wsPort: number | undefined;
  folder: string;
}): string {
  // What was acknowledged survives a power cut, as with the registry in a folder. Values may be as large as NATS advises.
  const lines = [
    `listen: "127.0.0.1:${port}"`,
    "max_payload: 8MB",
    "jetstream {",
    `  store_dir: ${JSON.stringify(folder)}`,
    "  sync_interval: always",
    "}",
  ];
  if (wsPort !== undefined)
    lines.push("websocket {", `  listen: "127.0.0.1:${wsPort}"`, "  no_tls: true", "}");
  return `${lines.join("\n")}\n`;
}

/** Shows its warnings. @throws CommandProblem where it ends by itself */
function ended(child: ChildProcess, onReady: () => void): Promise<number> {
  return new Promise((done, reject) => {
    let last = "";
    createInterface({ input: child.stderr as NonNullable<ChildProcess["stderr"]> }).on("line", (line) => {
      if (line.includes("Server is ready")) onReady();
      else if (!/\[(INF|DBG|TRC)\]/.test(line)) {
        last = line.replace(/^.*\[FTL\] /, "");
        // On loopback nobody listens in.
        if (/\[(WRN|ERR)\]/.test(line) && !line.includes("Websocket not configured with TLS"))
          console.error(line);
      }
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) done(0);
      else reject(new CommandProblem(`nats-server ended: ${last === "" ? `exit code ${code}` : last}`));
    });
  });
}
