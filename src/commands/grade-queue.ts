// The other end of `wirebook grade-worker`: jobs go into the queue, results come from it, whoever has made them.

import type { Grade, Submission } from "../grading/needs.js";
import { packMarking, packSubmission } from "../grading/packed.js";
import type { Marking } from "./grade-one.js";
import { openQueue } from "./grade-worker.js";

export interface RemoteMarking {
  /** @throws where no worker could do it */
  mark(submission: Submission, key: string): Promise<Grade>;
  close(): Promise<void>;
}

/** @param signal gives up what is waited for; what is in the queue stays there */
export async function markThroughQueue(
  url: string,
  { digest, marking, signal }: { digest: string; marking: Marking; signal: AbortSignal },
): Promise<RemoteMarking> {
  const queue = await openQueue(url);
  const { executed: _, ...told } = marking;
  await queue.putMarking(digest, packMarking(told));
  const ended = new AbortController();
  const waiting = new Map<string, { resolve(grade: Grade): void; reject(error: Error): void }>();
  /** Of jobs that were put there by somebody who did not wait for them. */
  const early = new Map<string, Grade>();
  const listening = (async () => {
    for await (const outcome of queue.results<Grade>(digest, ended.signal)) {
      const one = waiting.get(outcome.key);
      waiting.delete(outcome.key);
      if ("result" in outcome) one ? one.resolve(outcome.result) : early.set(outcome.key, outcome.result);
      else one?.reject(new Error(outcome.failed));
    }
  })();
  const giveUp = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  listening.catch(giveUp);
  signal.addEventListener("abort", () => giveUp(new Error("stopped")), { once: true });
  return {
    async mark(submission, key) {
      const known = early.get(key);
      if (known) return known;
      const work = packSubmission(submission);
      if (JSON.stringify(work).length > queue.largest - 1024)
        throw new Error(
          `it is larger than the ${queue.largest} bytes that the queue takes: mark it without --nats`,
        );
      const result = new Promise<Grade>((resolve, reject) => waiting.set(key, { resolve, reject }));
      await queue.putJob({ key, digest, work });
      return await result;
    },
    async close() {
      ended.abort();
      await queue.close();
    },
  };
}
