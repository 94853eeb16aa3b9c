// What the handlers of a server print is kept with the server, since a page may not be there to show it. The taps sit on
// the two streams once, and cost a look-up for all other output.
import { currentServer } from "./server.js";

const MOST = 256 * 1024;

/** The last 256 KB of a text that grows. */
export class Journal {
  #parts: string[] = [];
  #length = 0;

  add(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length <= 2 * MOST) return;
    const rest = this.#parts.join("").slice(-MOST);
    this.#parts = [rest];
    this.#length = rest.length;
  }

  get text(): string {
    return this.#parts.join("").slice(-MOST);
  }
}

const taps = new WeakSet<object>();
let recording = false;

/** From now on servers hear what their handlers print; also where somebody has put a `write` of their own since. */
export function tapOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write;
    if (taps.has(write)) continue;
    const tapped = function (this: typeof stream, ...args: unknown[]): boolean {
      const server = recording ? undefined : currentServer();
      const [chunk] = args;
      if (server && (typeof chunk === "string" || chunk instanceof Uint8Array))
        server.record(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
      // An earlier tap may lie below.
      const outer = recording;
      recording = true;
      try {
        return Reflect.apply(write, stream, args) as boolean;
      } finally {
        recording = outer;
      }
    };
    taps.add(tapped);
    stream.write = tapped as typeof stream.write;
  }
}
