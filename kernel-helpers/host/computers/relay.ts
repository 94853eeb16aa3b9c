// Delay and loss where the system has no netem: in front of one port of a computer stands a relay, which hands on late.

/** What a relay is told. */
export interface RelaySettings {
  /** The address that it listens on, and hands on to. */
  address: string;
  port: number;
  protocol: "tcp" | "udp";
  delay: number;
  jitter: number;
  loss: number;
}

/**
 * What forwards a port with faults: runs on the computer whose port it is, so it uses nothing from outside but imports.
 * @returns the port on which it listens; it ends when its process does, or with `closeRelays`
 */
export type Relay = (settings: RelaySettings) => Promise<number>;

/** Of TCP a lost segment is sent again after 200 ms (RFC 6298, as Linux has it); of UDP it is gone. */
export const relay: Relay = async ({ address, port, protocol, delay, jitter, loss }) => {
  const RESEND_MS = 200;
  const here = globalThis as { wirebookRelays?: Set<{ close(): void }> };
  here.wirebookRelays ??= new Set();
  const open = here.wirebookRelays;
  const wait = (): number => Math.max(0, delay + (Math.random() * 2 - 1) * jitter);
  if (protocol === "udp") {
    const { createSocket } = process.getBuiltinModule("node:dgram");
    const family = address.includes(":") ? "udp6" : "udp4";
    const front = createSocket(family);
    const backs = new Map<string, import("node:dgram").Socket>();
    const later = (send: () => void): void => {
      if (Math.random() >= loss) setTimeout(send, wait());
    };
    front.on("message", (data, from) => {
      const key = `${from.address} ${from.port}`;
      let back = backs.get(key);
      if (!back) {
        back = createSocket(family).on("error", () => {});
        back.on("message", (answer) => later(() => front.send(answer, from.port, from.address)));
        backs.set(key, back);
      }
      const way = back;
      later(() => way.send(data, port, address));
    });
    front.on("error", () => {});
    await new Promise<void>((resolve) => front.bind(0, address, resolve));
    open.add({
      close() {
        front.close();
        for (const back of backs.values()) back.close();
      },
    });
    return front.address().port;
  }
  const { connect, createServer } = process.getBuiltinModule("node:net");
  type Stream = import("node:net").Socket;
  const streams = new Set<Stream>();
  // In order: a piece never arrives before one that was sent earlier.
  const pass = (from: Stream, to: Stream): void => {
    let last = 0;
    const later = (work: () => void): void => {
      const lost = Math.random() < loss ? RESEND_MS : 0;
      last = Math.max(last, performance.now() + wait() + lost);
      setTimeout(work, last - performance.now());
    };
    from.on("data", (data) => later(() => void to.write(data)));
    from.on("end", () => later(() => to.end()));
    from.on("error", () => later(() => to.resetAndDestroy()));
    from.on("close", () => streams.delete(from));
    streams.add(from);
  };
  const server = createServer({ allowHalfOpen: true }, (from) => {
    const to = connect({ host: address, port, allowHalfOpen: true });
    pass(from, to);
    pass(to, from);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  open.add({
    close() {
      server.close();
      for (const stream of streams) stream.destroy();
    },
  });
  return (server.address() as { port: number }).port;
};

/** Ends all relays of a computer. */
export const closeRelays = (): void => {
  const open = (globalThis as { wirebookRelays?: Set<{ close(): void }> }).wirebookRelays;
  for (const one of open ?? []) one.close();
  open?.clear();
};
