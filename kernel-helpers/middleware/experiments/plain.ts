// Objects called by plain WebSockets: the straightforward program, without any middleware. Whatever it does not hide, the experiments find.
import { WebSocketServer } from "../../lesson/index.js";
import type { Call, Design, Host, Service } from "./design.js";

/** Text goes over the connection: the object, the method and its arguments; back comes the result, as text. */
class PlainHost implements Host {
  readonly #server: WebSocketServer;
  readonly #objects = new Map<string, Service>();

  constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (ws) =>
      ws.on("message", async (data) => {
        const [name = "", method = "", ...args] = String(data).split("\n");
        try {
          ws.send(String(await this.#objects.get(name)?.[method]?.(...args)));
        } catch {
          ws.close(1011);
        }
      }),
    );
  }

  get address(): string {
    return `ws://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  offer(name: string, make: () => Service): void {
    this.#objects.set(name, make());
  }

  /** As somebody would do by hand: stop it here, start it there. */
  async move(name: string, to: Host): Promise<void> {
    const object = this.#objects.get(name);
    await this.stop();
    if (object) await to.offer(name, () => object);
  }

  async stop(): Promise<void> {
    for (const ws of this.#server.clients) ws.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Plain WebSockets as a {@link Design}: clients know an address, and that is all. */
export function plain(): Design {
  const sockets: WebSocket[] = [];
  return {
    async startHost(): Promise<Host> {
      const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
      await new Promise((resolve) => server.once("listening", resolve));
      return new PlainHost(server);
    },
    async connect(name: string, address?: string): Promise<Call> {
      const ws = new WebSocket(address as string);
      sockets.push(ws);
      // Answers come in the order of the questions.
      const waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = [];
      let broken: Error | undefined;
      ws.onmessage = ({ data }) => waiting.shift()?.resolve(data);
      const opened = new Promise((resolve) => {
        ws.onopen = resolve;
        ws.onclose = ({ code }) => {
          broken = new Error(`the WebSocket was closed (code ${code})`);
          resolve(undefined);
          for (const one of waiting.splice(0)) one.reject(broken);
        };
      });
      await opened;
      return (method, ...args) =>
        new Promise((resolve, reject) => {
          if (broken) throw broken;
          waiting.push({ resolve, reject });
          ws.send([name, method, ...args].join("\n"));
        });
    },
    close(): void {
      for (const ws of sockets) ws.close();
    },
  };
}
