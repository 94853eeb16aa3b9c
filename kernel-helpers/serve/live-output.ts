// One output that says how something is doing, renewed in place. Without a host there is no such thing, and nothing is printed at
// every change: only the first and the last state are.
import { randomUUID } from "node:crypto";
import { type Cell, host, type MimeBundle } from "../host-contract.js";

const PAUSE_MS = 100;

export class LiveOutput {
  readonly #make: () => MimeBundle;
  readonly #last: MimeBundle;
  readonly #id: string = `wirebook-live-${randomUUID()}`;
  #timer: NodeJS.Timeout | undefined;
  #shown = "";
  /** Where it stands. What makes it change may happen outside all cells. */
  #cell: Cell | undefined;

  /**
   * @param make what is to be shown now; its `text/plain` tells whether it has changed
   * @param last what it says once nobody is left to renew it
   */
  constructor(make: () => MimeBundle, last: MimeBundle) {
    this.#make = make;
    this.#last = last;
  }

  show(): void {
    const bundle = this.#make();
    this.#shown = String(bundle["text/plain"]);
    const own = host();
    this.#cell = own?.cell();
    if (own) own.display(bundle, { id: this.#id, last: this.#last });
    else console.log(this.#shown);
  }

  /** Soon, and not more often than ten times a second. */
  update(): void {
    if (!host() || this.#timer) return;
    this.#timer = setTimeout(() => this.renew(), PAUSE_MS);
    this.#timer.unref();
  }

  /** At once: what comes last, where no timer of this cell may live any more. */
  renew(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bundle = this.#make();
    const text = String(bundle["text/plain"]);
    if (text === this.#shown) return;
    this.#shown = text;
    const own = host();
    // A run that was interrupted shows nothing more; what comes last is still to be seen.
    const isOver = own?.run(this.#cell, () => own.signal()?.aborted);
    own?.run(isOver ? undefined : this.#cell, () => own.update(this.#id, bundle, { last: this.#last }));
  }
}
