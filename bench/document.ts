// The page in docs/ that full runs write, each its own part of it.
import { cpus, loadavg, release, totalmem, type } from "node:os";
import type { Subject } from "./kernels.js";
import { versionIn } from "./places.js";

export const PAGE = "docs/benchmarks.md";
/** So many rounds it takes to judge by. */
export const ENOUGH = 10;

const INTRODUCTION = `# How fast

Written by \`npm run bench -- kernel --doc\`, \`class --doc\`, \`sockets --doc\`, \`middleware --doc\` and \`scan --doc\`; do not edit. Each takes a
while and wants the machine for itself; \`npm run bench -- kernel --short\` is a glance of a few minutes, \`npm run bench -- peers\` only fetches and builds the
other kernels.
`;

export const PARTS_OF_PAGE = {
  kernel: "One kernel beside others",
  class: "A class on one host",
  sockets: "Sockets beside others",
  middleware: "Calls between processes beside others",
  scan: "A scan of this machine",
} as const;

/**
 * Puts a part in its place on the page; the others stay as they are.
 * @param before the page as it was, if there was one
 */
export function withPart(before: string | undefined, part: keyof typeof PARTS_OF_PAGE, text: string): string {
  const parts = new Map<string, string>();
  for (const one of (before ?? "").split(/^## /m).slice(1)) {
    const end = one.indexOf("\n");
    parts.set(one.slice(0, end).trim(), one.slice(end).trim());
  }
  parts.set(PARTS_OF_PAGE[part], text.trim());
  const shown = Object.values(PARTS_OF_PAGE).flatMap((title) => {
    const body = parts.get(title);
    return body === undefined ? [] : `## ${title}\n\n${body}\n`;
  });
  return [INTRODUCTION, ...shown].join("\n");
}

/** What the figures were measured with. @param list whatever was measured; the versions of others are told */
export function machine(list: Versioned[]): Record<string, string> {
  return {
    system: `${type()} ${release()}, ${process.arch}`,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    load: `${loadavg()[2]?.toFixed(1)} processes that want to run, on average of the last quarter of an hour, the benchmark's own among them`,
    memory: `${(totalmem() / 1024 ** 3).toFixed(0)} GB`,
    node: process.version,
    typescript: versionIn("node_modules/typescript/package.json"),
    ...Object.fromEntries(list.filter(({ own }) => !own).map(({ name, version }) => [name, version])),
  };
}

export type Versioned = Pick<Subject, "own" | "name" | "version">;

/** What a run was. */
export interface Run {
  command: string;
  date: string;
  minutes: number;
  machine: Record<string, string>;
  missing: string[];
  /** Later runs, whose figures count where they have any. */
  anew?: Pick<Run, "command" | "date">[];
}

export function kernelPart(tables: string, { rounds, ...run }: Run & { rounds: number }): string {
  return `${facts(run)}
- rounds: ${rounds}, in each of which every part is measured with one kernel after another, in a new order each time; every fifth goes up to 1,000
  cells with all kernels
${rounds < ENOUGH ? `\n**${notEnough(rounds)}**\n` : ""}
Times are those of a client in another process with plain ZeroMQ sockets, from the request to the reply. Memory is the PSS of the
kernel's whole process tree. A kernel that is said to check types has to report an error in the same kind of cell, in the same
session, or its time does not count. Of completion and inspection 25 different texts are asked; a completion counts where the expected
member is among the matches every time, an inspection where type and documentation are there. A cell is interrupted as the kernel's
kernelspec wants it: by SIGINT to its processes, or by a message. Below *Wirebook* types are checked. Deno never checks them;
ijavascript runs JavaScript, so its cells are without types; ipykernel and xeus-python run Python.

${tables}`;
}

export function classPart(
  table: string,
  { kernels, every, ...run }: Run & { kernels: number; every: number },
): string {
  return `${facts(run)}
- kernels: ${kernels} of one kind at a time

All are started at once, as when a class opens the same notebook; times are from the start of the first one. Once all have run their
first cell, each declares a name every ${every / 1000} s, and runs \`x + 1\` in between: its time, from the request to the reply, is what
a student waits. Memory is the PSS of all their processes divided by their number, so what they share counts once.

${table}`;
}

export function socketPart(table: string, { rounds, ...run }: Run & { rounds: number }): string {
  return `${facts(run)}
- rounds: ${rounds}, in each of which every kind is measured in a new process, in turn
${rounds < ENOUGH ? `\n**${notEnough(rounds)}**\n` : ""}
Client and server are in one process, as in a notebook, with TCP_NODELAY. CPython has the server in a thread of its own. The programs are in
\`bench/echo/\`.

${table}`;
}

export function callPart(table: string, { rounds, ...run }: Run & { rounds: number }): string {
  return `${facts(run)}
- rounds: ${rounds}, in each of which every way is measured in new processes, in turn
${rounds < ENOUGH ? `\n**${notEnough(rounds)}**\n` : ""}
Caller and host are processes of their own, on 127.0.0.1; what is called adds two numbers, and each sum is looked at. NATS has its server
between them. \`wirebook/middleware\` has its embedded engine, whose journal is synced to the disk before a call with an effect is
answered. The programs are in \`bench/calls/\`.

${table}`;
}

export function scanPart(table: string, { rounds, ...run }: Run & { rounds: number }): string {
  return `${facts(run)}
- rounds: ${rounds}, in each of which every way is measured once, in a new order each time

All 65,535 TCP ports of 127.0.0.1, in a network namespace with four listeners; what else is found is a ghost. nmap and the command
are timed from their start to their end, \`scan()\` in a process that has scanned one port before. \`nmap -sS\` needs root, the
others do not.

${table}`;
}

/** Too few rounds, in words. */
export function notEnough(rounds: number): string {
  return `Not enough to judge by: ${rounds} of the ${ENOUGH} rounds that it takes.`;
}

/** What a run was, as a list. */
export function facts({ command, date, missing, minutes, machine, anew = [] }: Run): string {
  const all = {
    command: `\`${command}\``,
    date: date.slice(0, 10),
    took: `${minutes.toFixed(0)} minutes`,
    ...machine,
  };
  return [
    ...Object.entries(all).map(([name, value]) => `- ${name}: ${value}`),
    ...anew.map((run) => `- some of it measured again: \`${run.command}\`, ${run.date.slice(0, 10)}`),
    ...missing.map((line) => `- left out: ${line}`),
  ].join("\n");
}
