// Asks porcupine: is there an order of all calls, each within its time, that one object could have answered so?
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "../../places.js";
import type { Seen } from "../simulation/history.js";

export type Kind = "register" | "counter";

/** Where Go is; `undefined`: nowhere, and nobody can be asked. */
export const go: string | undefined = ["go", "/usr/local/go/bin/go"].find(
  (path) => (path === "go" || existsSync(path)) && spawnSync(path, ["version"]).status === 0,
);

/** Makes the program that judges. @throws what Go says where it cannot */
export function makeJudge(folder: string): string {
  const program = join(folder, "judge");
  const { status, stderr } = spawnSync(go as string, ["build", "-buildvcs=false", "-o", program, "."], {
    cwd: join(root, "test", "middleware", "linearizable"),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return program;
}

/** @returns of each `Ok`, `Illegal`, or `Unknown` where it took too long */
export async function verdicts(
  program: string,
  histories: readonly { kind: Kind; calls: readonly Seen[] }[],
): Promise<string[]> {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"], timeout: 600_000 });
  const lines = histories.map(({ kind, calls }) =>
    JSON.stringify({
      kind,
      calls: calls
        .filter(({ isRefused }) => !isRefused)
        .map(({ what, a, b, from, to, value }) => ({
          what,
          a,
          b,
          from,
          ...(Number.isFinite(to) && { to, value }),
        })),
    }),
  );
  child.stdin.end(`${lines.join("\n")}\n`);
  return (await text(child.stdout)).trim().split("\n");
}
