// The door to @jupyterlab/services: its own KernelConnection, which every front end of Jupyter is built on, over the
// kernel's sockets directly. Where it expects a Jupyter server's WebSocket it gets an object that passes messages on.
import { KernelConnection, type KernelMessage, ServerConnection } from "@jupyterlab/services";

// It tells the console of every connection and of some states.
const { debug } = console;
console.debug = (...words: unknown[]): void => {
  if (!/^(Starting WebSocket|Kernel): /.test(String(words[0]))) debug(...words);
};

/** What carries messages to the kernel. */
export interface Transport {
  send(message: KernelMessage.IMessage): void;
  /** Called with each message from the kernel. */
  onMessage: (message: KernelMessage.IMessage) => void;
}

export type { KernelMessage };

/** A connection to a kernel that needs no server. Interrupt and shut down over the control channel. */
export function connectKernel(transport: Transport, name: string): KernelConnection {
  class Passage {
    readonly protocol = "";
    binaryType = "arraybuffer";
    readyState = 0;
    onopen: (event: unknown) => void = () => {};
    onmessage: (event: { data: unknown }) => void = () => {};
    onclose: (event: unknown) => void = () => {};
    onerror: (event: unknown) => void = () => {};

    constructor() {
      transport.onMessage = (message) => this.onmessage({ data: message });
      queueMicrotask(() => {
        this.readyState = 1;
        this.onopen({});
      });
    }

    send(message: KernelMessage.IMessage): void {
      transport.send(message);
    }

    close(): void {
      this.readyState = 3;
      transport.onMessage = () => {};
    }
  }
  const settings = ServerConnection.makeSettings({
    baseUrl: "http://localhost/",
    WebSocket: Passage as never,
    // Messages stay objects: our wire has its own bytes.
    serializer: {
      serialize: (message: unknown) => message as never,
      deserialize: (message: unknown) => message as never,
    },
  });
  return new KernelConnection({
    model: { id: "wirebook", name },
    serverSettings: settings,
    handleComms: false,
  });
}
