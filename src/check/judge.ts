// Runs one definition and makes its result. What a student's code does can make a row fail, or the whole check; it cannot make one pass.

import { inspect } from "node:util";
import type { Definition } from "./definitions.js";
import type { CheckResult, CheckRow } from "./needs.js";
import { type Student, StudentProblem } from "./student.js";

/** Where a definition says nothing else; nbgrader itself waits 30 s for a cell. */
export const usualSeconds = 20;
const longest = 500;

interface Detail {
  expected?: unknown;
  seen?: unknown;
}

export async function judge(
  id: string,
  { title, points: max, hints = [], timeout = usualSeconds, run }: Definition,
  student: Student,
): Promise<CheckResult> {
  const rows: CheckRow[] = [];
  const ended = new AbortController();
  let over = false;
  const expect = (
    name: string,
    { weight = 1 }: { weight?: number },
    passed: unknown,
    detail?: Detail,
  ): boolean => {
    if (!(weight > 0 && Number.isFinite(weight)))
      throw new RangeError(`the weight of "${name}" is not above 0`);
    // What comes after the end counts for nothing.
    if (over) return false;
    rows.push({
      title: name,
      passed: passed === true,
      weight,
      ...shown("expected", detail),
      ...shown("seen", detail),
    });
    return passed === true;
  };
  const t = {
    expect,
    async attempt(name: string, options: { weight?: number }, part: () => unknown): Promise<boolean> {
      try {
        const outcome = await part();
        if (typeof outcome !== "object" || outcome === null) return expect(name, options, outcome);
        return expect(name, options, (outcome as { passed?: unknown }).passed, outcome as Detail);
      } catch (error) {
        return expect(name, options, false, { seen: (error as Error).message });
      }
    },
    signal: ended.signal,
  };
  let problem: string | undefined;
  let broken = false;
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new StudentProblem(`it took longer than ${timeout} s`)),
        timeout * 1000,
      );
    });
    await Promise.race([run(student, t), late]);
    if (rows.length === 0) throw new Error("it looked at nothing");
  } catch (error) {
    broken = !(error instanceof StudentProblem);
    problem = broken
      ? `The check itself failed: ${(error as Error).message ?? error}`
      : `The check could not go on: ${(error as Error).message}`;
  } finally {
    over = true;
    clearTimeout(timer);
    ended.abort();
  }
  const [all, good] = [rows, rows.filter(({ passed }) => passed)].map((some) =>
    some.reduce((sum, { weight }) => sum + weight, 0),
  ) as [number, number];
  // Whoever stops a check half-way does not get the points of the half.
  const points = problem === undefined ? Math.min(max, Math.round((max * good * 100) / all) / 100) : 0;
  return {
    id,
    title,
    points,
    max,
    passed: problem === undefined && good === all,
    rows,
    hints: hints.slice(0, 3),
    ...(problem !== undefined && { problem }),
    ...(broken && { broken }),
  };
}

function shown(
  name: keyof Detail,
  detail: Detail | undefined,
): Detail & { expected?: string; seen?: string } {
  if (!detail || !(name in detail)) return {};
  const value = detail[name];
  const text = inspect(value, { depth: 4, breakLength: 80, maxArrayLength: 20, maxStringLength: longest });
  return { [name]: text.length > longest ? `${text.slice(0, longest)} …` : text };
}
