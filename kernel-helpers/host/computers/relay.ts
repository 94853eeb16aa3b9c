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

/** Its text travels, so it loads what it needs there. Of TCP what is lost comes later; of UDP it is gone. */
export const relay: Relay = async ({ address, port, protocol, delay, jitter, loss }) => {
  const load = process.getBuiltinModule("node:module").createRequire(`${process.cwd()}/`);
  const { faults } = load("wirebook/trace") as typeof import("../../trace/index.js");
  const here = globalThis as { wirebookRelays?: Set<AsyncDisposable> };
  here.wirebookRelays ??= new Set();
  // As netem has it, jitter goes both ways.
  const least = Math.max(0, delay - jitter);
  const made = await faults({
    to: [address, port],
    address,
    udp: protocol === "udp",
    delay: least / 1000,
    jitter: (delay + jitter - least) / 1000,
    loss,
  });
  here.wirebookRelays.add(made);
  return made.port;
};

/** Ends all relays of a computer. */
export const closeRelays = async (): Promise<void> => {
  const open = (globalThis as { wirebookRelays?: Set<AsyncDisposable> }).wirebookRelays;
  await Promise.all([...(open ?? [])].map((one) => one[Symbol.asyncDispose]()));
  open?.clear();
};
