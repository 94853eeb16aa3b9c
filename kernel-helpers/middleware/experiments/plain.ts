// Objects called by plain WebSockets: the straightforward program, without any middleware. Whatever it does not hide, the experiments find. It is one
// function, so that a notebook can show all of it.
import { WebSocketServer } from "../../lesson/index.js";
import type { Call, Design, Host, Service } from "./design.js";

/** Plain WebSockets: clients know an address, and that is all. */
export function plain(): Design {
  const open: WebSocket[] = [];

  async function startHost(): Promise<Host> {
    const objects = new Map<string, Service>();
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await new Promise((resolve) => server.once("listening", resolve));
    // In comes text: the object, the method and its arguments. Back goes the result, as text.
    server.on("connection", (ws) =>
      ws.on("message", async (data) => {
        const [name = "", method = "", ...args] = String(data).split("\n");
        try {
          ws.send(String(await objects.get(name)?.[method]?.(...args)));
        } catch {
          ws.close(1011);
        }
      }),
    );
    const host: Host = {
      address: `ws://127.0.0.1:${(server.address() as { port: number }).port}`,
      offer(name, make) {
        objects.set(name, make());
      },
      // As somebody would do by hand: stop it here, start it there.
      async move(name, to) {
        const object = objects.get(name) as Service;
        await host.stop();
        await to.offer(name, () => object);
      },
      async stop() {
        for (const ws of server.clients) ws.terminate();
        await new Promise((resolve) => server.close(resolve));
      },
    };
    return host;
  }

  async function connect(name: string, address?: string): Promise<Call> {
    if (address === undefined) throw new Error("a WebSocket needs a URL");
    const ws = new WebSocket(address);
    open.push(ws);
    // Answers come in the order of the questions.
    const waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = [];
    let broken: Error | undefined;
    ws.onmessage = ({ data }) => waiting.shift()?.resolve(data);
    await new Promise((resolve) => {
      ws.onopen = resolve;
      ws.onclose = ({ code }) => {
        broken = new Error(`the WebSocket was closed (${code})`);
        resolve(broken);
        for (const { reject } of waiting) reject(broken);
      };
    });
    return (method, ...args) =>
      new Promise((resolve, reject) => {
        if (broken) throw broken;
        waiting.push({ resolve, reject });
        ws.send([name, method, ...args].join("\n"));
      });
  }

  const close = (): void => {
    for (const ws of open) ws.close();
  };
  return { startHost, connect, close };
}
