// The names that every cell has without importing them, and the host contract that the helpers look for.
import { randomUUID } from "node:crypto";
import type { Bundle, Event, Json } from "../flow.js";
import type { Asking } from "./ask.js";
import { currentRun, type RunState, within } from "./attribution.js";
import type { Comms } from "./comms.js";
import { keep, own } from "./opened.js";
import { originOf } from "./positions.js";
import { createProgress } from "./progress.js";
import { html, md, svg } from "./tags.js";

interface Parts {
  say(event: Event): void;
  toBundle(value: unknown): Bundle | undefined | Promise<Bundle | undefined>;
  /** Of what is a bundle already. */
  rawBundle(made: Json, metadata?: Json): Bundle;
  comms: Comms;
  asking: Asking;
  /** What cells have imported, by specifier. */
  imported: Map<string, object>;
}

/** Options of `display`. */
interface DisplayOptions {
  id?: string;
  /** The same, as Deno calls it. */
  display_id?: string;
  raw?: boolean;
  metadata?: Json;
  update?: boolean;
}

export function installGlobals({ say, toBundle, rawBundle, comms, asking, imported }: Parts): void {
  const runOf = (): RunState | undefined => {
    const run = currentRun();
    return run && !(run.interrupted && !run.active) ? run : undefined;
  };
  const show = (bundle: Bundle, options: { id?: string; update?: boolean; last?: Bundle } = {}): void => {
    const run = runOf();
    if (run?.silent || currentRun()?.interrupted) return;
    say({
      type: "display",
      run: run?.run ?? 0,
      bundle,
      ...(options.id !== undefined && { displayId: options.id }),
      ...(options.update && { update: true }),
      ...(options.last && { last: options.last }),
    });
  };

  const progress = createProgress(() => {
    // Of the cell that called it, whoever takes the steps.
    const cell = currentRun();
    const id = randomUUID();
    return {
      show: (bundle) => within(cell, () => show(bundle, { id })),
      renew: (bundle) => within(cell, () => show(bundle, { id, update: true })),
    };
  });

  const globals = {
    // Nothing comes back unless it has to be waited for: `display(x)` at the end of a cell must not show a promise.
    display(value: unknown, options: DisplayOptions = {}): void | Promise<void> {
      const { raw = false, update = false, metadata, id = options.display_id } = options;
      if (raw && (typeof value !== "object" || value === null))
        throw new TypeError("display: with `raw` the value is a MIME bundle, an object");
      if (update && id === undefined)
        throw new TypeError("display: `update` needs the `id` of the output to replace");
      const place = { update, ...(id !== undefined && { id: String(id) }) };
      const showMade = (made: Bundle | undefined): void => {
        if (!made) return;
        const { data, metadata: own } = made;
        show({ data, metadata: metadata ? { ...own, ...metadata } : own }, place);
      };
      const bundle = raw ? rawBundle(value as Json) : toBundle(value);
      if (bundle instanceof Promise) return bundle.then(showMade);
      showMade(bundle);
    },
    html,
    md,
    svg,
    ...asking.globals,
    clearOutput(options: { wait?: boolean } = {}): void {
      if (!currentRun()?.silent) say({ type: "clear", run: runOf()?.run ?? 0, wait: options.wait ?? false });
    },
    async missed(): Promise<void> {
      const run = currentRun();
      if (run) process.stdout.write(String((await asking.call(run, "missed", {})) ?? ""));
    },
    keep,
    progress,
    check(id: unknown): never {
      throw new Error(
        `A check stands alone in its cell, with nothing before or behind it: await check(${JSON.stringify(String(id))})`,
      );
    },
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, enumerable: false, writable: true });
  }

  const host = {
    display: (data: Json, options: { id?: string; last?: Json } = {}): void =>
      show(rawBundle(data), {
        ...(options.id !== undefined && { id: options.id }),
        ...(options.last && { last: rawBundle(options.last) }),
      }),
    update: (id: string, data: Json, options: { last?: Json } = {}): void =>
      show(rawBundle(data), {
        id,
        update: true,
        ...(options.last && { last: rawBundle(options.last) }),
      }),
    cell: (): RunState | undefined => currentRun(),
    run: <T>(cell: RunState | undefined, fn: () => T): T => within(cell, fn),
    own(
      closeable: Disposable | AsyncDisposable,
      options: { keep?: boolean; name?: string } = {},
    ): () => void {
      return own(closeable, options);
    },
    origin: originOf,
    imported: (): Map<string, object> => imported,
    comms: { open: comms.open, serve: comms.serve },
    hold(promise: Promise<unknown>): void {
      const run = currentRun();
      if (run?.active) run.held.push(promise);
    },
    signal: (): AbortSignal | undefined => currentRun()?.controller.signal,
  };
  Object.defineProperty(globalThis, Symbol.for("wirebook.host"), { value: Object.freeze(host) });
}
