// Hands every hostile submission to nbgrader alone, in throw-away computers, and judges what became of it. What is done is kept, so that a
// run that was ended goes on where it was.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Hostile } from "../hostile/kinds.js";
import { everything, expectedMarks, nameOf } from "../hostile/run.js";
import { bounded } from "./box.js";
import { hidden, innocent, writePlainCourse } from "./course.js";
import { autograde, collector, honestZip, type Place, right, unpack } from "./tasks.js";
import { isReported, judge, judgeZip, leftBehind, markOf, type Verdict } from "./verdict.js";

/** Stand-ins on the loopback: an address of the Internet, and where clouds tell of themselves. */
const world = ["192.0.2.1", "169.254.169.254"];
/** So many are marked in one run, where one does nothing to another. */
const together = 8;
/** Families whose submissions look or say, and take nothing. */
const quiet = /^(read|environment|modules|look back|replace|say|the notebook)/;
/** In a quiet family, these do something to whoever is marked beside. */
const loud = /gradebook\.db|setInterval|detached|ports of ZeroMQ/;

export interface Row {
  key: string;
  verdict: Verdict;
}

interface RunOptions {
  /** Where rows are kept; those that are there are not run again. */
  keptIn: string;
  jobs: number;
  say(text: string): void;
}

/** @throws Error if innocent submissions do not get what they deserve, or something hidden stands below their cells */
export async function runWithout(
  some: readonly Hostile[],
  { keptIn, jobs, say }: RunOptions,
): Promise<Map<string, Verdict>> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-plain-"));
  try {
    const home = join(folder, "home");
    mkdirSync(home);
    const run = new Run({ course: writePlainCourse(home), folder }, keptIn);
    const left = some.filter((one) => !run.known(one));
    const groups: Hostile[][] = [];
    for (const one of left) {
      const last = groups.at(-1);
      const joins = (other: Hostile | undefined): boolean =>
        other !== undefined && (one.zip ? other.zip !== undefined : isQuiet(other) && isQuiet(one));
      if (last && last.length < together && joins(last[0])) last.push(one);
      else groups.push([one]);
    }
    if (left.length > 0) await run.control();
    let done = some.length - left.length;
    const work = async (slot: number): Promise<void> => {
      for (let group = groups.shift(); group; group = groups.shift()) {
        say(`${done} of ${some.length}, ${nameOf(group[0] as Hostile)}`);
        await run.mark(group, slot);
        done += group.length;
      }
    };
    await Promise.all(Array.from({ length: jobs }, (_, slot) => work(slot)));
    return run.verdicts(some);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const textOf = (one: Hostile): string => {
  const notebook = one.plain ?? one.notebook ?? "";
  return typeof notebook === "string" ? notebook : JSON.stringify(notebook);
};
const isQuiet = (one: Hostile): boolean => quiet.test(one.family) && !loud.test(textOf(one));
/** Of what may use up everything nothing is run where nothing holds it. */
const needsBounds = (one: Hostile): boolean => /^(memory|processes|disk|output|endless)/.test(one.family);

/** Some of several families, none that would take all there is: for a computer where nothing holds them. */
export function shortWithout(): Hostile[] {
  const names = new Set([
    "environment and /proc: environment",
    "replace what tests are made with: assert",
    "say that it is right: values that say that they are right",
    "carry out: to this machine",
    "the zip file: a name above",
    "the zip file: cut off",
  ]);
  return everything.filter((one) => names.has(nameOf(one)));
}

class Run {
  readonly #rows: Record<string, Row>;
  readonly #expected = expectedMarks();

  readonly #place: Place;
  readonly #keptIn: string;

  constructor(place: Place, keptIn: string) {
    this.#place = place;
    this.#keptIn = keptIn;
    this.#rows = existsSync(keptIn) ? (JSON.parse(readFileSync(keptIn, "utf8")) as Record<string, Row>) : {};
    mkdirSync(dirname(keptIn), { recursive: true });
  }

  /** Another text, or another course, is another submission. */
  #key(one: Hostile): string {
    const hash = createHash("sha256").update(JSON.stringify(this.#place.course.source));
    if (one.zip) hash.update(readFileSync(collector)).update(nameOf(one));
    else hash.update(textOf(one));
    return hash.digest("hex").slice(0, 16);
  }

  known = (one: Hostile): boolean => this.#rows[nameOf(one)]?.key === this.#key(one);

  verdicts(some: readonly Hostile[]): Map<string, Verdict> {
    return new Map(
      some.flatMap((one) =>
        this.known(one) ? [[nameOf(one), (this.#rows[nameOf(one)] as Row).verdict]] : [],
      ),
    );
  }

  #keep(one: Hostile, verdict: Verdict): void {
    this.#rows[nameOf(one)] = { key: this.#key(one), verdict };
    writeFileSync(this.#keptIn, JSON.stringify(this.#rows, undefined, 1));
  }

  /** Innocent ones get what they deserve, and nothing is found where nothing is done. */
  async control(): Promise<void> {
    const texts = Object.entries(innocent).map(
      ([name, { notebook }]) => [name, JSON.stringify(notebook)] as const,
    );
    const outcome = await autograde(this.#place, new Map(texts), 0);
    const wrong = Object.entries(innocent).flatMap(([name, { mark }]) => {
      const got = markOf(outcome, name);
      const shown = Object.values(hidden).some((word) => outcome.outputs[name]?.includes(word));
      return [
        ...(got === mark ? [] : [`${name}: ${got} instead of ${mark}`]),
        ...(shown ? [`${name}: shows what is hidden`] : []),
      ];
    });
    const zips = new Map([["honest", honestZip("mallory")]]);
    const zip = judgeZip(await unpack(this.#place, zips, 0), "honest");
    const took = [
      ...zip.happened,
      ...(outcome.outOfMemory + outcome.outOfProcesses > 0 || outcome.fullest > 0.5
        ? ["they use up the box"]
        : []),
      ...leftBehind(outcome.files["left.txt"]),
      ...outcome.pwned,
    ];
    if (wrong.length + took.length > 0)
      throw new Error(`Without any attack: ${[...wrong, ...took].join("; ")}\n${outcome.log.slice(-3000)}`);
  }

  async mark(group: readonly Hostile[], slot: number): Promise<void> {
    const [one] = group as [Hostile];
    if (one.zip) {
      await this.#unpack(group, slot);
      return;
    }
    if (group.length === 1) {
      if (!needsBounds(one) || bounded) this.#keep(one, await this.#alone(one, slot));
      return;
    }
    const students = new Map(group.map((each, index) => [`m${index}`, textOf(each)]));
    const outcome = await autograde(
      this.#place,
      new Map([["anna", right], ...students, ["zoe", right]]),
      slot,
    );
    const judged = (each: Hostile, index: number): void => {
      const seen = {
        student: `m${index}`,
        deserved: this.#deserved(each),
        outcome,
        others: {},
        port: 0,
        alone: false,
      };
      this.#keep(each, { ...judge(each, seen), seconds: outcome.seconds / students.size });
    };
    const [before, behind] = [markOf(outcome, "anna"), markOf(outcome, "zoe")];
    if (before === 10 && behind === 10) {
      group.forEach(judged);
      return;
    }
    // Somebody has done something to others. Where the run ended with one of them, those before it have their marks.
    const last = group.findLastIndex((_, index) => markOf(outcome, `m${index}`) !== null);
    const whole = before === 10 && behind === null && last + 1 < group.length ? group.slice(0, last + 1) : [];
    whole.forEach(judged);
    const [suspect, ...others] = group.slice(whole.length) as [Hostile, ...Hostile[]];
    this.#keep(suspect, await this.#alone(suspect, slot));
    if (whole.length > 0 && others.length > 0) await this.mark(others, slot);
    else for (const each of others) this.#keep(each, await this.#alone(each, slot));
  }

  async #unpack(group: readonly Hostile[], slot: number): Promise<void> {
    const zips = new Map(group.map(({ zip }, index) => [`z${index}`, (zip as () => Uint8Array)()]));
    const outcome = await unpack(this.#place, zips, slot);
    // Where one has ended the whole, each behind it is looked at alone.
    for (const [index, each] of group.entries())
      if (group.length === 1 || isReported(outcome, `z${index}`))
        this.#keep(each, judgeZip(outcome, `z${index}`));
      else await this.#unpack([each], slot);
  }

  async #alone(one: Hostile, slot: number): Promise<Verdict> {
    const look = async (): Promise<Verdict> => {
      const port = 20_000;
      const outcome = await autograde(
        this.#place,
        new Map([
          ["mallory", textOf(one).replaceAll("OUTSIDE_PORT", String(port))],
          ["zoe", right],
        ]),
        slot,
        { ports: [port], addresses: world },
      );
      return judge(one, {
        student: "mallory",
        deserved: this.#deserved(one),
        outcome,
        others: { zoe: 10 },
        port,
        alone: true,
      });
    };
    const first = await look();
    // What another student gets depends on more than one thing: it has to happen again.
    return first.succeeds && first.effects.includes("others") ? look() : first;
  }

  #deserved(one: Hostile): number {
    return this.#expected[nameOf(one)] as number;
  }
}
