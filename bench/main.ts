// npm run bench -- kernel [--rounds N] [--vs ipykernel,tslab] [--json FILE]
//
// Kernels are measured in turn, round after round, so that whatever else the machine does meets them all alike; what is
// compared is the ratio within each round.
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { FIGURES, type Figure, measure, type Round } from "./kernel.js";
import { subjects } from "./kernels.js";

const program = new Command("bench");
program
  .command("kernel")
  .description("start, latency, printing and memory, side by side with other kernels")
  .option("--rounds <n>", "rounds, one after another", "10")
  .option("--vs <names>", "other kernels", "ipykernel,tslab")
  .option("--json <file>", "write every figure of every round")
  .action(async (options: { rounds: string; vs: string; json?: string }) => {
    const { subjects: list, missing } = subjects(["wirebook", ...options.vs.split(",").filter(Boolean)]);
    for (const line of missing) console.log(`left out: ${line}`);
    const rounds: Record<string, Round[]> = Object.fromEntries(list.map(({ name }) => [name, []]));
    for (let round = 0; round < Number(options.rounds); round++) {
      for (let turn = 0; turn < list.length; turn++) {
        const subject = list[(turn + round) % list.length];
        if (!subject) continue;
        process.stderr.write(`\rround ${round + 1} of ${options.rounds}: ${subject.name}          `);
        rounds[subject.name]?.push(await measure(subject));
      }
    }
    process.stderr.write("\r\u001b[K");
    console.log(table(rounds));
    if (options.json)
      writeFileSync(
        options.json,
        JSON.stringify({ node: process.version, date: new Date().toISOString(), rounds }, null, 1),
      );
  });

function quantile(values: number[], at: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))];
}

const shown = (value: number | undefined): string =>
  value === undefined ? "–" : value >= 100 ? value.toFixed(0) : value.toFixed(2);

function table(rounds: Record<string, Round[]>): string {
  const names = Object.keys(rounds);
  const others = names.filter((name) => name !== "wirebook");
  const lines = [
    `| | ${names.map((name) => `${name} (min – max)`).join(" | ")} | ${others.map((name) => `wirebook : ${name}`).join(" | ")} |`,
    `|---|${names.map(() => "---|").join("")}${others.map(() => "---|").join("")}`,
  ];
  for (const figure of Object.keys(FIGURES) as Figure[]) {
    const of = (name: string): number[] =>
      (rounds[name] ?? []).flatMap((round) => (round[figure] === undefined ? [] : [round[figure]]));
    const cells = names.map((name) => {
      const values = of(name);
      return values.length === 0
        ? "–"
        : `${shown(quantile(values, 0.5))} (${shown(Math.min(...values))} – ${shown(Math.max(...values))})`;
    });
    const ratios = others.map((name) => {
      const pairs = (rounds.wirebook ?? []).flatMap((own, index) => {
        const other = rounds[name]?.[index]?.[figure];
        return own[figure] === undefined || !other ? [] : [own[figure] / other];
      });
      const median = quantile(pairs, 0.5);
      return median === undefined ? "–" : `${median.toFixed(2)} ×`;
    });
    lines.push(`| ${FIGURES[figure]} | ${cells.join(" | ")} | ${ratios.join(" | ")} |`);
  }
  return lines.join("\n");
}

await program.parseAsync();
