/**
 * The one thing that ties the helpers to whatever runs them: `globalThis[Symbol.for("wirebook.host")]`.
 * The Wirebook kernel puts it there; in plain Node and under other kernels it is absent and the helpers do without.
 */

/** A MIME bundle as Jupyter knows it: MIME type → value. `text/plain` is always there. */
export interface MimeBundle {
  [mime: string]: unknown;
}

/** The cell (one execution of it) that the running code belongs to. Opaque: hand it back to {@link Host.run}. */
export interface Cell {
  /** Number of this execution. */
  readonly run: number;
  /** The front end's id of the cell, where it sends one. */
  readonly cellId?: string;
  /** How people call it: `Cell [5]`. */
  readonly label: string;
}

export interface DisplayOptions {
  /** Names this output, so that {@link Host.update} can replace it. */
  id?: string;
  /** What the output shall show once the engine has died, when nobody is left to update it. */
  last?: MimeBundle;
}

export interface OwnOptions {
  /** Not closed when its cell runs again (only at restart and shutdown). */
  keep?: boolean;
  /** For the line that says what was closed: `server on 127.0.0.1:12345`. */
  name?: string;
}

/** Something that can be closed. */
export type Closeable = AsyncDisposable | Disposable;

/** One end of a comm; the other one is in a front end. */
export interface Comm {
  readonly id: string;
  onMessage?: (
    data: Record<string, unknown>,
    buffers: Uint8Array[],
    metadata: Record<string, unknown>,
  ) => void;
  /** The front end, or the end of the kernel, closed it. */
  onClose?: () => void;
  send(
    data: Record<string, unknown>,
    options?: { metadata?: Record<string, unknown>; buffers?: Uint8Array[] },
  ): void;
  close(): void;
}

/** Where a function's text stands in the notebook. */
export interface Origin {
  /** Of its cell: `Cell [5]`. */
  readonly label: string;
  /** A position in the function's text (both from 1, in its first line counted from where it begins) → the cell's. */
  at(line: number, column: number): { line: number; column: number } | undefined;
  /** An error that was thrown while the text ran elsewhere is shown at these places, innermost first. */
  placeError(error: Error, frames: { name: string; line: number; column: number }[]): void;
}

export interface Host {
  /** Show a bundle as an output of the current cell. */
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  /** Replace an output that was displayed with this id, wherever it stands. */
  update(id: string, bundle: MimeBundle, options?: Pick<DisplayOptions, "last">): void;
  /** The cell that the running code belongs to; `undefined` outside all cells. */
  cell(): Cell | undefined;
  /** Run `fn` so that its output, and that of all it starts, goes to `cell`. */
  run<T>(cell: Cell | undefined, fn: () => T): T;
  /** The current cell opened this: close it when the cell runs again, when its run is interrupted, and at the end. Returns a function that forgets it. */
  own(closeable: Closeable, options?: OwnOptions): () => void;
  comms: {
    /** Opens a comm with every front end that knows the target. */
    open(
      target: string,
      options?: {
        data?: Record<string, unknown>;
        metadata?: Record<string, unknown>;
        buffers?: Uint8Array[];
      },
    ): Comm;
    /** Lets front ends open comms of a target. */
    serve(
      target: string,
      onOpen: (comm: Comm, data: Record<string, unknown>, buffers: Uint8Array[]) => void,
    ): void;
  };
  /** Of a function of a cell, by its text. `undefined`: no cell has it. */
  origin?(source: string): Origin | undefined;
  /** What the notebook has imported, by what its cells call it. */
  imported?(): Iterable<readonly [specifier: string, module: object]>;
  /** The current cell is over only when this has settled, too. An interrupt does not wait for it. */
  hold?(promise: Promise<unknown>): void;
  /** Aborted when the current cell's run is interrupted, with the reason to throw. `undefined` outside all cells. */
  signal(): AbortSignal | undefined;
}

/** The host, where there is one. Looked up at every call: kernels may put it there late. */
export function host(): Host | undefined {
  return (globalThis as { [key: symbol]: unknown })[Symbol.for("wirebook.host")] as Host | undefined;
}
