// What V8 is told once a process has loaded what it needs. Not before: under other flags it refuses the compiled code that Node keeps
// of its own modules and of ours. Not much later either: what has run for a while is not looked at again so soon.
import { setFlagsFromString } from "node:v8";

// Every cell goes the same way through both processes: usually that would be interpreted for dozens of cells, and compiled well after
// four hundred. What a student's own loops take stays the same.
const soon: string[] = ["--invocation-count-for-maglev=12", "--minimum-invocations-after-ic-update=12"];

const flags: Record<"engine" | "supervisor", string[]> = {
  engine: soon,
  supervisor: [
    ...soon,
    // Not for the engine: Node 26 then answers some evaluations that must have no effect with nothing.
    "--invocation-count-for-feedback-allocation=1",
    // Messages come and go: where a flood of them passes, a larger nursery would only keep more of them.
    "--semi-space-growth-factor=1",
    // And to wake other threads for a small one takes longer than to clear it.
    "--no-parallel-scavenge",
  ],
};

let set = false;

/** May be called often; the first time counts. */
export function setV8Flags(process: keyof typeof flags): void {
  if (set) return;
  set = true;
  for (const flag of flags[process]) setFlagsFromString(flag);
}
