// The other end of `wirebook grade-worker`: jobs go into the queue, results come from it, whoever has made them.

import type { Notebook } from "../client/notebook.js";
import type { Grade, Submission } from "../grading/needs.js";
import { packMarking, packSubmission, unpackExecuted } from "../grading/packed.js";
import type { Marking } from "./grade-one.js";
import { type MarkedRemotely, openQueue } from "./grade-worker.js";

/** Bytes that executed notebooks may have, unpacked. */
const mostUnpacked = 256 * 1024 * 1024;

export interface RemoteMarking {
  /**
   * @param keep takes its notebooks, executed
   * @throws where no worker could do it
   */
  mark(submission: Submission, key: string, keep: (name: string, executed: Notebook) => void): Promise<Grade>;
  close(): Promise<void>;
}

/** @param signal gives up what is waited for; what is in the queue stays there */
export async function markThroughQueue(
  url: string,
  { digest, marking, signal }: { digest: string; marking: Marking; signal: AbortSignal },
): Promise<RemoteMarking> {
  const queue = await openQueue(url);
  await queue.putMarking(digest, packMarking(marking));
  const ended = new AbortController();
  const waiting = new Map<string, { resolve(marked: MarkedRemotely): void; reject(error: Error): void }>();
  /** Of jobs that were put there by somebody who did not wait for them. */
  const early = new Map<string, MarkedRemotely>();
  const listening = (async () => {
    for await (const outcome of queue.results<MarkedRemotely>(digest, ended.signal)) {
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
  const marked = async (submission: Submission, key: string): Promise<MarkedRemotely> => {
    const work = packSubmission(submission);
    if (JSON.stringify(work).length > queue.largest - 1024)
      throw new Error(
        `it is larger than the ${queue.largest} bytes that the queue takes: mark it without --nats`,
      );
    const result = new Promise<MarkedRemotely>((resolve, reject) => waiting.set(key, { resolve, reject }));
    await queue.putJob({ key, digest, work });
    return await result;
  };
  return {
    async mark(submission, key, keep) {
      const { grade, executed } = early.get(key) ?? (await marked(submission, key));
      if (!executed) return grade;
      try {
        const packed = await queue.beside({ digest, key }, executed);
        // A worker has no say in where files are written.
        for (const [name, notebook] of unpackExecuted(packed, { most: mostUnpacked }))
          if (marking.given.has(name)) keep(name, notebook);
        return grade;
      } catch (error) {
        const note = `its executed notebooks did not come back: ${(error as Error).message}`;
        return { ...grade, notes: [...grade.notes, note] };
      }
    },
    async close() {
      ended.abort();
      await queue.close();
    },
  };
}
