// npm run bench -- kernel [--short] [--rounds N] [--vs tslab,deno] [--only latency,beats] [--json FILE] [--doc [FILE]]
// npm run bench -- class [--short] [--kernels N] [--vs ipykernel] [--json FILE] [--doc [FILE]]
// npm run bench -- peers
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { type ClassResult, classTable, measureClass } from "./class.js";
import { classPart, ENOUGH, kernelPart, machine, notEnough, PAGE, withPart } from "./document.js";
import { PEERS, type Subject, subjects } from "./kernels.js";
import { PARTS, run } from "./rounds.js";
import { tables } from "./table.js";

interface Options {
  vs: string[];
  short: boolean;
  json?: string;
  doc?: string | true;
}

const OWN = ["wirebook", "unchecked"];
const names = (text: string): string[] => text.split(",").filter(Boolean);
// Kernels have process groups of their own, and are ended when this one exits.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const program = new Command("bench");
program
  .command("kernel")
  .description(
    "start, latency, growth, questions, heartbeat, interrupts, printing and memory, side by side with other kernels",
  )
  .option("--rounds <n>", `rounds, one after another: ${ENOUGH}, or 1 when it is to be short`, count)
  .option("--minutes <n>", "begin no round after so many", count, 120)
  .option("--vs <names>", "other kernels", names, PEERS)
  .option("--only <parts>", `some of ${Object.keys(PARTS).join(", ")}`, parts)
  .option("--short", "a few minutes: one round, few cells", false)
  .option("--json <file>", "write every figure and every time of every round")
  .option("--doc [file]", `write the tables into a page, ${PAGE}`)
  .action(async (options: Options & { rounds?: number; minutes: number; only?: string[] }) => {
    const { rounds: wanted, minutes, vs, only, short } = options;
    const rounds = wanted ?? (short ? 1 : ENOUGH);
    const { list, missing } = found(vs);
    const begun = performance.now();
    const turns = await run(list, { rounds, minutes, short, say, ...(only && { only }) });
    say("");
    const done = turns.wirebook?.length ?? 0;
    const text = tables(turns, Object.fromEntries(list.map(({ name, title }) => [name, title])));
    console.log(done < ENOUGH ? `${notEnough(done)}\n\n${text}` : text);
    written("kernel", options, {
      json: { ...machine(list), missing, rounds: turns },
      part: (command) =>
        kernelPart(text, { rounds: done, command, list, missing, minutes: minutesSince(begun) }),
    });
  });
program
  .command("class")
  .description(
    "many kernels of one kind on one host: how soon they are there, how much they take, how quick they are",
  )
  .option("--kernels <n>", "how many", count, 30)
  .option("--vs <names>", "other kernels", names, ["ipykernel"])
  .option("--short", "a few cells only", false)
  .option("--json <file>", "write every figure and every time")
  .option("--doc [file]", `write the table into a page, ${PAGE}`)
  .action(async (options: Options & { kernels: number }) => {
    const { kernels, vs, short } = options;
    const { list, missing } = found(vs);
    const begun = performance.now();
    const pace = short ? { every: 1000, turns: 3 } : { every: 3000, turns: 20 };
    const results: Record<string, ClassResult> = {};
    for (const subject of list) {
      say(`${kernels} × ${subject.title}`);
      results[subject.title] = await measureClass(subject, { kernels, ...pace });
    }
    say("");
    const text = classTable(results);
    console.log(text);
    written("class", options, {
      json: { ...machine(list), missing, kernels, results },
      part: (command) =>
        classPart(text, {
          kernels,
          every: pace.every,
          command,
          list,
          missing,
          minutes: minutesSince(begun),
        }),
    });
  });
program
  .command("peers")
  .description("fetch and build the other kernels, as the first measurement would")
  .action(() => {
    for (const { title, version } of found(PEERS).list) console.log(`${title} ${version}`);
  });

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (text !== "") console.error(text);
}

/** Wirebook with types and without, and whatever can be had of the others. */
function found(vs: string[]): { list: Subject[]; missing: string[] } {
  const { subjects: list, missing } = subjects([...OWN, ...vs]);
  for (const line of missing) console.log(`left out: ${line}`);
  return { list, missing };
}

function minutesSince(begun: number): number {
  return (performance.now() - begun) / 60_000;
}

function written(
  which: "kernel" | "class",
  { json, doc }: Options,
  results: { json: Record<string, unknown>; part(command: string): string },
): void {
  if (json) writeFileSync(json, JSON.stringify({ date: new Date().toISOString(), ...results.json }));
  if (doc === undefined) return;
  const file = doc === true ? PAGE : doc;
  const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  // Where else the figures went is nobody's business.
  const words = process.argv
    .slice(2)
    .filter((word, at, all) => !/^--json/.test(word) && all[at - 1] !== "--json");
  const command = `npm run bench -- ${words.join(" ")}`;
  writeFileSync(file, withPart(before, which, results.part(command)));
}

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1 on.");
  return Number(text);
}

function parts(text: string): string[] {
  const unknown = names(text).filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(
      `There is no part "${unknown[0]}"; parts: ${Object.keys(PARTS).join(", ")}.`,
    );
  return names(text);
}

await program.parseAsync();
