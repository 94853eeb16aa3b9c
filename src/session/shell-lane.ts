// The lane of a shell, and beside it one for what runs no code. A widget must not wait for the cell that awaits it, and whoever
// types the client's cell needs names completed while the server's cell still waits for a connection. Where no cell is about,
// all keep to one order.

import type { Message } from "../flow.js";
import { createLane, type Lane } from "./lane.js";

const COMM = /^comm_(open|msg|close)$/;
const QUESTION = /^(complete|inspect|is_complete)_request$/;
/** A question keeps its place in the order until a cell has been running for so many milliseconds. */
const patience = 1000;

/**
 * @param serve answers one request; must not reject
 * @param cells how many cells run or wait here
 */
export function createShellLane(
  serve: (request: Message, aborted: boolean) => Promise<void>,
  cells: () => number,
): Lane {
  /** How many comm messages wait in each lane. */
  let inMain = 0;
  let inAside = 0;
  // They never overtake each other: those of the main lane come first, and no cell stands before them.
  let first = Promise.resolve();
  let done: () => void = () => {};
  /** Since when the cell has been running. */
  let since = Number.POSITIVE_INFINITY;
  /** Questions that wait for their turn. */
  const waiting = new Set<Message>();
  let timer: NodeJS.Timeout | undefined;

  const main = createLane(async (request, aborted) => {
    const { msg_type: type } = request.header;
    if (QUESTION.test(type) && !waiting.delete(request)) return;
    if (type === "execute_request") since = performance.now();
    watch();
    await serve(request, aborted);
    since = Number.POSITIVE_INFINITY;
    if (COMM.test(type) && --inMain === 0) done();
  });
  const aside = createLane(async (request, aborted) => {
    await first;
    await serve(request, aborted);
    if (COMM.test(request.header.msg_type)) inAside--;
  });

  /** Lets the questions past a cell that takes long. */
  const watch = (): void => {
    clearTimeout(timer);
    if (waiting.size === 0 || since === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(
      () => {
        for (const question of waiting) aside.push(question);
        waiting.clear();
      },
      since + patience - performance.now(),
    );
  };

  return {
    push(request) {
      const { msg_type: type } = request.header;
      if (COMM.test(type) && (cells() > 0 || inAside > 0)) {
        inAside++;
        aside.push(request);
        return;
      }
      if (COMM.test(type) && inMain++ === 0)
        first = new Promise((resolve) => {
          done = resolve;
        });
      if (QUESTION.test(type)) waiting.add(request);
      main.push(request);
      watch();
    },
    abort: () => main.abort(),
    stop() {
      clearTimeout(timer);
      main.stop();
      aside.stop();
    },
  };
}
