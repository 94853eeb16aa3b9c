// A second connection to each port that seemed open, alone: what then answers is no probe that met itself or another one.
import { connect, type Socket } from "node:net";
import { ours } from "../socket/ours.js";
import type { Target } from "./target.js";

export type Confirmed =
  | { open: true /** Left out: it answered once, and is too busy to do so again. */; stream?: Socket }
  | { open: false };

/** @param timeout milliseconds */
export async function confirm(
  target: Target,
  port: number,
  timeout: number,
  signal?: AbortSignal,
): Promise<Confirmed> {
  for (let tries = 0; tries < 5; tries++) {
    const found = await once(target, port, timeout, signal);
    if (found !== "self") return found;
  }
  return { open: false };
}

function once(
  { address, family }: Target,
  port: number,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Confirmed | "self"> {
  return new Promise((resolve, reject) => {
    const stream = ours(() => connect({ host: address, port, family, autoSelectFamily: false }));
    let over = false;
    const finish = (verdict: Confirmed | "self"): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
      stream.removeAllListeners("error").on("error", () => {});
      if (verdict === "self" || !("stream" in verdict)) stream.destroy();
      resolve(verdict);
    };
    function interrupt(): void {
      reject(signal?.reason);
      finish({ open: false });
    }
    const timer = setTimeout(() => setImmediate(() => finish({ open: true })), timeout);
    signal?.addEventListener("abort", interrupt, { once: true });
    stream.once("connect", () =>
      finish(
        stream.localPort === port && stream.localAddress === stream.remoteAddress
          ? "self"
          : { open: true, stream },
      ),
    );
    stream.once("error", ({ code }: NodeJS.ErrnoException) => finish({ open: code !== "ECONNREFUSED" }));
  });
}
