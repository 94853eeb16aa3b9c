// Errors that the kernel itself reports at a cell.

import type { ErrorReport } from "../flow.js";

const again = "All variables are lost. Run the notebook again from the top.";

/** An error without a place. */
export function plainError(ename: string, evalue: string): ErrorReport {
  return { ename, evalue, heading: `${ename}: ${evalue}`, frames: [], details: {} };
}

/**
 * The engine died.
 * @param givenUp it will not be started again
 */
export function diedError(reason: string, givenUp: boolean): ErrorReport {
  const next = givenUp
    ? "It was the third time within 10 seconds, so it is not started again: restart the kernel."
    : again;
  return plainError("EngineDied", `the process that runs the cells ended: ${reason}. ${next}`);
}

/** A cell was interrupted before it began to run. */
export const interruptedError: ErrorReport = plainError(
  "Interrupted",
  "the cell was interrupted before it ran",
);

/** A check was interrupted. */
export const checkInterruptedError: ErrorReport = plainError(
  "Interrupted",
  "the check was interrupted, so there is no result: run its cell again",
);

/** A cell cannot run, because no engine is left. */
export const givenUpError: ErrorReport = plainError(
  "EngineDied",
  "the process that runs the cells ended too often and is not started again: restart the kernel.",
);

/** The engine said that a cell failed, but not why. */
export const unknownError: ErrorReport = plainError("Error", "the cell failed without saying why");
