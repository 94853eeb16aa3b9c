import { afterEach, beforeEach, describe } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";

export type BackendName = "koffi" | "doorman" | "eager";

type Tests = (name: BackendName, make: typeof socket.socket) => void;

/** The same tests on each of the three ways to accept; everything that `make` gave is closed afterwards. */
export function onEveryBackend(title: string, tests: Tests): void {
  onBackends(["koffi", "doorman", "eager"], title, tests);
}

export function onBackends(names: BackendName[], title: string, tests: Tests): void {
  describe.each(names)(`${title} (%s)`, (name) => {
    const before = process.env.WIREBOOK_SOCKETS;
    const made: socket.Socket[] = [];
    beforeEach(() => {
      process.env.WIREBOOK_SOCKETS = name;
    });
    afterEach(async () => {
      if (before === undefined) delete process.env.WIREBOOK_SOCKETS;
      else process.env.WIREBOOK_SOCKETS = before;
      await Promise.all(made.splice(0).map((each) => each.close()));
    });
    tests(name, (...args) => {
      const each = socket.socket(...args);
      made.push(each);
      return each;
    });
  });
}

/** Two sockets that talk with each other, and the one that listens. */
export async function pair(
  make: typeof socket.socket,
): Promise<{ listener: socket.Socket; client: socket.Socket; server: socket.Socket }> {
  const listener = make();
  await listener.bind(["127.0.0.1", 0]);
  await listener.listen(5);
  const client = make();
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  return { listener, client, server };
}
