// What the engine gets of an execute_request.

import type { Job, Program } from "../flow.js";
import type { Translation } from "./needs.js";
import type { ExecuteContent } from "./read-execute.js";
import type { RunRecord } from "./runs.js";

/** Adds the user expressions to a translated cell. One that is no expression only carries its own error. */
export function toJob(
  run: RunRecord,
  program: Program,
  content: ExecuteContent,
  translation: Translation,
): Job {
  const userExpressions: Job["userExpressions"] = {};
  for (const [name, code] of Object.entries(content.userExpressions)) {
    try {
      userExpressions[name] = translation.expression(code, `${run.label} ${name}`);
    } catch (error) {
      userExpressions[name] = { syntaxError: (error as Error).message };
    }
  }
  return {
    run: run.run,
    ...(run.cellId !== undefined && { cellId: run.cellId }),
    label: run.label,
    program,
    silent: run.silent,
    allowStdin: run.allowStdin,
    userExpressions,
  };
}
