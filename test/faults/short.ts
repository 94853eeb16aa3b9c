// The short form of a scenario, as whoever calls the command has it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../places.js";
import type { Figure } from "./scenario.js";

/** @returns what was missed, in words; what depends on the machine's speed is printed and not judged */
export async function missedIn(name: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "faults-"));
  try {
    const json = join(folder, "figures.json");
    const args = [join(root, "setup", "main.mjs"), "exec", "faults", name, "--json", json];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += String(chunk)));
    await once(child, "close");
    console.log(log.slice(log.indexOf("## ")));
    let figures: Figure[];
    try {
      figures = (JSON.parse(readFileSync(json, "utf8")) as Record<string, Figure[]>)[name] ?? [];
    } catch {
      return [log];
    }
    return figures
      .filter(({ timed, most, value }) => !timed && most !== undefined && value > most)
      .map(({ what, value, most }) => `${what}: ${value}, not ${most}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
