// How fast messages may leave. jupyter_server, with its default limits, throws stream output away beyond 1 MB/s and any
// output beyond 1,000 messages/s, both averaged over 3 s; under such a server we stay below and nothing is lost.

/** Decides when the next message may leave. */
export interface Pacing {
  /** Milliseconds until the next message may be sent; 0: now. */
  wait(now: number): number;
  /** A message of this type and size has been sent. */
  spent(msgType: string, bytes: number, now: number): void;
}

/** No server in between, or one that forwards everything. */
export const unpaced: Pacing = { wait: () => 0, spent: () => {} };

/**
 * Keeps below jupyter_server's default limits, in any 3 s at most 3 MB of streams and 3,000 messages, with a margin for
 * messages that the server reads late.
 * @param options.bytesPerSecond sustained rate of stream output
 * @param options.messagesPerSecond sustained rate of messages
 * @param options.burst seconds' worth that may leave at once after a pause
 */
export function createPacing(
  options: { bytesPerSecond?: number; messagesPerSecond?: number; burst?: number } = {},
): Pacing {
  const { bytesPerSecond = 700_000, messagesPerSecond = 800, burst = 0.2 } = options;
  // Time until which what was sent so far is paid for; a message may leave while that lies less than `burst` ahead.
  let bytesPaid = 0;
  let messagesPaid = 0;
  return {
    wait(now) {
      return Math.max(0, Math.max(bytesPaid, messagesPaid) - now - burst * 1000);
    },
    spent(msgType, bytes, now) {
      // The server counts neither of these.
      if (msgType === "status" || msgType === "execute_input") return;
      messagesPaid = Math.max(messagesPaid, now) + 1000 / messagesPerSecond;
      if (msgType === "stream") bytesPaid = Math.max(bytesPaid, now) + (bytes * 1000) / bytesPerSecond;
    },
  };
}

/**
 * Is there a Jupyter server with limits between us and the reader? It names the notebook for the kernels it starts;
 * `npm run lab` and the hub's configuration raise the limits and say so in WIREBOOK_IOPUB.
 */
export function isPaced(env: NodeJS.ProcessEnv): boolean {
  if (env.WIREBOOK_IOPUB) return env.WIREBOOK_IOPUB !== "unlimited";
  return env.JPY_SESSION_NAME !== undefined;
}
