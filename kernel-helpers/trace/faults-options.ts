// What a bad network can do, and the dice that decide.

export interface FaultsOptions {
  /** The server: its port on this machine, or its address. */
  to: number | [host: string, port: number];
  /** The relay's own port; the system chooses where it is left out. */
  port?: number;
  /** The relay's own address; 127.0.0.1 where it is left out, which nobody else reaches. */
  address?: string;
  /** Datagrams instead of connections. */
  udp?: boolean;
  /** Seconds that everything takes longer, each way. */
  delay?: number;
  /** Up to so many seconds more, by chance. Streams keep their order; datagrams may overtake each other. */
  jitter?: number;
  /** Chance of a piece to be lost, 0 to 1. A datagram is gone; a piece of a stream comes later, as TCP sends it again. */
  loss?: number;
  /** Chance of a piece to be answered by a reset of its connection, 0 to 1. */
  reset?: number;
  /** Chance of a connection (or a datagram's sender) that nothing comes through, 0 to 1; `true` is 1. */
  blackhole?: number | boolean;
  /** Streams are passed on in pieces of at most so many bytes. */
  slice?: number;
  /** Bytes a second, each way. */
  rate?: number;
  /** Where chances come from; the same seed, the same faults. Default 1. */
  seed?: number;
}

/** @throws RangeError, TypeError */
export function checkedFaults(options: FaultsOptions): FaultsOptions {
  const known = [
    "to",
    "port",
    "address",
    "udp",
    "delay",
    "jitter",
    "loss",
    "reset",
    "blackhole",
    "slice",
    "rate",
    "seed",
  ];
  for (const name of Object.keys(options))
    if (!known.includes(name))
      throw new TypeError(`faults() knows no "${name}"; it knows ${known.join(", ")}`);
  const { to, delay, jitter, loss, reset, blackhole, slice, rate } = options;
  const port = typeof to === "number" ? to : to?.[1];
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError(`faults(): "to" is the server's port or [host, port], not ${JSON.stringify(to)}`);
  for (const [name, value] of Object.entries({ delay, jitter }))
    check(name, value, (number) => number >= 0 && number <= 3600, "seconds, 0 to 3600");
  for (const [name, value] of Object.entries({ loss, reset, blackhole: Number(blackhole ?? 0) }))
    check(name, value, (number) => number >= 0 && number <= 1, "a chance, 0 to 1");
  check("slice", slice, (number) => Number.isInteger(number) && number >= 1, "bytes, 1 or more");
  check("rate", rate, (number) => number >= 1, "bytes a second, 1 or more");
  return options;
}

function check(
  name: string,
  value: number | undefined,
  fits: (value: number) => boolean,
  what: string,
): void {
  if (value !== undefined && !(typeof value === "number" && fits(value)))
    throw new RangeError(`faults(): "${name}" is ${what}, not ${JSON.stringify(value)}`);
}

export function inWords({
  delay,
  jitter,
  loss,
  reset,
  blackhole,
  slice,
  rate,
  seed = 1,
}: FaultsOptions): string {
  const percent = (chance: number): string => `${Number((chance * 100).toPrecision(3))} %`;
  const parts = [
    delay && `${delay * 1000} ms later`,
    jitter && `up to ${jitter * 1000} ms more`,
    loss && `${percent(loss)} lost`,
    reset && `${percent(reset)} reset`,
    blackhole && `${percent(Number(blackhole))} swallowed`,
    slice && `pieces of up to ${slice} bytes`,
    rate && `${rate} bytes a second`,
  ].filter(Boolean);
  return `${parts.join(", ") || "no faults"} (seed ${seed})`;
}

/** Numbers from 0 up to 1 that look random, always the same for the same seed and names (mulberry32). */
export function dice(seed: number, ...names: number[]): () => number {
  let state =
    names.reduce((mixed, name) => Math.imul(mixed ^ (name + 0x9e3779b9), 0x85ebca6b), seed | 0) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
