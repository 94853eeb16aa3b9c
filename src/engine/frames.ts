// What travels between the engine and the supervisor. There: commands. Back: frames, which hold events and output text, in chunks,
// which say what bytes of the ring they are: what was sent twice, because a termination hit its sender before it could remember, is
// read once.
import type { Command } from "../flow.js";

/** What a frame holds: an event as JSON, a part of one, or output text. */
export const Kind: Record<"json" | "part" | "stdout" | "stderr", number> = {
  json: 0,
  part: 1,
  stdout: 2,
  stderr: 3,
};

/** Bytes in front of a frame: its length, its kind, its run. */
export const HEAD = 9;
/** Bytes in front of a chunk: whether it is of the ring, where it begins there, its length. */
export const CHUNK_HEAD = 9;

const KINDS = 3;
/** Nothing is as long as this: whatever says so is not the engine's. */
const MOST = 64 * 1024 * 1024;

export function frameHead(into: Buffer, at: number, length: number, kind: number, run: number): void {
  into.writeUInt32LE(length, at);
  into[at + 4] = kind;
  into.writeUInt32LE(run, at + 5);
}

/** @param offset bytes that the ring had sent before it; `undefined`: it is not of the ring */
export function chunkHead(into: Buffer, offset: number | undefined): void {
  into[0] = offset === undefined ? 0 : 1;
  into.writeUInt32LE((offset ?? 0) >>> 0, 1);
  into.writeUInt32LE(into.length - CHUNK_HEAD, 5);
}

/** The control worker's own words, which must not wait for a main thread in a loop. */
export function toChunk(json: string): Buffer {
  const payload = Buffer.from(json, "utf16le");
  const chunk = Buffer.allocUnsafe(CHUNK_HEAD + HEAD + payload.length);
  chunkHead(chunk, undefined);
  frameHead(chunk, CHUNK_HEAD, payload.length, Kind.json as number, 0);
  payload.copy(chunk, CHUNK_HEAD + HEAD);
  return chunk;
}

/** Chunks in any pieces → the bytes of their frames, each once. */
class ChunkReader {
  readonly #head: Buffer = Buffer.alloc(CHUNK_HEAD);
  #known = 0;
  /** Bytes of the ring that have come. */
  #read = 0;
  /** Of the chunk that comes: bytes to be dropped, and to be kept. */
  #again = 0;
  #left = 0;

  *push(piece: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < piece.length) {
      if (this.#again + this.#left === 0) {
        const taken = piece.copy(this.#head, this.#known, at, at + CHUNK_HEAD - this.#known);
        at += taken;
        this.#known += taken;
        if (this.#known === CHUNK_HEAD) this.#begin();
        continue;
      }
      const dropped = Math.min(this.#again, piece.length - at);
      this.#again -= dropped;
      at += dropped;
      const kept = Math.min(this.#left, piece.length - at);
      if (this.#again > 0 || kept === 0) continue;
      this.#left -= kept;
      yield piece.subarray(at, at + kept);
      at += kept;
    }
  }

  #begin(): void {
    this.#known = 0;
    const length = this.#head.readUInt32LE(5);
    if (length > MOST || (this.#head[0] as number) > 1) throw new RangeError("no chunk begins here");
    const ahead = this.#head[0] === 1 ? (this.#read - this.#head.readUInt32LE(1)) | 0 : 0;
    this.#again = Math.min(ahead, length);
    this.#left = length - this.#again;
    if (this.#head[0] === 1) this.#read = (this.#read + this.#left) >>> 0;
  }
}

export interface RawFrame {
  kind: number;
  /** The run of output text, the number of an event. */
  run: number;
  payload: Buffer;
}

/** The supervisor's end: bytes in any pieces → frames. Text of one run that comes together is one frame. */
export class FrameReader {
  readonly #chunks = new ChunkReader();
  #pending: Buffer[] = [];
  #length = 0;

  push(bytes: Buffer): RawFrame[] {
    for (const piece of this.#chunks.push(bytes)) {
      this.#pending.push(piece);
      this.#length += piece.length;
    }
    if (this.#length < HEAD) return [];
    const [first] = this.#pending as [Buffer];
    const all = this.#pending.length === 1 ? first : Buffer.concat(this.#pending);
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
      if (end - at > MOST || (all[at + 4] as number) > KINDS) throw new RangeError("no frame begins here");
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

/** Bytes in front of a command: its length, whether it is the main thread's, the run that begins with it or 0. */
const COMMAND_HEAD = 9;
/** What would run code, or is about the thread. The other ones must not wait for a main thread in a loop. */
const FOR_MAIN: Set<Command["type"]> = new Set(["run", "comm", "dispose", "compileSoon", "shutdown"]);

export function isForMain({ type }: Command): boolean {
  return FOR_MAIN.has(type);
}

export function toCommandFrame(command: Command): Buffer {
  const json = Buffer.from(JSON.stringify(command));
  const frame = Buffer.allocUnsafe(COMMAND_HEAD + json.length);
  frame.writeUInt32LE(json.length);
  frame[4] = isForMain(command) ? 1 : 0;
  frame.writeUInt32LE(command.type === "run" ? command.job.run : 0, 5);
  json.copy(frame, COMMAND_HEAD);
  return frame;
}

export interface RawCommand {
  json: string;
  /** It is the main thread's, which alone reads it. */
  forMain: boolean;
  /** The run that begins with it; 0: none does. */
  run: number;
}

/** The engine's end: bytes in any pieces → commands. */
export class CommandReader {
  #pending: Buffer = Buffer.alloc(0);

  *push(bytes: Buffer): Generator<RawCommand> {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes;
    while (this.#pending.length >= COMMAND_HEAD) {
      const all = this.#pending;
      const end = COMMAND_HEAD + all.readUInt32LE(0);
      if (all.length < end) return;
      this.#pending = all.subarray(end);
      yield {
        json: all.toString("utf8", COMMAND_HEAD, end),
        forMain: all[4] === 1,
        run: all.readUInt32LE(5),
      };
    }
  }
}
