// npm run simulate -- [--seeds N] [--seed N] [--scale 10,100,…] [--doc]
//
// The middleware's own code in virtual time: networks full of trouble, each from one seed, and networks of many nodes. A seed that fails
// fails again; what the runs came to is kept in docs/simulation.md.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Presets, SingleBar } from "cli-progress";
import { Command, InvalidArgumentError } from "commander";
import { root } from "../../places.js";
import { page, type Storms } from "./report.js";
import { type ScaleReport, scale } from "./scale.js";
import { storm } from "./storm.js";

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("a whole number from 1 on");
  return number;
}

interface Options {
  seeds: number;
  seed?: number;
  scale?: number[];
  doc: boolean;
}

await new Command("simulate")
  .description("runs the middleware in simulated networks")
  .option("--seeds <n>", "so many networks in trouble", whole, 200)
  .option("--seed <n>", "only this one, and what it came to", whole)
  .option("--scale <list>", "numbers of nodes, as 10,100,1000", (text) => text.split(",").map(whole))
  .option("--doc", "write what it came to into docs/simulation.md", false)
  .action(async ({ seeds, seed, scale: sizes = [], doc }: Options) => {
    if (seed !== undefined) {
      const report = await storm(seed);
      console.log(report);
      process.exitCode = report.violations.length > 0 ? 1 : 0;
      return;
    }
    const storms = await all(seeds);
    for (const { seed: bad, violations } of storms.failed)
      console.log(`seed ${bad}:\n  ${violations.join("\n  ")}`);
    const scales: ScaleReport[] = [];
    for (const nodes of sizes) {
      if (process.stderr.isTTY) process.stderr.write(`${nodes} nodes …\n`);
      scales.push(await scale(nodes, 1));
    }
    const text = page({ storms, scales });
    console.log(text);
    if (doc) writeFileSync(join(root, "docs", "simulation.md"), text);
    process.exitCode = storms.failed.length > 0 ? 1 : 0;
  })
  .parseAsync();

async function all(seeds: number): Promise<Storms> {
  const bar = new SingleBar({ format: "{bar} {value}/{total} seeds", noTTYOutput: false }, Presets.legacy);
  bar.start(seeds, 0);
  const storms: Storms = {
    seeds,
    acknowledged: 0,
    uncertain: 0,
    refused: 0,
    ms: 0,
    messages: 0,
    troubles: {},
    failed: [],
  };
  for (let seed = 1; seed <= seeds; seed++) {
    const report = await storm(seed);
    for (const figure of ["acknowledged", "uncertain", "refused", "ms", "messages"] as const)
      storms[figure] += report[figure];
    for (const [what, times] of Object.entries(report.troubles))
      storms.troubles[what] = (storms.troubles[what] ?? 0) + times;
    if (report.violations.length > 0) storms.failed.push({ seed, violations: report.violations });
    bar.update(seed);
  }
  bar.stop();
  return storms;
}
