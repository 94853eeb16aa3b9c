// How far a scan is: told to whoever asked, and shown in a notebook where it takes longer than a moment.
import { host } from "../host-contract.js";
import { LiveOutput } from "../serve/live-output.js";
import { ours } from "../socket/ours.js";
import type { ScanProgress } from "./scan.js";
import type { Sweep } from "./sweep.js";

const EVERY_MS = 100;
/** So quick that nobody wants to read of it. */
const MOMENT_MS = 400;

/** @returns ends it; its last words stay in the notebook, if anything was shown there or has to be */
export function watchProgress(
  sweep: Sweep,
  onProgress?: (progress: ScanProgress) => void,
): { end(last: string): void } {
  const begun = performance.now();
  let words: string | undefined;
  const shown =
    host() &&
    new LiveOutput(() => ({ "text/plain": words ?? line(sweep) }), {
      "text/plain": "the scan ended with its engine",
    });
  let visible = false;
  const tick = (): void => {
    onProgress?.({ done: sweep.done, total: sweep.total, open: sweep.open });
    if (!shown || performance.now() - begun < MOMENT_MS) return;
    if (visible) shown.update();
    else shown.show();
    visible = true;
  };
  const timer = setInterval(tick, EVERY_MS).unref();
  return {
    end(last) {
      clearInterval(timer);
      onProgress?.({ done: sweep.done, total: sweep.total, open: sweep.open });
      words = last;
      // An interrupted cell shows nothing any more; what it has shown can still be renewed.
      if (visible) ours(() => shown?.renew());
    },
  };
}

function line({ done, total, open, targets: [first], targets }: Sweep): string {
  const where = targets.length > 1 ? `${targets.length} addresses` : first?.address;
  return `scanning ${where}: ${Math.floor((100 * done) / total)} % of ${total.toLocaleString("en")} ports, ${open} open so far`;
}
