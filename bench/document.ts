// The page in docs/ that a full run writes.
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { denoVersion } from "./deno.js";

const root = join(import.meta.dirname, "..");

/** What the figures were measured with. */
export function machine(): Record<string, string> {
  return {
    system: `${type()} ${release()}, ${process.arch}`,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    load: `${loadavg()[2]?.toFixed(1)} processes that want to run, on average; what the benchmark itself asks for is about 2`,
    memory: `${(totalmem() / 1024 ** 3).toFixed(0)} GB`,
    node: process.version,
    typescript: version("typescript"),
    tslab: version("tslab"),
    deno: denoVersion,
    ipykernel: /^ipykernel==(.*)$/m.exec(read("setup/requirements.txt"))?.[1] ?? "unknown",
  };
}

export function page(
  tables: string,
  options: { rounds: number; command: string; missing: string[] },
): string {
  const { rounds, command, missing } = options;
  const facts = Object.entries({ date: new Date().toISOString().slice(0, 10), ...machine() });
  return `# How fast

Written by \`${command}\`; do not edit. It takes about 25 minutes on two cores, and wants the machine for itself:
\`npm run bench -- kernel --short\` is a glance of a minute.

${facts.map(([name, value]) => `- ${name}: ${value}`).join("\n")}
- rounds: ${rounds}, in each of which every part is measured with one kernel after another, in a new order each time; every fifth goes up to 1,000
  cells with all kernels
${missing.map((line) => `- left out: ${line}\n`).join("")}
Times are those of a client in another process with plain ZeroMQ sockets, from the request to the reply. Memory is the PSS of the
kernel's whole process tree. A kernel that is said to check types has to report an error in the same kind of cell, in the same
session, or its time does not count; a completion counts where the expected member is among the matches, an inspection where type and
documentation are there. Below *Wirebook* types are checked. Deno never checks them; ipykernel runs Python.

${tables}
`;
}

function version(name: string): string {
  return JSON.parse(read(join("node_modules", name, "package.json"))).version;
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
