// What many students take: computed from what was measured of some (hub.ts) and from what is assumed, which the page says.
import { readFileSync, writeFileSync } from "node:fs";
import { facts, type Run } from "./document.js";
import { shown } from "./figures.js";
import type { HubFigures } from "./hub.js";
import { markdown } from "./table.js";

export const SCALE = "docs/scale.md";
/** Where the tables go; the rest of the page is written by hand. */
const PLACE = /(<!-- npm run bench -- hub --doc -->\n)[\s\S]*(<!-- to here -->)/;

const MEASURED: [keyof HubFigures, string][] = [
  ["hubMemory", "hub, proxy and culler: memory of all, MB"],
  ["serverMemory", "Jupyter server: memory, MB"],
  ["kernelMemory", "kernel after its first cell: memory, MB"],
  ["labMemory", "kernel after notebooks 1 to 6: memory, MB"],
  ["hubStart", "hub, for a start: s of processor"],
  ["serverStart", "Jupyter server until it is ready: s of processor"],
  ["kernelStart", "kernel until its first cell has run: s of processor"],
  ["lab", "kernel, all cells of notebooks 1 to 6: s of processor"],
  ["hubIdle", "hub at rest: ms of processor a second"],
  ["serverIdle", "Jupyter server at rest: ms of processor a second"],
  ["kernelIdle", "kernel at rest: ms of processor a second"],
  ["serversPerSecond", "servers started, a second of this machine"],
];

/** Students of a course, and the share of them that is there at the same time. */
const SCALES: [students: number, share: number][] = [
  [100, 1],
  [10_000, 0.2],
  [1_000_000, 0.05],
];
export const ASSUMED = {
  /** Notebooks that a student has open. */
  kernels: 2,
  /** How often each cell is run, while the lab lasts. */
  repeats: 5,
  labHours: 2,
  /** All who come are there within so many minutes. */
  arrivalMinutes: 10,
  /** A machine's, of which four fifths are used. */
  cores: 16,
  memoryGB: 64,
  used: 0.8,
  /** Of one core, which is all that a hub's process can use. */
  hubUsed: 0.5,
  /** Files of a student at the end of the course, MB. */
  filesMB: 20,
  /** Submissions of all are marked within so many hours. */
  gradingHours: 8,
} as const;

export interface Need {
  students: number;
  active: number;
  memoryGB: number;
  workCores: number;
  startCores: number;
  machines: number;
  hubs: number;
  filesGB: number;
  gradingRate: number;
  gradingCores?: number;
}

/**
 * @param figures those with the most users count
 * @param grading submissions that one core marks in a second, where that was measured
 */
export function needs(figures: HubFigures, grading?: number): Need[] {
  const a = ASSUMED;
  return SCALES.map(([students, share]) => {
    const active = students * share;
    const memoryGB = (active * (figures.serverMemory + a.kernels * figures.labMemory)) / 1024;
    const rest = figures.serverIdle + a.kernels * figures.kernelIdle;
    const workCores = active * (rest / 1000 + (figures.lab * a.repeats) / (a.labHours * 3600));
    const starting = figures.serverStart + a.kernels * figures.kernelStart;
    const perSecond = active / (a.arrivalMinutes * 60);
    const hubCores = perSecond * figures.hubStart + (active * figures.hubIdle) / 1000;
    const startCores = perSecond * starting + hubCores;
    const cores = Math.max(workCores, startCores);
    const gradingRate = students / (a.gradingHours * 3600);
    return {
      students,
      active,
      memoryGB,
      workCores,
      startCores,
      machines: Math.ceil(Math.max(memoryGB / a.memoryGB, cores / a.cores) / a.used),
      hubs: Math.ceil(hubCores / a.hubUsed),
      filesGB: (students * a.filesMB) / 1024,
      gradingRate,
      ...(grading !== undefined && { gradingCores: gradingRate / grading }),
    };
  });
}

export interface HubRun extends Run {
  runs: HubFigures[];
}

/** The tables of the page. @param grading as for `needs` */
export function scaleTables(run: HubRun, grading?: number): string {
  const { runs } = run;
  const most = runs.reduce((a, b) => (b.users > a.users ? b : a));
  const found = needs(most, grading);
  const a = ASSUMED;
  const whole = (value: number): string => Math.round(value).toLocaleString("en");
  const few = (value: number): string => (value < 10 ? value.toFixed(1) : whole(value));
  const row = (title: string, of: (need: Need) => string): string[] => [title, ...found.map(of)];
  return `${facts(run)}

${markdown([
  ["each, of so many users at once", ...runs.map(({ users }) => `${users}`)],
  ...MEASURED.map(([figure, title]) => [title, ...runs.map((run) => shown(run[figure]))]),
])}

Memory is PSS: what processes share counts once. Time of a processor hardly depends on what else the machine does; how many servers start in a second does.

## What students take

Computed from the column with ${most.users} users. Assumed: ${a.kernels} notebooks open each; ${a.labHours} hours in which each cell is run ${a.repeats} times; all come within ${a.arrivalMinutes} minutes; machines of ${a.cores} cores and
${a.memoryGB} GB, of which ${a.used * 100} % are used; a hub's process may use ${a.hubUsed * 100} % of a core; ${a.filesMB} MB of files each; all are marked within ${a.gradingHours} hours.

${markdown([
  row("students", (need) => whole(need.students)),
  row(
    "there at once (assumed)",
    (need) => `${whole(need.active)} (${(need.active / need.students) * 100} %)`,
  ),
  row("memory, GB", (need) => whole(need.memoryGB)),
  row("cores, while they work", (need) => few(need.workCores)),
  row("cores, while they arrive", (need) => few(need.startCores)),
  row("machines", (need) => whole(need.machines)),
  row("hubs", (need) => whole(need.hubs)),
  row("files, GB", (need) => few(need.filesGB)),
  row("submissions to mark, a second", (need) => need.gradingRate.toPrecision(2)),
  row("cores that mark", (need) =>
    need.gradingCores === undefined ? "not measured" : shown(need.gradingCores),
  ),
])}

${grading === undefined ? "Cores that mark: `npm run bench -- hub --from docs/scale.json --grading N --doc` computes them, N the submissions that one core marks in a second." : `One core marks ${shown(grading)} submissions a second.`}`;
}

/**
 * Writes the tables into the page, and the figures beside it, from which the tables can be made again.
 * @throws Error where the page has no place for tables
 */
export function writeScale(run: HubRun, tables: string, page: string): void {
  const text = readFileSync(page, "utf8");
  if (!PLACE.test(text))
    throw new Error(`${page} has no place for tables: two comments, see bench/scale.ts.`);
  writeFileSync(
    page,
    text.replace(PLACE, (_, from: string, to: string) => `${from}\n${tables}\n\n${to}`),
  );
  writeFileSync(page.replace(/(\.md)?$/, ".json"), `${JSON.stringify(run, null, 2)}\n`);
}
