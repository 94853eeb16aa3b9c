// The relay of connections.
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { toOSError } from "../socket/errors.js";
import { ours } from "../socket/ours.js";
import type { Done } from "./faults.js";
import { dice, type FaultsOptions } from "./faults-options.js";

/** As TCP waits before it sends again; twice as long each time (RFC 6298, with Linux's minimum). */
const AGAIN_MS = 200;
/** A network holds only so much. */
const MOST_UNDERWAY = 256 * 1024;

export class StreamRelay {
  options: FaultsOptions;
  readonly done: Done = { passed: 0, lost: 0, reset: 0, swallowed: 0 };
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #connections = 0;

  private constructor(server: Server, target: [host: string, port: number], options: FaultsOptions) {
    this.#server = server;
    this.options = options;
    server.on("connection", (client) => this.#serve(client, target));
  }

  static open(target: [host: string, port: number], options: FaultsOptions): Promise<StreamRelay> {
    return ours(
      () =>
        new Promise((resolve, reject) => {
          const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
          server.once("error", (error) => reject(toOSError(error)));
          server.listen({ host: options.address ?? "127.0.0.1", port: options.port ?? 0 }, () =>
            resolve(new StreamRelay(server, target, options)),
          );
        }),
    );
  }

  get address(): [host: string, port: number] {
    const { address, port } = this.#server.address() as AddressInfo;
    return [address, port];
  }

  #serve(client: Socket, [host, port]: [string, number]): void {
    const number = ++this.#connections;
    const chance = dice(this.options.seed ?? 1, number);
    this.#keep(client);
    if (chance() < Number(this.options.blackhole ?? 0)) {
      this.done.swallowed++;
      // Read, so that it goes on sending, and never answered.
      client.on("error", () => client.destroy()).resume();
      return;
    }
    const server = connect({ host, port, allowHalfOpen: true, autoSelectFamily: false });
    this.#keep(server);
    const end = (reset: boolean): void => {
      for (const socket of [client, server]) {
        if (socket.destroyed) continue;
        if (reset) socket.resetAndDestroy();
        else socket.destroy();
      }
    };
    for (const socket of [client, server])
      socket.once("error", () => end(true)).once("close", () => end(false));
    const reset = (): void => {
      this.done.reset++;
      end(true);
    };
    const parts = { options: () => this.options, done: this.done, reset };
    new OneWay(client, server, { ...parts, chance: dice(this.options.seed ?? 1, number, 1) });
    new OneWay(server, client, { ...parts, chance: dice(this.options.seed ?? 1, number, 2) });
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}

interface Parts {
  options(): FaultsOptions;
  done: Done;
  chance(): number;
  reset(): void;
}

/** One direction of one connection: what comes in leaves when it is due, in its order. */
class OneWay {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #parts: Parts;
  /** Pieces that are due; undefined is the end of the stream. */
  readonly #queue: { due: number; piece: Buffer | undefined }[] = [];
  #underway = 0;
  #last = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, parts: Parts) {
    this.#from = from;
    this.#to = to;
    this.#parts = parts;
    from.on("data", (chunk: Buffer) => this.#came(chunk));
    from.once("end", () => this.#put(undefined, 0));
    from.once("close", () => clearTimeout(this.#timer));
    to.on("drain", () => this.#pass());
    from.resume();
  }

  #came(chunk: Buffer): void {
    const { options, chance, reset, done } = this.#parts;
    for (let at = 0; at < chunk.length; ) {
      const { slice, loss = 0, reset: resets = 0 } = options();
      const size = slice === undefined ? chunk.length : 1 + Math.floor(chance() * slice);
      if (chance() < resets) {
        reset();
        return;
      }
      let again = 0;
      for (let wait = AGAIN_MS; chance() < loss && wait < 60_000; wait *= 2) {
        again += wait;
        done.lost++;
      }
      this.#put(chunk.subarray(at, at + size), again);
      at += size;
    }
    if (this.#underway > MOST_UNDERWAY) this.#from.pause();
  }

  /** @param late milliseconds beside what all others take */
  #put(piece: Buffer | undefined, late: number): void {
    const { delay = 0, jitter = 0, rate, slice } = this.#parts.options();
    const arrives = performance.now() + (delay + jitter * this.#parts.chance()) * 1000 + late;
    const length = piece?.length ?? 0;
    // A piece of its own needs a moment of its own, or the receiver would see two as one.
    const takes = rate === undefined ? (slice === undefined ? 0 : 1) : (length / rate) * 1000;
    this.#last = Math.max(arrives, this.#last) + takes;
    this.#queue.push({ due: this.#last, piece });
    this.#underway += length;
    this.#pass();
  }

  #pass(): void {
    clearTimeout(this.#timer);
    for (let [next] = this.#queue; next; [next] = this.#queue) {
      if (this.#to.destroyed) return;
      // Until the next drain.
      if (this.#to.writableNeedDrain) return;
      const wait = next.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#pass(), wait);
        return;
      }
      this.#queue.shift();
      if (next.piece === undefined) this.#to.end();
      else {
        this.#underway -= next.piece.length;
        this.#parts.done.passed++;
        this.#to.write(next.piece);
        if (this.#underway <= MOST_UNDERWAY) this.#from.resume();
      }
    }
  }
}
