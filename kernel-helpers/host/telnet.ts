// telnet(1) in a cell: connects, sends lines, shows what comes back as it comes.
import { StringDecoder } from "node:string_decoder";
import { SOCK_STREAM } from "../socket/constants.js";
import { OSError } from "../socket/errors.js";
import { getaddrinfo } from "../socket/names.js";
import { socket } from "../socket/socket.js";

export interface TelnetOptions {
  /** Lines to send, one after another; each ends with CRLF on the wire. */
  lines?: string[];
  /** Seconds of silence after which it hangs up. */
  timeout?: number;
}

const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Talks to a server by hand. Prints a transcript, as the program `telnet` does, and resolves with the text received.
 * @throws gaierror; the error of the last address, where none answers
 */
export async function telnet(host: string, port: number, options: TelnetOptions = {}): Promise<string> {
  const { lines = [], timeout = 5 } = options;
  let last: unknown;
  for (const [family, , , , address] of await getaddrinfo(host, port, 0, SOCK_STREAM)) {
    const s = socket(family);
    s.settimeout(timeout);
    console.log(`Trying ${address[0]}...`);
    try {
      await s.connect(address);
    } catch (error) {
      last = error;
      console.log(
        `telnet: connect to address ${address[0]}: ${error instanceof OSError ? (error.strerror ?? error.message) : String(error)}`,
      );
      await s.close();
      continue;
    }
    console.log(`Connected to ${host}.`);
    try {
      for (const line of lines) {
        console.log(line);
        await s.sendall(`${line}\r\n`);
      }
      return await listen();
    } finally {
      await s.close();
    }

    async function listen(): Promise<string> {
      const decoder = new StringDecoder("utf8");
      let text = "";
      for (let size = 0; size < MOST_BYTES; ) {
        let bytes: Buffer;
        try {
          bytes = await s.recv(4096);
        } catch (error) {
          if (!(error instanceof OSError)) throw error;
          console.log(
            error.errno === undefined
              ? `\n(nothing for ${timeout} seconds: hung up)`
              : `\nConnection closed: ${error.strerror}.`,
          );
          return text;
        }
        if (bytes.length === 0) {
          if (text !== "" && !text.endsWith("\n")) console.log();
          console.log("Connection closed by foreign host.");
          return text;
        }
        size += bytes.length;
        const piece = decoder.write(withoutCommands(bytes));
        process.stdout.write(piece);
        text += piece;
      }
      console.log(`\n(${MOST_BYTES / 1024 / 1024} MB received: hung up)`);
      return text;
    }
  }
  throw last;
}

/** Telnet's own commands (RFC 854: IAC and what follows) are not text. */
export function withoutCommands(bytes: Buffer): Buffer {
  if (!bytes.includes(255)) return bytes;
  const text: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 255) text.push(bytes[at] as number);
    else if (bytes[at + 1] === 255) text.push(bytes[++at] as number);
    else at += (bytes[at + 1] ?? 0) >= 251 ? 2 : 1;
  }
  return Buffer.from(text);
}
