// What comes over an engine's descriptors 1 and 2 beside its own way: of child processes that inherit them, of native code, of V8.
import type { ChildProcess } from "node:child_process";
import { StringDecoder } from "node:string_decoder";

/** Node says so when it ends while an inspector is connected, as the engine's own always is. */
const farewell = /^Waiting for the debugger to disconnect\.\.\.\n/m;
/** How long V8's last words are held back. */
const LAST_WORDS_MS = 2000;
/** Turns of the event loop that the end of a run waits for output that came beside it; background output may never cease. */
const MOST_TURNS = 20;

/**
 * What comes over descriptors 1 and 2 beside the engine's own way. V8's last words are held back: they say why an engine
 * died; if it lives on, they were the student's.
 */
export function readRaw(
  child: ChildProcess,
  onText: (name: "stdout" | "stderr", text: string) => void,
): { fatal(): string; whenQuiet(then: () => void): void } {
  let fatal = "";
  let came = false;
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    child[name]?.on("data", (chunk: Buffer) => {
      came = true;
      const text = decoder.write(chunk).replace(farewell, "");
      if (!fatal && !/<--- Last few GCs|FATAL ERROR:|# Fatal /.test(text)) {
        if (text) onText(name, text);
        return;
      }
      if (!fatal) {
        setTimeout(() => {
          if (child.exitCode === null && child.signalCode === null) onText(name, fatal);
          fatal = "";
        }, LAST_WORDS_MS).unref();
      }
      fatal += text;
    });
  }
  return {
    fatal: () => fatal,
    // Bytes that were written before an event travel beside it: look whether they are there before the event is passed on.
    whenQuiet(then) {
      let turns = 0;
      const look = (): void => {
        if (came && ++turns <= MOST_TURNS) {
          came = false;
          setImmediate(look);
        } else then();
      };
      came = true;
      look();
    },
  };
}
