// The types of a cell before it runs: in which mode they are checked, what is said of them, and what later cells know of it.
import { setImmediate as turn } from "node:timers/promises";
import type { ErrorReport, Outline, Program, TypeProblem, TypesDirective, TypesMode } from "../flow.js";
import type { CheckedCell, Output, Types } from "./needs.js";
import type { Outcome, RunRecord } from "./runs.js";

export interface TypedCell {
  /** Somebody has looked for its types. */
  typed: boolean;
  /** Why the cell must not run. */
  refused?: ErrorReport;
  /** It ended so; `undefined`: it never ran, or its engine died. */
  ended(outcome: Outcome | undefined): void;
}

/** Checks cells. */
export interface TypeCheck {
  /** @param cell.program what runs of it @throws what that throws */
  check(
    run: RunRecord,
    cell: { outline: Outline; directive?: TypesDirective; program(): Program },
  ): Promise<TypedCell>;
  /** Names that no cell has declared, for the cells that follow. */
  declare(outline: Outline): void;
  reset(): void;
}

export interface TypeCheckOptions {
  output: Output;
  types(): Promise<Types | undefined>;
  /** What the notebook itself says, or whoever executes it. */
  mode(): Promise<TypesMode>;
}

/** Creates the one check of a kernel. */
export function createTypeCheck({ output, types, mode }: TypeCheckOptions): TypeCheck {
  /** A cell has said so, for those that follow. */
  let chosen: TypesMode | undefined;
  let loaded: Types | undefined;
  let failed = false;
  /** Cells of other subshells, which still run: their names have values already, but no types yet. */
  const running = new Set<Outline>();
  let declared: Outline[] = [];

  /** What was not to be checked is looked at when it has run: nobody waits for that but the next cell that is checked. */
  let catchingUp = Promise.resolve();

  const look = async ({ label, cellId }: RunRecord, outline: Outline, wanted: boolean): Promise<Looked> => {
    loaded = await types();
    if (!loaded) return undefined;
    for (const outline of declared.splice(0))
      (await loaded.check(outline, { label: "debugger", wanted: false })).enter(() => true);
    return await loaded.check(outline, { label, ...(cellId !== undefined && { cellId }), wanted });
  };

  return {
    async check(run, { outline, directive, program }) {
      if (directive?.scope === "notebook") chosen = directive.mode;
      // What a front end asks for itself is none of the student's.
      const asked = run.silent ? "off" : (directive?.mode ?? chosen ?? (await mode()));
      const wanted = [...running].some((other) => dependsOn(outline, other)) ? "off" : asked;
      if (wanted === "off") {
        running.add(outline);
        return {
          typed: false,
          ended(outcome) {
            running.delete(outline);
            if (outcome?.passed === undefined) return;
            // Its reply goes first.
            catchingUp = Promise.all([catchingUp, turn()])
              .then(async () => (await look(run, outline, false))?.enter(valuesOf(program(), outcome)))
              .then(
                () => {},
                () => {},
              );
          },
        };
      }
      // What runs is made while another process looks at the types, and has the first word on what is wrong.
      const [made, looked] = await Promise.allSettled([
        turn().then(program),
        catchingUp.then(() => look(run, outline, true)),
      ]);
      const checked = looked.status === "fulfilled" ? looked.value : undefined;
      if (made.status === "rejected") {
        checked?.discard();
        throw made.reason;
      }
      if (looked.status === "rejected") {
        // A cell does not stand still because its types cannot be looked at.
        const text = `Types are not checked: ${(looked.reason as Error).message}`;
        if (!failed) output.event(run, { type: "notice", run: run.run, text });
        failed = true;
      }
      if (!checked) return { typed: false, ended() {} };
      const { problems, notice } = checked;
      if (notice) output.event(run, { type: "notice", run: run.run, text: notice });
      if (problems.length > 0 && wanted === "warn") {
        const error = typeReport(problems, run, "TypeScriptWarning");
        output.event(run, { type: "warning", run: run.run, error });
      }
      running.add(outline);
      return {
        typed: true,
        ...(problems.length > 0 &&
          wanted === "error" && { refused: typeReport(problems, run, "TypeScriptError") }),
        ended(outcome) {
          running.delete(outline);
          if (outcome?.passed === undefined) return checked.discard();
          const text = checked.enter(valuesOf(program(), outcome));
          if (text !== undefined) output.event(run, { type: "notice", run: run.run, text });
        },
      };
    },
    declare: (outline) => declared.push(outline),
    reset() {
      declared = [];
      catchingUp = catchingUp.then(() => loaded?.reset());
    },
  };
}

function dependsOn({ mentioned }: Outline, { declared }: Outline): boolean {
  return declared.some(({ name }) => mentioned.has(name));
}

/** `undefined`: there is nobody who could. */
type Looked = CheckedCell | undefined;

/** Which names a run has given their values; `undefined`: it went another way to its end. */
export function valuesOf(
  { marks, detours = [] }: Pick<Program, "marks" | "detours">,
  { status, passed, detours: taken = [] }: Pick<Outcome, "status" | "detours" | "passed">,
): (name: string) => boolean | undefined {
  const reached = new Set(
    [...marks.slice(0, passed ?? 0), ...taken.map((detour) => detours[detour - 1] ?? [])].flat(),
  );
  const left = new Set(detours.flat());
  return (name) => reached.has(name) || (status !== "ok" ? false : left.has(name) ? undefined : true);
}

/** So many are shown at once. */
const mostShown = 10;

/** What a student sees of a cell's problems, at their places. */
export function typeReport(
  problems: TypeProblem[],
  { run, label }: { run?: number; label: string },
  ename: "TypeScriptError" | "TypeScriptWarning",
): ErrorReport {
  const one = (problem: TypeProblem): ErrorReport => ({
    ename: `TS${problem.code}`,
    evalue: problem.message,
    heading: `${problem.message.split("\n", 1)[0]} (TS${problem.code})${problem.message.replace(/^[^\n]*/, "")}`,
    frames: [
      {
        name: "",
        file: label,
        ...(run !== undefined && { run }),
        ...problem.start,
        end: problem.end,
        internal: false,
      },
    ],
    details: {},
  });
  const reports = problems.slice(0, mostShown).map(one);
  const [first] = reports as [ErrorReport];
  const count = problems.length === 1 ? "" : `${problems.length} problems. `;
  const places = problems.map(({ start }) => `${start.line}:${start.column}`);
  const evalue = `${count}${first.heading} at ${places.slice(0, mostShown).join(", ")}`;
  const more = problems.length - reports.length;
  return {
    ename,
    evalue,
    heading:
      problems.length === 1
        ? `${ename}: ${first.heading}`
        : `${ename}: ${problems.length} problems${more > 0 ? `, of which these are the first ${mostShown}` : ""}`,
    frames: problems.length === 1 ? first.frames : [],
    details: {},
    ...(problems.length > 1 && { errors: reports }),
  };
}
