// `Deno.test` in a cell: the tests run right behind what registers them, one after the other, and are told of below the cell.
import { host } from "../host-contract.js";

/** What a test's function is given. */
export interface TestContext {
  name: string;
  /** A part of the test. @returns did it pass? */
  step(name: string, fn: (t: TestContext) => void | Promise<void>): Promise<boolean>;
}

type TestFunction = (t: TestContext) => void | Promise<void>;

interface Definition {
  name: string;
  fn: TestFunction;
  ignore?: boolean;
}

/** https://docs.deno.com/api/deno/~/Deno.test */
export interface Test {
  (name: string, fn: TestFunction): void;
  (fn: TestFunction): void;
  (definition: Definition): void;
  (name: string, options: Omit<Definition, "name" | "fn">, fn: TestFunction): void;
  ignore(name: string, fn: TestFunction): void;
}

let waiting: Definition[] = [];

function register(first: string | TestFunction | Definition, ...rest: unknown[]): void {
  const fn = rest.at(-1) as TestFunction;
  const definition =
    typeof first === "object"
      ? first
      : typeof first === "function"
        ? { name: first.name, fn: first }
        : { name: first, fn, ...(rest.length > 1 && (rest[0] as object)) };
  if (typeof definition.fn !== "function")
    throw new TypeError("Deno.test: a test is a name and a function, or a function that has a name");
  // Those that a cell registers at one go are run, and counted, together.
  if (waiting.push(definition) === 1) {
    const over = Promise.resolve().then(runAll);
    host()?.hold?.(over);
  }
}

export const test: Test = Object.assign(register, {
  ignore: (name: string, fn: TestFunction) => register({ name, fn, ignore: true }),
});

async function runAll(): Promise<void> {
  const tests = waiting;
  waiting = [];
  console.log(`running ${tests.length} test${tests.length === 1 ? "" : "s"}`);
  const count = { passed: 0, failed: 0, ignored: 0 };
  for (const definition of tests) count[await runOne(definition)]++;
  const ignored = count.ignored > 0 ? ` | ${count.ignored} ignored` : "";
  console.log(
    `\n${count.failed > 0 ? "FAILED" : "ok"} | ${count.passed} passed | ${count.failed} failed${ignored}`,
  );
}

async function runOne(
  { name, fn, ignore = false }: Definition,
  indent = "",
): Promise<"passed" | "failed" | "ignored"> {
  if (ignore) {
    console.log(`${indent}${name} ... ignored`);
    return "ignored";
  }
  const began = performance.now();
  let failedSteps = 0;
  const context: TestContext = {
    name,
    async step(part, run) {
      const passed = (await runOne({ name: part, fn: run }, `${indent}  `)) === "passed";
      if (!passed) failedSteps++;
      return passed;
    },
  };
  const told = (verdict: string): void =>
    console.log(`${indent}${name} ... ${verdict} (${Math.round(performance.now() - began)}ms)`);
  try {
    await fn(context);
    if (failedSteps === 0) {
      told("ok");
      return "passed";
    }
    told(`FAILED: ${failedSteps} of its steps`);
  } catch (error) {
    told("FAILED");
    console.error(error);
  }
  return "failed";
}
