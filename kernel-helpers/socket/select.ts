// Which of many sockets are ready: Python's `select`, asked of the sockets themselves.
import { interruptible, stepwise, type WaitOptions } from "./deadline.js";
import type { Socket } from "./socket.js";

/** Between two looks at the sockets, in milliseconds: short at first, then longer. */
const PAUSES = { first: 1, longest: 20 };

/**
 * Waits until one of many sockets is ready: a `recv` or an `accept`, or a `send`, would not wait.
 * @param rlist sockets to receive from or to accept on
 * @param wlist sockets to send on
 * @param xlist accepted as Python accepts it; nothing exceptional is ever told, since Node drops urgent data
 * @param timeout seconds; `null`: for ever, 0: only look
 * @returns those of each list that are ready; nothing in any after the timeout
 * @throws OSError EBADF for a closed socket; NotSupported for a listening socket whose back-end cannot tell
 * @see Python `select.select`, select(2)
 */
export async function select(
  rlist: Iterable<Socket>,
  wlist: Iterable<Socket> = [],
  xlist: Iterable<Socket> = [],
  timeout: number | null = null,
  { signal }: Pick<WaitOptions, "signal"> = {},
): Promise<[readable: Socket[], writable: Socket[], exceptional: Socket[]]> {
  const [readers, writers] = [[...rlist], [...wlist]];
  void [...xlist];
  const left = stepwise({ timeout, signal }, null);
  for (let pause = PAUSES.first; ; pause = Math.min(2 * pause, PAUSES.longest)) {
    const readable = readers.filter((socket) => socket.isReady("read"));
    const writable = writers.filter((socket) => socket.isReady("write"));
    const rest = left().timeout ?? Number.POSITIVE_INFINITY;
    if (readable.length > 0 || writable.length > 0 || rest <= 1e-6) return [readable, writable, []];
    const wait = Math.min(pause, rest * 1000);
    await interruptible(new Promise((resolve) => setTimeout(resolve, wait)), { signal });
  }
}
