// `console`, `process.stdout` and `process.stderr` of the student's code: every write goes to the run that caused it.
import { Console } from "node:console";
import { Writable } from "node:stream";
import { currentRun, type RunState } from "./attribution.js";

type Name = "stdout" | "stderr";
type Write = (name: Name, run: RunState | undefined, text: string) => void;

class CellStream extends Writable {
  readonly isTTY = false;
  readonly columns = 110;
  readonly rows = 40;
  readonly fd: number;
  readonly #name: Name;
  readonly #write: Write;

  constructor(name: Name, write: Write) {
    super({ decodeStrings: false });
    this.#name = name;
    this.#write = write;
    this.fd = name === "stdout" ? 1 : 2;
  }

  // Straight through: the ring behind it waits when it is full, so there is nothing to buffer here.
  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const done = typeof encoding === "function" ? encoding : callback;
    const text =
      typeof chunk === "string"
        ? typeof encoding === "string" && !/^utf-?8$/i.test(encoding)
          ? Buffer.from(chunk, encoding as BufferEncoding).toString()
          : chunk
        : chunk instanceof Uint8Array
          ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString()
          : undefined;
    if (text === undefined) {
      throw new TypeError(
        'The "chunk" argument must be of type string or an instance of Buffer, TypedArray, or DataView.',
      );
    }
    if (text !== "") this.#write(this.#name, currentRun(), text);
    if (typeof done === "function") process.nextTick(done as () => void, null);
    return true;
  }

  override end(): this {
    return this; // the notebook's output is never over
  }

  override destroy(): this {
    return this;
  }

  getColorDepth(): number {
    return 1;
  }

  hasColors(): boolean {
    return false;
  }
}

export function installStreams(write: Write): Console {
  const stdout = new CellStream("stdout", write);
  const stderr = new CellStream("stderr", write);
  for (const [name, value] of Object.entries({ stdout, stderr })) {
    Object.defineProperty(process, name, { value, configurable: true, enumerable: true, writable: true });
  }
  // Nothing can go wrong in our write; where errors are to be ignored, each line would leave a callback for the next tick.
  const own = new Console({ stdout, stderr, colorMode: false, ignoreErrors: false });
  // Libraries reach for `console.Console`.
  Object.assign(own, { Console });
  Object.defineProperty(globalThis, "console", {
    value: own,
    configurable: true,
    enumerable: false,
    writable: true,
  });
  return own;
}
