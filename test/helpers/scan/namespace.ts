// A network of one's own, where nobody else listens: programs run in it, and everything that answers is known.
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dist } from "../../places.js";

/** Why there can be none here; empty where there can. */
export const NO_NAMESPACES: string =
  process.platform !== "linux"
    ? "network namespaces are Linux's"
    : process.getuid?.() !== 0
      ? "network namespaces need root"
      : spawnSync("ip", ["netns", "list"]).status === 0
        ? ""
        : "ip(8) is missing";

export function ip(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}

let count = 0;

export class Namespace implements Disposable {
  readonly name: string = `wb-scan-${process.pid}-${++count}`;
  readonly #folder: string = mkdtempSync(join(tmpdir(), "wirebook-namespace-"));

  constructor() {
    ip("netns", "add", this.name);
    this.ip("link", "set", "lo", "up");
  }

  ip(...args: string[]): void {
    ip("-n", this.name, ...args);
  }

  /** Runs a module in there. @returns what it printed, as JSON */
  async node<T>(source: string, env: NodeJS.ProcessEnv = {}): Promise<{ result: T; stderr: string }> {
    const file = join(this.#folder, `program-${++count}.mjs`);
    const helper = JSON.stringify(join(dist, "helpers", "scan", "index.js"));
    writeFileSync(file, `import { scan, ScanError } from ${helper};\n${KNOWN}\n${source}`);
    const args = ["netns", "exec", this.name, process.execPath, file];
    return new Promise((resolve, reject) => {
      const options = {
        env: { ...process.env, HOME: this.#folder, XDG_STATE_HOME: this.#folder, ...env },
        timeout: 590_000,
      };
      execFile("ip", args, options, (error, stdout, stderr) => {
        if (error) reject(error);
        else resolve({ result: JSON.parse(stdout) as T, stderr });
      });
    });
  }

  [Symbol.dispose](): void {
    ip("netns", "delete", this.name);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Servers for the programs, none of which keeps a program from ending. */
const KNOWN = `
import net from "node:net";
import dgram from "node:dgram";
import { once } from "node:events";
const tcp = async (host, port) => {
  const server = net.createServer((peer) => peer.on("error", () => {}).end()).listen({ host, port, ipv6Only: true });
  await once(server, "listening");
  server.unref();
};
const udp = async (port, answers) => {
  const socket = dgram.createSocket("udp4");
  if (answers) socket.on("message", (_, from) => socket.send("yes", from.port, from.address));
  await once(socket.bind(port, "127.0.0.1"), "listening");
  socket.unref();
};
`;
