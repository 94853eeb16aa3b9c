// The checker: a process beside the engine, in its network but not in its sandbox. It loads what a check is, reads what it needs of
// the student's work, and decides. No student's code runs here.

import { createRequire, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { DefinitionProblem, findDefinition, loadDefinitions } from "./check/definitions.js";
import { judge, usualSeconds } from "./check/judge.js";
import type { Answer, FromChecker, Names, ToChecker } from "./check/needs.js";
import { record } from "./check/recording.js";
import { createStudent, type Student } from "./check/student.js";

// Definitions lie where no package is installed.
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!/^wirebook\//.test(specifier)) throw error;
      return next(pathToFileURL(createRequire(import.meta.url).resolve(specifier)).href, context);
    }
  },
});

const say = (message: FromChecker): void => void process.send?.(message);
const waiting = new Map<number, (answer: never) => void>();
let last = 0;
function asked<T>(message: (number: number) => FromChecker): Promise<T> {
  return new Promise((resolve) => {
    waiting.set(++last, resolve);
    say(message(last));
  });
}
const studentWith = (names: Names): Student =>
  createStudent({
    names,
    read: (expression, seconds) => asked<Answer>((number) => ({ type: "read", number, expression, seconds })),
    source: (cellId) => asked<string | null>((number) => ({ type: "source", number, cellId })),
  });

async function run({ id, folders, student }: Extract<ToChecker, { type: "run" }>): Promise<void> {
  // The process may have been started before anybody knew.
  if (student !== undefined) process.env.WIREBOOK_STUDENT = student;
  try {
    const { definition, hidden } = await findDefinition(id, folders);
    const names: Names = {};
    // What is hidden stays so: it is not even recorded. A check without its picture is still one.
    const drawn = hidden ? undefined : await record(names).catch(() => undefined);
    say({ type: "began", seconds: definition.timeout ?? usualSeconds });
    const result = await judge(id, definition, studentWith(names));
    const wire = drawn?.();
    say({ type: "result", result, hidden, ...(wire && { wire }) });
  } catch (error) {
    if (!(error instanceof DefinitionProblem)) throw error;
    say({ type: "refused", message: error.message });
  }
}

process.on("message", (message: ToChecker) => {
  if (message.type === "load") {
    void loadDefinitions(message.folders);
    return;
  }
  if (message.type === "run") {
    void run(message);
    return;
  }
  const settle = waiting.get(message.number) as ((answer: unknown) => void) | undefined;
  waiting.delete(message.number);
  settle?.(message.type === "read" ? message.answer : message.text);
});
// What a definition leaves behind (a socket that fails late) is nobody's business.
process.on("uncaughtException", () => {});
process.on("disconnect", () => process.exit(0));
