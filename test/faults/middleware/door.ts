// A door between two nodes: what comes in goes on to who is behind it, as whole messages of a WebSocket or as plain bytes, unless the weather is bad.
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Weather {
  /** A message takes up to so many milliseconds more. */
  delay: number;
  /** So often a message comes twice; plain bytes never do. */
  twice: number;
  /** So often a message is lost. */
  lost: number;
  /** So often one is lost that comes back from behind the door. Of plain bytes all are. */
  answersLost: number;
  /** Through such a share of the sockets nothing passes, and nobody is told. */
  closed: number;
}

const CALM: Weather = { delay: 0, twice: 0, lost: 0, answersLost: 0, closed: 0 };

export interface End {
  host: string;
  port: number;
}

export interface DoorOptions {
  /** Who is behind it. */
  to: End;
  /** Messages of WebSockets pass. */
  isWeb: boolean;
  /** From 0 to below 1. */
  random(): number;
}

export class Door {
  readonly #options: DoorOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #weather: Weather = CALM;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#enter(socket));
  }

  /** Sockets that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  listen({ host, port }: End): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject).listen(port, host, resolve);
    });
  }

  set weather(change: Partial<Weather>) {
    const { closed, lost, answersLost } = this.#weather;
    this.#weather = { ...CALM, ...change };
    // What was lost leaves a gap; nobody reads on after that.
    if (closed > 0 || lost > 0 || answersLost > 0) this.cut();
  }

  cut(): void {
    for (const socket of [...this.#sockets]) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #enter(inner: Socket): void {
    this.#keep(inner);
    const luck = this.#options.random();
    if (luck < this.#weather.closed) return;
    const outer = connect(this.#options.to);
    this.#keep(outer);
    for (const [socket, other, isAnswer] of [
      [inner, outer, false],
      [outer, inner, true],
    ] as const) {
      const pass = this.#way(other, { isAnswer, luck });
      const parts = this.#options.isWeb ? messages() : plain;
      socket.on("data", (data) => {
        for (const part of parts(data)) pass(part);
      });
      socket.once("close", () => other.destroy());
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true).on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
  }

  /** What is late keeps what comes after it waiting. */
  #way(to: Socket, { isAnswer, luck }: { isAnswer: boolean; luck: number }): (part: Part) => void {
    const late: { at: number; bytes: Buffer }[] = [];
    const go = (): void => {
      const now = performance.now();
      while (late[0] && late[0].at <= now) to.write((late.shift() as { bytes: Buffer }).bytes);
      if (late[0]) setTimeout(go, Math.max(1, late[0].at - now));
    };
    return ({ bytes, isMessage }) => {
      const { delay, twice, lost, answersLost, closed } = this.#weather;
      const { isWeb, random } = this.#options;
      if (luck < closed) return;
      const often = lost + (isAnswer ? answersLost : 0);
      if (isWeb ? isMessage && random() < often : often > 0) return;
      const all = isMessage && random() < twice ? Buffer.concat([bytes, bytes]) : bytes;
      if (delay === 0 && late.length === 0) {
        to.write(all);
        return;
      }
      const at = Math.max(late.at(-1)?.at ?? 0, performance.now() + delay * random());
      late.push({ at, bytes: all });
      if (late.length === 1) go();
    };
  }
}

interface Part {
  bytes: Buffer;
  /** A whole message, and not what only belongs to the protocol. */
  isMessage: boolean;
}

const plain = (bytes: Buffer): Part[] => [{ bytes, isMessage: false }];

const END_OF_HEAD = "\r\n\r\n";

/** Parts a WebSocket's bytes (RFC 6455, 5.2), after the head of its handshake. */
function messages(): (data: Buffer) => Part[] {
  let left = Buffer.alloc(0);
  let isOpen = false;
  return (data) => {
    left = Buffer.concat([left, data]);
    const found: Part[] = [];
    const take = (length: number, isMessage: boolean): void => {
      found.push({ bytes: left.subarray(0, length), isMessage });
      left = left.subarray(length);
    };
    if (!isOpen) {
      const end = left.indexOf(END_OF_HEAD);
      if (end < 0) return found;
      take(end + END_OF_HEAD.length, false);
      isOpen = true;
    }
    for (let length = lengthOf(left); length !== undefined; length = lengthOf(left))
      take(length, ((left[0] as number) & 0x8f) === 0x81);
    return found;
  };
}

/** Of the frame that begins here; `undefined`: it is not here as a whole. */
function lengthOf(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined;
  const [, second = 0] = bytes;
  const short = second & 0x7f;
  const more = short === 126 ? 2 : short === 127 ? 8 : 0;
  const head = 2 + more + (second & 0x80 ? 4 : 0);
  if (bytes.length < head) return undefined;
  const size = more === 2 ? bytes.readUInt16BE(2) : more === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  return bytes.length < head + size ? undefined : head + size;
}
