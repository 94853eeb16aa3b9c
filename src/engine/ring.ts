// The way out of the engine's main thread: a bounded ring in shared memory. The main thread writes frames, the control
// worker copies whatever is committed to the supervisor. A frame counts only once the write index has moved, so a
// termination in the middle of a write leaves no half frame. When the ring is full the writer waits, and an interrupt
// ends that wait: no output is lost and memory does not grow.
import { CHUNK_HEAD, chunkHead, frameHead, HEAD, Kind } from "./frames.js";

/** Bytes between the threads; one frame is at most a part of it. */
export const RING_BYTES: number = 4 * 1024 * 1024;
const PART = 512 * 1024;
/** About so many bytes are taken at once. */
const MOST_TAKEN = 1024 * 1024;

/** Indexes into the shared words. */
export const Word: Record<
  | "read"
  | "write"
  | "wake"
  | "sender"
  | "pong"
  | "prompt"
  | "interrupt"
  | "exceptions"
  | "socket"
  | "killed"
  | "runs",
  number
> = {
  /** Bytes read since the start, modulo 2³². */
  read: 0,
  /** Bytes written since the start, modulo 2³². */
  write: 1,
  /** 1 while a wake-up is under way. */
  wake: 2,
  /** The thread that is sending what is committed, as a `Sender`. */
  sender: 3,
  /** The last no-op that the main thread has answered. */
  pong: 4,
  /** The call that a synchronous prompt waits for; 0: none. */
  prompt: 5,
  /** The number of the interrupt that is under way, 0: none. A run that begins now was asked for before it. */
  interrupt: 6,
  /** 1 while a debugger stops at exceptions. */
  exceptions: 7,
  /** The descriptor to which the main thread may send, too; 0: none. */
  socket: 8,
  /** 1 once the interrupt that is under way has ended child processes: what waited for one fails by that. */
  killed: 9,
  /** From here on: the runs whose code the main thread was given; 0: no run. */
  runs: 16,
};

/** So many cells may run at once; each is one of a subshell of its own. */
const MOST_RUNS = 256;

export interface Shared {
  words: Int32Array<SharedArrayBuffer>;
  bytes: Buffer;
}

/** One thread sends at a time. */
export const Sender = { none: 0, main: 1, worker: 2 } as const;

export function createShared(): { words: SharedArrayBuffer; bytes: SharedArrayBuffer } {
  return {
    words: new SharedArrayBuffer(4 * ((Word.runs as number) + MOST_RUNS)),
    bytes: new SharedArrayBuffer(RING_BYTES),
  };
}

export function openShared(buffers: { words: SharedArrayBuffer; bytes: SharedArrayBuffer }): Shared {
  return { words: new Int32Array(buffers.words), bytes: Buffer.from(buffers.bytes) };
}

/** The main thread's end. */
export class RingWriter {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Buffer;
  readonly #wake: () => void;
  readonly #send: () => boolean;
  #events = 0;

  /**
   * @param options.wake called when the worker may be asleep
   * @param options.send sends what is committed, if this thread may; `false`: the worker has to
   */
  constructor(shared: Shared, { wake, send }: { wake(): void; send(): boolean }) {
    this.#words = shared.words;
    this.#bytes = shared.bytes;
    this.#wake = wake;
    this.#send = send;
  }

  /** Writes output text, in as many frames as it takes. */
  text(kind: number, run: number, text: string): void {
    for (let at = 0; at < text.length; ) {
      let end = Math.min(text.length, at + PART / 4);
      // A pair of surrogates is one character: never part it.
      if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
      const piece = at === 0 && end === text.length ? text : text.slice(at, end);
      this.#put(kind, run, piece, Buffer.byteLength(piece, "utf8"), "utf8");
      this.#stir();
      at = end;
    }
  }

  /**
   * Writes one event.
   * @param next `more`: another one follows at once, nobody need look until then; `answer`: somebody waits for it
   */
  event(json: string, next?: "more" | "answer"): void {
    // Its parts carry a number: of an event whose writing was terminated, the reader drops what came.
    this.#events = (this.#events + 1) >>> 0;
    let at = 0;
    for (; json.length - at > PART / 4; at += PART / 4) {
      this.#unit(Kind.part as number, json.slice(at, at + PART / 4));
      this.#stir();
    }
    this.#unit(Kind.json as number, at === 0 ? json : json.slice(at));
    if (next !== "more" && !(next === "answer" && this.#send())) this.#stir();
  }

  /** After a termination: what this thread was about to send leaves. */
  recover(): void {
    if (Atomics.load(this.#words, Word.sender as number) === Sender.main) this.#send();
  }

  // Parts are cut at any UTF-16 unit, so they travel as UTF-16 and are joined before they are read.
  #unit(kind: number, text: string): void {
    this.#put(kind, this.#events, text, text.length * 2, "utf16le");
  }

  #stir(): void {
    if (Atomics.exchange(this.#words, Word.wake as number, 1) === 0) this.#wake();
  }

  #put(kind: number, run: number, text: string, length: number, encoding: "utf8" | "utf16le"): void {
    const words = this.#words;
    const size = HEAD + length;
    let read = Atomics.load(words, Word.read as number);
    const write = Atomics.load(words, Word.write as number);
    while (RING_BYTES - ((write - read) >>> 0) < size) {
      this.#stir();
      Atomics.wait(words, Word.read as number, read, 1000);
      read = Atomics.load(words, Word.read as number);
    }
    const at = (write >>> 0) % RING_BYTES;
    if (at + size <= RING_BYTES) {
      frameHead(this.#bytes, at, length, kind, run);
      this.#bytes.write(text, at + HEAD, length, encoding);
    } else {
      const whole = Buffer.allocUnsafe(size);
      frameHead(whole, 0, length, kind, run);
      whole.write(text, HEAD, length, encoding);
      const first = RING_BYTES - at;
      whole.copy(this.#bytes, at, 0, first);
      whole.copy(this.#bytes, 0, first);
    }
    Atomics.store(words, Word.write as number, (write + size) | 0);
  }
}

/** How much is committed and not taken yet, in bytes. */
export function committed({ words }: Shared): number {
  return (Atomics.load(words, Word.write as number) - Atomics.load(words, Word.read as number)) >>> 0;
}

/** A chunk of what is committed, always whole frames; `undefined` when there is nothing. */
export function copyCommitted(shared: Shared): Buffer | undefined {
  const { words, bytes } = shared;
  const read = Atomics.load(words, Word.read as number);
  const all = committed(shared);
  if (all === 0) return undefined;
  const at = (read >>> 0) % RING_BYTES;
  const byte = (offset: number): number => bytes[(at + offset) % RING_BYTES] as number;
  // What waits in the ring needs no other memory.
  let length = all > MOST_TAKEN ? 0 : all;
  while (length < MOST_TAKEN && length < all)
    length +=
      HEAD + (byte(length) | (byte(length + 1) << 8) | (byte(length + 2) << 16) | (byte(length + 3) << 24));
  const chunk = Buffer.allocUnsafe(CHUNK_HEAD + length);
  chunkHead(chunk, read);
  const first = Math.min(length, RING_BYTES - at);
  bytes.copy(chunk, CHUNK_HEAD, at, at + first);
  if (first < length) bytes.copy(chunk, CHUNK_HEAD + first, 0, length - first);
  return chunk;
}

/** A chunk is on its way: its place is free. */
export function taken({ words }: Shared, chunk: Buffer): void {
  Atomics.add(words, Word.read as number, chunk.length - CHUNK_HEAD);
  Atomics.notify(words, Word.read as number);
}
