// One lane of requests: strictly one after another, in the order of arrival. Shell is one lane, control another.

import type { Message } from "../flow.js";

/** A queue of requests. */
export interface Lane {
  push(request: Message): void;
  /** Every execute_request that waits now is to be answered `aborted`; others run as they would have. */
  abort(): void;
  /** Nothing that waits or comes later is served any more. */
  stop(): void;
}

/**
 * Creates a lane.
 * @param serve answers one request; must not reject
 */
export function createLane(serve: (request: Message, aborted: boolean) => Promise<void>): Lane {
  let waiting: { request: Message; aborted: boolean }[] = [];
  let serving = false;
  const run = async (): Promise<void> => {
    serving = true;
    while (waiting.length > 0) {
      // A batch at a time: shifting single items off a queue of thousands is slow.
      const batch = waiting;
      waiting = [];
      inBatch = batch;
      for (const item of batch) {
        if (stopped) return;
        await serve(item.request, item.aborted);
      }
    }
    serving = false;
  };
  let inBatch: typeof waiting = [];
  let stopped = false;
  return {
    push(request) {
      waiting.push({ request, aborted: false });
      if (!serving) void run();
    },
    abort() {
      for (const item of [...inBatch, ...waiting]) {
        if (item.request.header.msg_type === "execute_request") item.aborted = true;
      }
    },
    stop() {
      stopped = true;
    },
  };
}
