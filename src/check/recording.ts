// What a check and the student's program said to each other, as the diagram that students know from `wirebook/trace`. All sockets of the checker's
// process are a check's own, so the whole process is recorded. The helpers are the students': like definitions, this finds them where they are built.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Names, Wire } from "./needs.js";

/** A diagram is to be looked at: what comes later is counted only. */
const most = { events: 60, bytes: 16 * 1024 };

interface Trace {
  readonly events: readonly unknown[];
  stop(): unknown;
  bundle(): Record<string, unknown>;
}

interface TraceModule {
  trace(options: { names: Names; limit: number; keep: number; whose: string }): Trace;
}

/**
 * Begins to record.
 * @returns ends it, and draws; `undefined` where nothing went over the wire
 */
export async function record(names: Names): Promise<() => Wire | undefined> {
  const address = createRequire(import.meta.url).resolve("wirebook/trace");
  const { trace } = (await import(pathToFileURL(address).href)) as TraceModule;
  const recorded = trace({ names, limit: most.events, keep: most.bytes, whose: "the check" });
  return () => {
    recorded.stop();
    if (recorded.events.length === 0) return undefined;
    const bundle = recorded.bundle();
    return { html: String(bundle["text/html"]), text: String(bundle["text/plain"]) };
  };
}
