// A WebSocket client that makes its frames by hand, also those that nobody should make (RFC 6455, section 5.2).
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

export interface FrameOptions {
  fin?: boolean;
  /** The three reserved bits, RSV1 is 4. */
  reserved?: number;
  /** Clients mask what they send. */
  masked?: boolean;
  /** Bytes that hold the length, however short it is: 1, 2 or 8. */
  lengthBytes?: 1 | 2 | 8;
  /** The length that is told, where the payload has another one. */
  length?: bigint;
}

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

export function frame(opcode: number, payload: Uint8Array | string = "", options: FrameOptions = {}): Buffer {
  const { fin = true, reserved = 0, masked = true } = options;
  const data = Buffer.from(payload as Uint8Array);
  const length = options.length ?? BigInt(data.length);
  const { lengthBytes = length < 126n ? 1 : length < 65_536n ? 2 : 8 } = options;
  const head = Buffer.alloc(lengthBytes === 1 ? 2 : 2 + lengthBytes);
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (lengthBytes === 1 ? Number(length) : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(Number(length), 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(length, 2);
  if (!masked) return Buffer.concat([head, data]);
  const mask = randomBytes(4);
  for (let at = 0; at < data.length; at++) data[at] = (data[at] as number) ^ (mask[at % 4] as number);
  return Buffer.concat([head, mask, data]);
}

/** A closing frame. @param reason of any bytes */
export function closing(code: number, reason: Uint8Array | string = ""): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return frame(CLOSE, Buffer.concat([head, Buffer.from(reason as Uint8Array)]));
}

/** What came back, in words: `text …`, `pong …`, `close 1000`, `close` without a code, `end`. */
export function told(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = (bytes[at] as number) & 15;
    let length = (bytes[at + 1] as number) & 127;
    let from = at + 2;
    if (length === 126) {
      length = bytes.readUInt16BE(from);
      from += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(from));
      from += 8;
    }
    at = from + length;
    const payload = bytes.subarray(from, at);
    if (opcode === CLOSE) found.push(length < 2 ? "close" : `close ${payload.readUInt16BE()}`);
    else found.push(`${opcode === PONG ? "pong" : opcode === TEXT ? "text" : opcode} ${payload}`.trim());
  }
  return found;
}

/** Of an upgrade; `undefined` leaves a line out. */
export function request(authorization: string, changes: Record<string, string | undefined> = {}): string {
  const { first = "GET / HTTP/1.1", ...lines } = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    "Sec-WebSocket-Version": "13",
    Authorization: authorization,
    ...changes,
  } as Record<string, string | undefined>;
  const all = Object.entries(lines).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}`,
  );
  return `${[first, ...all].join("\r\n")}\r\n\r\n`;
}

export interface Raw {
  readonly socket: Socket;
  send(bytes: Uint8Array | string): void;
  /** What has come so far. */
  heard(): Buffer;
  /** Resolves when the other side has ended, or so much has come; after 25 seconds it fails. */
  until(isThere: (bytes: Buffer) => boolean): Promise<void>;
  readonly isOver: boolean;
}

export function raw(port: number): Raw {
  const socket = connect(port, "127.0.0.1");
  let bytes = Buffer.alloc(0);
  let isOver = false;
  let look = (): void => {};
  socket.on("data", (data) => {
    bytes = Buffer.concat([bytes, data]);
    look();
  });
  socket.on("error", () => {});
  socket.once("close", () => {
    isOver = true;
    look();
  });
  return {
    socket,
    send: (data) => void socket.write(data),
    heard: () => bytes,
    get isOver() {
      return isOver;
    },
    until: (isThere) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`nothing more than ${JSON.stringify(String(bytes))}`)),
          25_000,
        );
        look = () => {
          if (!isOver && !isThere(bytes)) return;
          clearTimeout(late);
          resolve();
        };
        look();
      }),
  };
}

/** An open WebSocket: what came before the first frame is not in what it hears. */
export async function open(port: number, authorization: string): Promise<Raw> {
  const made = raw(port);
  made.send(request(authorization));
  const end = (bytes: Buffer): number => bytes.indexOf("\r\n\r\n");
  await made.until((bytes) => end(bytes) >= 0);
  const head = String(made.heard().subarray(0, end(made.heard())));
  if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head);
  const from = end(made.heard()) + 4;
  return {
    ...made,
    heard: () => made.heard().subarray(from),
    get isOver() {
      return made.isOver;
    },
    until: (isThere) => made.until((bytes) => isThere(bytes.subarray(from))),
  };
}
