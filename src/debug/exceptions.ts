// Which errors are worth a stop. V8 thinks that every error of a cell is caught, by the kernel; and it tells of those that
// Node throws for itself.
import type { Debugger } from "node:inspector";
import type { DebuggerOptions } from "./needs.js";
import type { Sources } from "./sources.js";
import type { StudentFrame } from "./stack.js";

export type Filter = "raised" | "uncaught";

interface Parts {
  filters: Filter[];
  sources: Sources;
  isCaught: DebuggerOptions["isCaught"];
}

export function isStudents(
  { callFrames, data }: Debugger.PausedEventDataType,
  frames: StudentFrame[],
  { filters, sources, isCaught }: Parts,
): boolean {
  const nearest = frames[0];
  if (!nearest?.call) return false;
  // Between the throw and the student's code may stand Node, which the student has called; not the kernel.
  const between = callFrames.slice(0, callFrames.indexOf(nearest.call));
  if (!between.every(({ url }) => url.startsWith("node:"))) return false;
  if (filters.includes("raised")) return true;
  if ((data as { uncaught?: boolean } | undefined)?.uncaught) return true;
  return !frames.some(({ place }) => {
    const text = sources.text(place.path);
    return text !== undefined && isCaught(text, place);
  });
}
