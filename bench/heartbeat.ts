// The heartbeat of a kernel: whatever is sent comes back.
import { createRequire } from "node:module";
import type { Connection } from "../src/wire/connection-file.js";

const zmq = createRequire(import.meta.url)("zeromq") as typeof import("zeromq");

export class Heartbeat {
  readonly #socket: InstanceType<typeof zmq.Request>;

  constructor({ ip, ports }: Connection) {
    this.#socket = new zmq.Request({ linger: 0, receiveTimeout: 30_000 });
    this.#socket.connect(`tcp://${ip}:${ports.heartbeat}`);
  }

  /**
   * @returns milliseconds there and back
   * @throws Error after half a minute
   */
  async beat(): Promise<number> {
    const sent = performance.now();
    await this.#socket.send("beat");
    await this.#socket.receive();
    return performance.now() - sent;
  }

  close(): void {
    this.#socket.close();
  }
}
