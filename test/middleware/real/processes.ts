// Nodes in processes of their own, on real sockets and a real disk.
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "rolldown";
import type * as Middleware from "../../../kernel-helpers/middleware/index.js";
import { dist } from "../../places.js";
import { startNats } from "../nats.js";

export const middleware: typeof Middleware = await import(join(dist, "helpers", "middleware", "index.js"));

export interface HostProcess {
  process: ChildProcess;
  /** As it was when it began. */
  id: string;
  where: string;
  /** Waits for its next message. */
  next(): Promise<Record<string, unknown>>;
}

/** `hidden`: on NATS, and to be called through it only. */
export type Engine = "embedded" | "nats" | "hidden";

export interface Site extends AsyncDisposable {
  /** Of the registry, where that is in one. */
  folder: string;
  host(): Promise<HostProcess>;
  /** The process that keeps it: the first host, or the server of NATS, which comes back. */
  killRegistry(first: HostProcess): Promise<void>;
  node(options?: Middleware.StartOptions): Promise<Middleware.Node>;
}

/** Where nodes of one test live; everything that was started there ends with it. */
export async function createSite(engine: Engine): Promise<Site> {
  const nats = engine === "embedded" ? undefined : await startNats();
  return await siteOf(
    { ...(nats && { nats: nats.url }), ...(engine === "hidden" && { address: "nats" }) },
    {
      killRegistry: async (first) => {
        if (!nats) return void first.process.kill("SIGKILL");
        await nats.kill();
        await nats.start();
      },
      end: async () => await nats?.[Symbol.asyncDispose](),
    },
  );
}

/** @param where how nodes find their registry; left out: in the site's own folder */
export async function siteOf(
  where: Middleware.StartOptions,
  { killRegistry, end }: { killRegistry: Site["killRegistry"]; end(): Promise<void> },
): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-middleware-"));
  const common = { folder, ...where };
  const program = join(folder, "host.mjs");
  await build({
    input: join(import.meta.dirname, "host.ts"),
    platform: "node",
    logLevel: "silent",
    output: { file: program, format: "esm" },
  });
  const processes: ChildProcess[] = [];
  const nodes: Middleware.Node[] = [];
  return {
    folder,
    killRegistry,
    async host() {
      const child = fork(program, [dist, JSON.stringify(common)], {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      processes.push(child);
      const next = (): Promise<Record<string, unknown>> =>
        new Promise((resolve, reject) => {
          child.once("message", (message) => resolve(message as Record<string, unknown>));
          child.once("exit", (code) => reject(new Error(`the process has ended with ${code}`)));
        });
      const { id, where } = await next();
      return { process: child, id: String(id), where: String(where), next };
    },
    async node(options = {}) {
      const node = await middleware.startNode({ ...common, ...options });
      nodes.push(node);
      return node;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.close()));
      await Promise.all(
        processes.map((child) => {
          if (child.exitCode !== null || child.signalCode !== null) return undefined;
          child.kill("SIGKILL");
          return new Promise((resolve) => child.once("exit", resolve));
        }),
      );
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
