// `wirebook scan`: which ports are open, in a terminal.
import { SingleBar } from "cli-progress";
import {
  ScanError,
  ScanInterrupted,
  type ScanOptions,
  type ScanProgress,
  type ScanResult,
  scan,
} from "../../kernel-helpers/scan/index.js";
import { CommandProblem } from "./problem.js";

export interface ScanCommandOptions extends Omit<ScanOptions, "signal" | "onProgress"> {
  /** The whole result, or one port a line. */
  json?: boolean;
  jsonl?: boolean;
  /** Only the open ones. */
  open?: boolean;
}

/** @returns the exit code: 0, 130 after Ctrl-C; what was found until then is printed all the same */
export async function scanCommand(
  target: string | undefined,
  { json = false, jsonl = false, open = false, ...options }: ScanCommandOptions,
): Promise<number> {
  const stopped = new AbortController();
  const onInterrupt = (): void => stopped.abort();
  process.on("SIGINT", onInterrupt).on("SIGTERM", onInterrupt);
  const bar = progressBar();
  const print = (result: ScanResult): void => {
    const ports = open ? result.open : result.ports;
    if (json) console.log(JSON.stringify({ ...result.toJSON(), ports }, undefined, 2));
    else if (jsonl) for (const port of ports) console.log(JSON.stringify(port));
    else
      console.log(
        [result.summary, result.table({ open }), open ? "" : result.unlisted].filter(Boolean).join("\n"),
      );
  };
  try {
    const result = await scan(target, {
      ...options,
      signal: stopped.signal,
      ...(bar && { onProgress: bar.tick }),
    });
    bar?.stop();
    print(result);
    return 0;
  } catch (error) {
    bar?.stop();
    if (error instanceof ScanError) throw new CommandProblem(error.message);
    if (!stopped.signal.aborted) throw error;
    if (error instanceof ScanInterrupted) print(error.result);
    console.error("Stopped.");
    return 130;
  } finally {
    process.off("SIGINT", onInterrupt).off("SIGTERM", onInterrupt);
  }
}

function progressBar(): { tick(progress: ScanProgress): void; stop(): void } | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar({
    format: "{bar} {percentage} % of {total} ports, {open} open, {duration_formatted}",
    clearOnComplete: true,
    stream: process.stderr,
    hideCursor: true,
  });
  let started = false;
  return {
    tick({ done, total, open }) {
      if (!started) bar.start(total, 0, { open });
      started = true;
      bar.update(done, { open });
    },
    stop: () => bar.stop(),
  };
}
