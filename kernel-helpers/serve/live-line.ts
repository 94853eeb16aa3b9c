// One line of output that says how a server is doing, renewed in place. Without a host there is no such thing, and nothing
// is printed at every change: only the first and the last line are.
import { randomUUID } from "node:crypto";
import { host } from "../host-contract.js";

const PAUSE_MS = 100;

export class LiveLine {
  readonly #text: () => string;
  readonly #last: string;
  readonly #id: string = `wirebook-server-${randomUUID()}`;
  #timer: NodeJS.Timeout | undefined;
  #shown = "";

  /**
   * @param text the line as it is now
   * @param last what it says once nobody is left to renew it
   */
  constructor(text: () => string, last: string) {
    this.#text = text;
    this.#last = last;
  }

  show(): void {
    this.#shown = this.#text();
    const own = host();
    if (own) own.display(bundle(this.#shown), { id: this.#id, last: bundle(this.#last) });
    else console.log(this.#shown);
  }

  /** Soon, and not more often than ten times a second. */
  update(): void {
    const own = host();
    if (!own || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const text = this.#text();
      if (text === this.#shown) return;
      this.#shown = text;
      own.update(this.#id, bundle(text), { last: bundle(this.#last) });
    }, PAUSE_MS);
    this.#timer.unref();
  }
}

function bundle(text: string): Record<string, string> {
  return { "text/plain": text };
}
