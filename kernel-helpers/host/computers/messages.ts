// What a notebook and its computers say to each other: plain data (structured clone), each message behind its length.
import type { Readable } from "node:stream";
import { serialize } from "node:v8";

/** To a computer. Each is answered by one `done` with its number. */
export type ToAgent =
  /** Which of these names are no globals there? */
  | { type: "unknown"; id: number; names: string[] }
  | { type: "run"; id: number; source: string; imports: Import[]; args: unknown[] }
  | { type: "exec"; id: number; command: string | string[]; quiet: boolean; timeout: number }
  /** Ends a command, by the number with which it was asked for. */
  | { type: "kill"; id: number; command: number };

/** A name that means what a module exports; without `name` the module itself. */
export interface Import {
  local: string;
  specifier: string;
  name?: string;
}

/** From a computer. */
export type FromAgent =
  | { type: "output"; id: number; stream: "stdout" | "stderr"; text: string }
  | { type: "done"; id: number; value?: unknown; error?: RemoteError };

/** An error as plain data. */
export interface RemoteError {
  name: string;
  message: string;
  stack: string;
  properties: Record<string, unknown>;
  cause?: RemoteError;
}

/** A command as it ended. */
export interface Ended {
  output: string;
  /** What it printed to stdout alone. */
  stdout: string;
  status: number | null;
  /** It could not be started. */
  code?: string;
}

/** @throws Error where something cannot be copied */
export function toFrame(message: ToAgent): Buffer {
  const body = serialize(message);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([size, body]);
}

/** Reads messages; it travels to the computer as a text, so it uses nothing from outside. */
export function readFrames<Message>(
  stream: Readable,
  deserialize: (bytes: Buffer) => unknown,
  heard: (message: Message) => void,
): void {
  let pieces: Buffer[] = [];
  let length = 0;
  stream.on("data", (bytes: Buffer) => {
    pieces.push(bytes);
    length += bytes.length;
    // Put together only when a message is whole: a large value comes in many pieces.
    if (length < 4) return;
    if ((pieces[0] as Buffer).length < 4) pieces = [Buffer.concat(pieces)];
    if (length < 4 + (pieces[0] as Buffer).readUInt32LE()) return;
    let rest = Buffer.concat(pieces);
    while (rest.length >= 4) {
      const end = 4 + rest.readUInt32LE();
      if (rest.length < end) break;
      heard(deserialize(rest.subarray(4, end)) as Message);
      rest = rest.subarray(end);
    }
    pieces = [rest];
    length = rest.length;
  });
}
