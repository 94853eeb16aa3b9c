// The way out of the engine's main thread: a bounded ring in shared memory. The main thread writes frames, the control
// worker copies whatever is committed to the supervisor. A frame counts only once the write index has moved, so a
// termination in the middle of a write leaves no half frame. When the ring is full the writer waits, and an interrupt
// ends that wait: no output is lost and memory does not grow.

/** Bytes between the threads; one frame is at most a part of it. */
export const RING_BYTES: number = 4 * 1024 * 1024;
const PART = 512 * 1024;
const HEAD = 9;
/** About so many bytes are taken at once. */
const MOST_TAKEN = 1024 * 1024;

/** Indexes into the shared words. */
export const Word: Record<
  "read" | "write" | "wake" | "pong" | "prompt" | "doomed" | "exceptions" | "runs",
  number
> = {
  /** Bytes read since the start, modulo 2³². */
  read: 0,
  /** Bytes written since the start, modulo 2³². */
  write: 1,
  /** 1 while a wake-up is under way. */
  wake: 2,
  /** The last no-op that the main thread has answered. */
  pong: 4,
  /** The call that a synchronous prompt waits for; 0: none. */
  prompt: 5,
  /** 1 while an interrupt is under way: a run that begins now was asked for before it. */
  doomed: 6,
  /** 1 while a debugger stops at exceptions. */
  exceptions: 7,
  /** From here on: the runs whose code the main thread was given; 0: no run. */
  runs: 16,
};

/** So many cells may run at once; each is one of a subshell of its own. */
const MOST_RUNS = 256;

export interface Shared {
  words: Int32Array<SharedArrayBuffer>;
  bytes: Buffer;
}

/** What a frame holds: an event as JSON, a part of one, or output text. */
export const Kind: Record<"json" | "part" | "stdout" | "stderr", number> = {
  json: 0,
  part: 1,
  stdout: 2,
  stderr: 3,
};

export function createShared(): { words: SharedArrayBuffer; bytes: SharedArrayBuffer } {
  return {
    words: new SharedArrayBuffer(4 * ((Word.runs as number) + MOST_RUNS)),
    bytes: new SharedArrayBuffer(RING_BYTES),
  };
}

export function openShared(buffers: { words: SharedArrayBuffer; bytes: SharedArrayBuffer }): Shared {
  return { words: new Int32Array(buffers.words), bytes: Buffer.from(buffers.bytes) };
}

/** The main thread's end. `wake` is called when the reader may be asleep. */
export class RingWriter {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Buffer;
  readonly #wake: () => void;
  #events = 0;

  constructor(shared: Shared, wake: () => void) {
    this.#words = shared.words;
    this.#bytes = shared.bytes;
    this.#wake = wake;
  }

  /** Writes output text, in as many frames as it takes. */
  text(kind: number, run: number, text: string): void {
    for (let at = 0; at < text.length; ) {
      let end = Math.min(text.length, at + PART / 4);
      // A pair of surrogates is one character: never part it.
      if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
      this.#frame(kind, run, at === 0 && end === text.length ? text : text.slice(at, end));
      at = end;
    }
  }

  /**
   * Writes one event.
   * @param options.more another one follows at once: the reader sleeps until then
   */
  event(json: string, { more = false }: { more?: boolean } = {}): void {
    // Its parts carry a number: of an event whose writing was terminated, the reader drops what came.
    this.#events = (this.#events + 1) >>> 0;
    let at = 0;
    for (; json.length - at > PART / 4; at += PART / 4)
      this.#unit(Kind.part as number, json.slice(at, at + PART / 4));
    this.#unit(Kind.json as number, at === 0 ? json : json.slice(at), more);
  }

  // Parts are cut at any UTF-16 unit, so they travel as UTF-16 and are joined before they are read.
  #unit(kind: number, text: string, more = false): void {
    this.#put(kind, this.#events, text, text.length * 2, "utf16le");
    if (!more) this.#stir();
  }

  #frame(kind: number, run: number, text: string): void {
    this.#put(kind, run, text, Buffer.byteLength(text, "utf8"), "utf8");
    this.#stir();
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
      head(this.#bytes, at, length, kind, run);
      this.#bytes.write(text, at + HEAD, length, encoding);
    } else {
      const whole = Buffer.allocUnsafe(size);
      head(whole, 0, length, kind, run);
      whole.write(text, HEAD, length, encoding);
      const first = RING_BYTES - at;
      whole.copy(this.#bytes, at, 0, first);
      whole.copy(this.#bytes, 0, first);
    }
    Atomics.store(words, Word.write as number, (write + size) | 0);
  }
}

function head(into: Buffer, at: number, length: number, kind: number, run: number): void {
  into.writeUInt32LE(length, at);
  into[at + 4] = kind;
  into.writeUInt32LE(run, at + 5);
}

/** The control worker's end: takes what is committed, always whole frames; `undefined` when there is nothing. */
export function takeCommitted(shared: Shared): Buffer | undefined {
  const { words, bytes } = shared;
  const read = Atomics.load(words, Word.read as number);
  const committed = (Atomics.load(words, Word.write as number) - read) >>> 0;
  if (committed === 0) return undefined;
  const at = (read >>> 0) % RING_BYTES;
  const byte = (offset: number): number => bytes[(at + offset) % RING_BYTES] as number;
  // What waits in the ring needs no other memory.
  let length = committed > MOST_TAKEN ? 0 : committed;
  while (length < MOST_TAKEN && length < committed)
    length +=
      HEAD + (byte(length) | (byte(length + 1) << 8) | (byte(length + 2) << 16) | (byte(length + 3) << 24));
  const taken = Buffer.allocUnsafe(length);
  const first = Math.min(length, RING_BYTES - at);
  bytes.copy(taken, 0, at, at + first);
  if (first < length) bytes.copy(taken, first, 0, length - first);
  Atomics.store(words, Word.read as number, (read + length) | 0);
  Atomics.notify(words, Word.read as number);
  return taken;
}

/** The worker's own words, which must not wait for a main thread in a loop. */
export function toFrame(json: string): Buffer {
  const payload = Buffer.from(json, "utf16le");
  const frame = Buffer.allocUnsafe(HEAD + payload.length);
  head(frame, 0, payload.length, Kind.json as number, 0);
  payload.copy(frame, HEAD);
  return frame;
}

export interface RawFrame {
  kind: number;
  /** The run of output text, the number of an event. */
  run: number;
  payload: Buffer;
}

/** The supervisor's end: bytes in any pieces → frames. Text of one run that comes together is one frame. */
export class FrameReader {
  #pending: Buffer[] = [];
  #length = 0;

  push(chunk: Buffer): RawFrame[] {
    this.#pending.push(chunk);
    this.#length += chunk.length;
    if (this.#length < HEAD) return [];
    const all = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    const frames: RawFrame[] = [];
    /** Of the last frame, while it may be joined. */
    let pieces: Buffer[] = [];
    const join = (): void => {
      const last = frames.at(-1);
      if (last && pieces.length > 1) last.payload = Buffer.concat(pieces);
      pieces = [];
    };
    let at = 0;
    while (all.length - at >= HEAD) {
      const end = at + HEAD + all.readUInt32LE(at);
      if (all.length < end) break;
      const [kind, run, payload] = [
        all[at + 4] as number,
        all.readUInt32LE(at + 5),
        all.subarray(at + HEAD, end),
      ];
      at = end;
      const last = frames.at(-1);
      const isText = kind === Kind.stdout || kind === Kind.stderr;
      if (!isText || last?.kind !== kind || last.run !== run) {
        join();
        frames.push({ kind, run, payload });
      }
      if (isText) pieces.push(payload);
    }
    join();
    this.#pending = at < all.length ? [all.subarray(at)] : [];
    this.#length = all.length - at;
    return frames;
  }
}
