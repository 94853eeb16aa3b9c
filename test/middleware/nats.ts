// NATS servers for tests, on ports and folders of their own, alone or in a cluster.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findNatsServer } from "../../src/commands/nats.js";
import { root } from "../places.js";

const program = findNatsServer(root);
/** Why there are none. */
export const noNats: string | undefined = program ? undefined : "there is no nats-server in .venv";
export const skippedNats: string = noNats === undefined ? "" : ` (skipped: ${noNats})`;

export interface NatsOptions {
  /** Further lines of its configuration. */
  lines?: string[];
  /** For WebSockets as well. */
  web?: boolean;
  /** Lines of what is said of these; left out: they are without TLS. */
  webLines?: string[];
  name?: string;
  port?: number;
  /** Where it listens: on this machine only, where nothing else is said. */
  address?: string;
  /** What starts it: in another network, say. */
  by?: string[];
}

export interface NatsProcess extends AsyncDisposable {
  readonly url: string;
  readonly web: string;
  readonly process: ChildProcess;
  /** At once, as a power cut would; what is in the system's cache survives. */
  kill(): Promise<void>;
  /** With what it had kept. */
  start(): Promise<void>;
  /** What it kept is gone. */
  forget(): void;
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((done) => server.listen(0, "127.0.0.1", () => done(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

export async function startNats({
  lines = [],
  web = false,
  webLines = ["no_tls: true"],
  name = "one",
  port,
  address = "127.0.0.1",
  by = [],
}: NatsOptions = {}): Promise<NatsProcess> {
  const [mine = 0, webPort = 0] = await freePorts(2);
  const folder = mkdtempSync(join(tmpdir(), "wirebook-nats-"));
  const config = join(folder, "server.conf");
  const store = join(folder, "store");
  const text = [
    `listen: "${address}:${port ?? mine}"`,
    `server_name: ${name}`,
    "jetstream {",
    `  store_dir: ${JSON.stringify(store)}`,
    "}",
    ...(web ? ["websocket {", `  listen: "127.0.0.1:${webPort}"`, ...webLines, "}"] : []),
    ...lines,
  ];
  writeFileSync(config, `${text.join("\n")}\n`);
  let child: ChildProcess;
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
  };
  const start = (): Promise<void> =>
    new Promise((done, reject) => {
      const [command = "", ...more] = [...by, (program as { command: string }).command, "-c", config];
      child = spawn(command, more, {
        stdio: ["ignore", "ignore", "pipe"],
      });
      const said: string[] = [];
      const late = setTimeout(
        () => reject(new Error(`nats-server is not ready:\n${said.join("\n")}`)),
        20_000,
      );
      createInterface({ input: child.stderr as NonNullable<ChildProcess["stderr"]> }).on("line", (line) => {
        said.push(line);
        if (!line.includes("Server is ready")) return;
        clearTimeout(late);
        done();
      });
      child.once("exit", () => {
        clearTimeout(late);
        reject(new Error(`nats-server has ended:\n${said.join("\n")}`));
      });
    });
  await start();
  return {
    url: `nats://${address}:${port ?? mine}`,
    web: `ws://127.0.0.1:${webPort}`,
    get process() {
      return child;
    },
    kill,
    start,
    forget: () => rmSync(store, { recursive: true, force: true }),
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Three servers that keep everything thrice. */
export async function startCluster(): Promise<NatsProcess[]> {
  const ports = await freePorts(6);
  const routes = ports.slice(3).map((port) => `nats://127.0.0.1:${port}`);
  return await Promise.all(
    [0, 1, 2].map((at) =>
      startNats({
        ...{ name: `s${at}`, port: ports[at] as number },
        lines: [
          "cluster {",
          "  name: three",
          `  listen: "127.0.0.1:${ports[at + 3]}"`,
          `  routes: ${JSON.stringify(routes)}`,
          "}",
        ],
      }),
    ),
  );
}
