// Figures for people, and where those of the full forms are kept.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { root } from "../places.js";
import { type Figure, isMet } from "./scenario.js";

export interface Record_ {
  name: string;
  title: string;
  node: string;
  full: boolean;
  seed: number;
  seconds: number;
  figures: Figure[];
}

const shown = (value: number): string =>
  Number.isInteger(value) || value >= 100 ? String(Math.round(value)) : value.toPrecision(3);

/** As a Markdown table. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { what, value, unit = "", most } = figure;
    const bar = most === undefined ? "" : `≤ ${shown(most)}${unit && ` ${unit}`}`;
    const missed = `**missed**${figure.reason === undefined ? "" : `: ${figure.reason}`}`;
    const verdict = most === undefined ? "" : isMet(figure) ? "met" : missed;
    return `| ${what} | ${shown(value)}${unit && ` ${unit}`} | ${bar} | ${verdict} |`;
  });
  return ["| figure | value | bar | |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** Keeps the newest record of each scenario and Node version, and writes the page anew. */
export function keep(record: Record_): void {
  const file = join(root, "docs", "faults.json");
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Kept) : { records: [] };
  const major = (version: string): string => version.split(".")[0] ?? "";
  const others = before.records.filter(
    ({ name, node, full }) =>
      name !== record.name || major(node) !== major(record.node) || full !== record.full,
  );
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${process.platform} ${process.arch}, ${cpus().length} cores`;
  const records = [...others, { ...record, date, machine }].sort(
    (a, b) => a.name.localeCompare(b.name) || a.node.localeCompare(b.node),
  );
  writeFileSync(file, `${JSON.stringify({ records }, null, 1)}\n`);
  writeFileSync(join(root, "docs", "faults.md"), page(records));
}

interface Kept {
  records: (Record_ & { date: string; machine: string })[];
}

function page(records: Kept["records"]): string {
  const sections = records.map(
    ({ name, title, node, full, seed, seconds, figures, date, machine }) =>
      `## ${name}, Node ${node}\n\n${title}. ${full ? "Full" : "Short"} form, seed ${seed}, ${seconds.toFixed(0)} s on ${date} (${machine}).\n\n${table(figures)}\n`,
  );
  return `# What the kernel survives

Made by \`npm run faults -- NAME --full --doc\` (\`--node PATH\` for another Node); the tests run the short forms. A bar that is
missed stands here as missed.

${sections.join("\n")}`;
}
