// How soon V8 compiles well what runs again and again. Every cell goes the same way through both processes: usually that would be
// interpreted for dozens of cells, and compiled well after four hundred. What a student's own loops take stays the same.
import { setFlagsFromString } from "node:v8";

const flags = [
  "--invocation-count-for-feedback-allocation=1",
  "--invocation-count-for-maglev=12",
  "--minimum-invocations-after-ic-update=12",
];

/** To be called before anything else runs. */
export function compileEarly(): void {
  for (const flag of flags) setFlagsFromString(flag);
}
