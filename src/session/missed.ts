// Late output that nobody may have seen: a page that was reloaded drops the output of requests from before.

import type { RunRecord } from "./runs.js";

interface Missed {
  label: string;
  text: string;
  /** Characters that were dropped from the beginning, because too much came. */
  dropped: number;
  /** Has the next cell said so? */
  told: boolean;
}

/** Keeps such output until someone asks. */
export interface MissedOutput {
  /** @param options.told the cell itself says so, the next one need not */
  keep(run: RunRecord, text: string, options?: { told?: boolean }): void;
  /** One line for every cell that printed since the last call, for the next cell to say. */
  notices(): string[];
  /** Hands over what was kept, each cell's under its name, and forgets it. */
  take(): string;
}

/** Characters kept for each cell. */
const maxKept = 256 * 1024;

/** Creates an empty store. */
export function createMissedOutput(): MissedOutput {
  const kept = new Map<number, Missed>();
  return {
    keep(run, text, { told = false } = {}) {
      const entry = kept.get(run.run) ?? { label: run.label, text: "", dropped: 0, told: true };
      entry.text += text;
      entry.told &&= told;
      // Cut only once twice as much is there: cutting at every write would copy all of it each time.
      if (entry.text.length > 2 * maxKept) {
        entry.dropped += entry.text.length - maxKept;
        entry.text = entry.text.slice(-maxKept);
      }
      kept.set(run.run, entry);
    },
    notices() {
      const lines: string[] = [];
      for (const entry of kept.values()) {
        if (entry.told) continue;
        entry.told = true;
        const count = entry.text.split("\n").length - (entry.text.endsWith("\n") ? 1 : 0);
        const lineWord = count === 1 ? "1 line" : `${entry.dropped > 0 ? "more than " : ""}${count} lines`;
        lines.push(
          `${entry.label.replace("Cell", "cell")} printed ${lineWord} while this page was not listening: missed()`,
        );
      }
      return lines;
    },
    take() {
      const all = [...kept.values()].map(({ label, text, dropped }) => {
        const excess = Math.max(0, text.length - maxKept);
        const lost = dropped + excess;
        const title = lost > 0 ? `${label}, without the first ${lost} characters` : label;
        return `── ${title}\n${text.slice(excess)}${text.endsWith("\n") ? "" : "\n"}`;
      });
      kept.clear();
      return all.join("");
    },
  };
}
