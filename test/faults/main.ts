// npm run faults -- NAME… [--full] [--node PATH] [--seed N] [--doc]
//
// What a kernel has to survive, one scenario after another. The short forms take a minute together and belong to the
// tests; the full forms take hours, and their figures are kept in docs/faults.json, from which docs/faults.md is written.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { type Attack, attack } from "./attacker.js";
import { keep, table } from "./record.js";
import { type Context, type Figure, isMet, type Scenario } from "./scenario.js";
import { scenarios } from "./scenarios.js";

const program = new Command("faults").description("what a kernel has to survive");
program
  .argument("[names...]", `scenarios, or all; known are ${Object.keys(scenarios).join(", ")}`)
  .option("--full", "the long form", false)
  .option("--node <path>", "the Node that the kernel runs on", process.execPath)
  .option("--seed <n>", "where random choices begin", String(Date.now() % 1_000_000))
  .option("--json <file>", "write the figures there")
  .option("--doc", "write the figures to docs/", false)
  .action(
    async (
      names: string[],
      options: { full: boolean; node: string; seed: string; doc: boolean; json?: string },
    ) => {
      const chosen = names.length === 0 || names.includes("all") ? Object.keys(scenarios) : names;
      const unknown = chosen.filter((name) => !Object.hasOwn(scenarios, name));
      if (unknown.length > 0) program.error(`unknown: ${unknown.join(", ")}`);
      const version = spawnSync(options.node, ["--version"], { encoding: "utf8" }).stdout.trim();
      const all: Record<string, Figure[]> = {};
      for (const name of chosen) {
        const scenario = scenarios[name] as Scenario;
        const context: Context = {
          full: options.full,
          doc: options.doc,
          node: options.node,
          seed: Number(options.seed),
          say: (text) => {
            if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${name}: ${text}`);
          },
        };
        const began = performance.now();
        const figures: Figure[] = await scenario.run(context);
        const seconds = (performance.now() - began) / 1000;
        if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
        console.log(
          `## ${name}: ${scenario.title}\n\nNode ${version}, seed ${options.seed}, ${seconds.toFixed(0)} s\n`,
        );
        console.log(`${table(figures)}\n`);
        if (options.doc)
          keep({
            name,
            title: scenario.title,
            node: version,
            full: options.full,
            seed: context.seed,
            seconds,
            figures,
          });
        all[name] = figures;
      }
      if (options.json) writeFileSync(options.json, JSON.stringify(all));
      process.exitCode = Object.values(all).flat().every(isMet) ? 0 : 1;
    },
  );
// What floods a kernel runs in a process of its own, so that whoever measures is not busy with it.
program.command("attack", { hidden: true }).action(async () => {
  await attack(JSON.parse(await text(process.stdin)) as Attack);
});

await program.parseAsync();
