// How soon V8 compiles well what runs again and again. Every cell goes the same way through both processes: usually that would be
// interpreted for dozens of cells, and compiled well after four hundred. What a student's own loops take stays the same.
import { setFlagsFromString } from "node:v8";

const flags = ["--invocation-count-for-maglev=12", "--minimum-invocations-after-ic-update=12"];
/** Where an inspector asks for evaluations without effects, Node 26 with this one answers some of them with nothing. */
const uninspected = "--invocation-count-for-feedback-allocation=1";

let begun = false;

/**
 * To be called after each cell; the first one counts, because what runs once on the way there is not worth compiling.
 * @param options.inspected may evaluations be asked for that must have no effect?
 */
export function compileEarly({ inspected }: { inspected: boolean }): void {
  if (begun) return;
  begun = true;
  for (const flag of inspected ? flags : [...flags, uninspected]) setFlagsFromString(flag);
}
