// The lane of a shell, and beside it one for what runs no code. A widget must not wait for the cell that awaits it, and whoever
// types the client's cell needs names completed while the server's cell still waits for a connection. Where no cell is about,
// all keep to one order.

import type { Message } from "../flow.js";
import { createLane, type Lane } from "./lane.js";

const ASIDE = /^(comm_(open|msg|close)|(complete|inspect|is_complete)_request)$/;

/**
 * @param serve answers one request; must not reject
 * @param cells how many cells run or wait here
 */
export function createShellLane(
  serve: (request: Message, aborted: boolean) => Promise<void>,
  cells: () => number,
): Lane {
  /** How many of this kind wait in each lane. */
  let inMain = 0;
  let inAside = 0;
  // They never overtake each other: those of the main lane come first, and no cell stands before them.
  let first = Promise.resolve();
  let done: () => void = () => {};
  const main = createLane(async (request, aborted) => {
    await serve(request, aborted);
    if (ASIDE.test(request.header.msg_type) && --inMain === 0) done();
  });
  const aside = createLane(async (request, aborted) => {
    await first;
    await serve(request, aborted);
    inAside--;
  });
  return {
    push(request) {
      if (!ASIDE.test(request.header.msg_type)) main.push(request);
      else if (cells() > 0 || inAside > 0) {
        inAside++;
        aside.push(request);
      } else {
        if (inMain++ === 0)
          first = new Promise((resolve) => {
            done = resolve;
          });
        main.push(request);
      }
    },
    abort: () => main.abort(),
    stop() {
      main.stop();
      aside.stop();
    },
  };
}
