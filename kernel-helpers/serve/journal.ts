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

const TAPPED = Symbol.for("wirebook.tapped");

/** From now on servers hear what their handlers print. */
export function tapOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (TAPPED in stream) continue;
    const write = stream.write;
    Object.assign(stream, { [TAPPED]: true });
    stream.write = function (this: typeof stream, ...args: unknown[]): boolean {
      const server = currentServer();
      const [chunk] = args;
      if (server && (typeof chunk === "string" || chunk instanceof Uint8Array))
        server.record(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
      return Reflect.apply(write, stream, args) as boolean;
    } as typeof stream.write;
  }
}
