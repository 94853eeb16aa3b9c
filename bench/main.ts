// npm run bench -- kernel [--short] [--rounds N] [--vs tslab,deno] [--only latency,beats] [--json FILE] [--doc FILE]
import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { machine, page } from "./document.js";
import { subjects } from "./kernels.js";
import { PARTS, run } from "./rounds.js";
import { tables } from "./table.js";

interface Options {
  rounds?: number;
  minutes: number;
  vs: string[];
  only?: string[];
  short: boolean;
  json?: string;
  doc?: string;
}

const names = (text: string): string[] => text.split(",").filter(Boolean);

const program = new Command("bench");
program
  .command("kernel")
  .description(
    "start, latency, growth, questions, heartbeat, printing and memory, side by side with other kernels",
  )
  .option("--rounds <n>", "rounds, one after another: 10, or 1 when it is to be short", count)
  .option("--minutes <n>", "begin no round after so many", count, 30)
  .option("--vs <names>", "other kernels", names, ["tslab", "deno", "ijavascript", "ipykernel"])
  .option("--only <parts>", `some of ${Object.keys(PARTS).join(", ")}`, parts)
  .option("--short", "less than a minute: one round, few cells", false)
  .option("--json <file>", "write every figure and every time of every round")
  .option("--doc <file>", "write the tables as a page")
  .action(async ({ rounds: wanted, minutes, vs, only, short, json, doc }: Options) => {
    const rounds = wanted ?? (short ? 1 : 10);
    const { subjects: list, missing } = subjects(["wirebook", "unchecked", ...vs]);
    for (const line of missing) console.log(`left out: ${line}`);
    const say = (text: string): void => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
      else if (text !== "") console.error(text);
    };
    const turns = await run(list, { rounds, minutes, short, say, ...(only && { only }) });
    say("");
    const text = tables(turns, Object.fromEntries(list.map(({ name, title }) => [name, title])));
    console.log(text);
    const date = new Date().toISOString();
    if (json) writeFileSync(json, JSON.stringify({ date, ...machine(), missing, rounds: turns }));
    if (doc) {
      const command = `npm run bench -- kernel ${wanted ? `--rounds ${wanted} ` : ""}--doc ${doc}`;
      writeFileSync(doc, page(text, { rounds: turns.wirebook?.length ?? 0, command, missing }));
    }
  });

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
