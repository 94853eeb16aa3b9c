// Whoever starts kernels in the way of protocol 5.6: they choose their ports, and say so.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-startup-handshake
import { randomUUID } from "node:crypto";
import { Router } from "zeromq";
import { freePorts } from "../../src/client/free-ports.js";
import { createSigner } from "../../src/wire/sign.js";
import type { Launch } from "./kernel.js";

const DELIMITER = Buffer.from("<IDS|MSG>");

export class Launcher implements Disposable {
  readonly #socket = new Router({ linger: 0 });
  readonly #key: string = randomUUID();
  readonly #signer = createSigner(this.#key, "sha256");
  readonly #waiting = new Map<string, (ports: Record<string, number>) => void>();
  #port = 0;

  static async open(): Promise<Launcher> {
    const launcher = new Launcher();
    [launcher.#port = 0] = await freePorts(1);
    await launcher.#socket.bind(`tcp://127.0.0.1:${launcher.#port}`);
    void launcher.#answer();
    return launcher;
  }

  /** What starts one more kernel. */
  launch(): Launch {
    const id = randomUUID();
    const key = { signature_scheme: "hmac-sha256", key: this.#key };
    const announced = new Promise<Record<string, number>>((resolve) => this.#waiting.set(id, resolve));
    return {
      file: {
        kernel_id: id,
        transport: "tcp",
        registration_ip: "127.0.0.1",
        registration_port: this.#port,
        ...key,
      },
      connection: announced.then((ports) => ({ transport: "tcp", ip: "127.0.0.1", ...ports, ...key })),
    };
  }

  async #answer(): Promise<void> {
    for await (const [identity, , signature, content] of this.#socket) {
      if (!identity || !signature || !content || !this.#signer.verify(signature, [content])) continue;
      const { kernel_id, ...ports } = JSON.parse(content.toString()) as Record<string, string>;
      const answer = Buffer.from(JSON.stringify({ status: "ok" }));
      await this.#socket.send([identity, DELIMITER, this.#signer.sign([answer]), answer]);
      const numbers = Object.entries(ports).map(([name, port]) => [name, Number(port)] as const);
      this.#waiting.get(kernel_id ?? "")?.(Object.fromEntries(numbers));
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
