// npm run conformance -- --kernel NAME[,NAME…] [--all-mutants] [--item N…] [--json FILE [--add]] [--doc FILE]
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { arch, release, type as systemName } from "node:os";
import { Command } from "commander";
import { checks } from "./checks.js";
import { runChecks, runMutants } from "./run.js";
import { findSubject } from "./subjects.js";
import { document, outcomeLine, type Result, total } from "./table.js";

interface Options {
  kernel: string;
  allMutants?: boolean;
  item?: string[];
  json?: string;
  add?: boolean;
  doc?: string;
  patience: string;
}

const program = new Command("conformance")
  .description("runs installed kernels through the protocol's conformance suite")
  .option("--kernel <names>", "names of kernelspecs, with commas between them", "wirebook")
  .option("--all-mutants", "then break each rule, and see whether its test fails")
  .option("--item <numbers...>", "only these items of the checklist")
  .option("--patience <ms>", "how long anything may take", "5000")
  .option("--json <file>", "write all outcomes")
  .option("--add", "keep what the file of --json says of other kernels and items")
  .option("--doc <file>", "write the table")
  .action(async (options: Options) => {
    const only = options.item?.map(Number);
    const names = options.kernel.split(",");
    const results: Result[] = [];
    let bad = 0;
    for (const name of names) {
      const subject = findSubject(name);
      console.log(`\n${subject.spec.display_name} (${name})`);
      const { outcomes, info, messages } = await runChecks(subject, {
        patience: Number(options.patience),
        only,
        onOutcome: (outcome) => console.log(outcomeLine(outcome)),
      });
      const result = {
        name,
        version: `${info.implementation} ${info.implementation_version}`,
        protocol: String(info.protocol_version),
        messages,
        outcomes,
      };
      results.push(result);
      bad += outcomes.filter(({ status }) => status === "failed").length;
      console.log(`${total(result)} items passed; ${messages} messages were checked`);
      if (!options.allMutants) continue;
      const mutants = await runMutants(subject, {
        only,
        onOutcome: ({ caught, title, mutant, reason }) =>
          console.log(
            `${caught ? "✓" : "✗"} ${title}\n      mutant: ${mutant}\n      ${reason.slice(0, 200)}`,
          ),
      });
      const missed = mutants.filter(({ caught }) => !caught);
      bad += missed.length;
      console.log(`${mutants.length - missed.length} of ${mutants.length} mutants were caught`);
    }
    const date = new Date().toISOString().slice(0, 10);
    const system = `${systemName()} ${release()} ${arch()}, Node ${process.version}`;
    const all = options.add && options.json ? merged(readResults(options.json), results) : results;
    if (options.json)
      writeFileSync(options.json, `${JSON.stringify({ date, system, results: all }, null, 1)}\n`);
    if (options.doc) writeFileSync(options.doc, document(all, { date, system }));
    process.exitCode = bad > 0 ? 1 : 0;
  });

/** What was run now takes the place of what was run before, test by test. */
function merged(old: Result[], fresh: Result[]): Result[] {
  const names = new Set([...old, ...fresh].map(({ name }) => name));
  return [...names].map((name) => {
    const [before, now] = [old, fresh].map((results) => results.find((result) => result.name === name));
    const all = [...(now?.outcomes ?? []), ...(before?.outcomes ?? [])];
    const outcomes = checks.flatMap(({ item, title }) => {
      const found = all.find((outcome) => outcome.item === item && outcome.title === title);
      return found ? [found] : [];
    });
    const messages = Math.max(before?.messages ?? 0, now?.messages ?? 0);
    return { ...((now ?? before) as Result), outcomes, messages };
  });
}

function readResults(file: string): Result[] {
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, "utf8")) as { results: Result[] }).results;
}

await program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
// Whatever a kernel has left open.
process.exit();
