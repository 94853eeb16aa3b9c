// ping(8) as a table: does a computer answer, and how long does it take?
import { isIPv6 } from "node:net";
import { type Ask, ask as askHere, ProgramMissing } from "./programs.js";
import { type TableDisplay, table } from "./table.js";

export interface Reply {
  /** Which of the requests, from 1. */
  sequence: number;
  /** Whose answer it is; empty: nobody's. */
  address: string;
  /** How many more routers the answer could have passed; `undefined`: nobody answered, or the system does not say. */
  ttl: number | undefined;
  /** Milliseconds there and back; `undefined`: nobody answered. */
  time: number | undefined;
}

export interface PingOptions {
  /** How many requests, one a second. */
  count?: number;
  /** Seconds that each may take. */
  timeout?: number;
}

/**
 * Sends echo requests (ICMP, RFC 792) by the system's own program, and tells of each reply in a row, shown as a table.
 * @param host a name or an address
 * @throws ProgramMissing; Error where the name is not known
 */
export function ping(host: string, options: PingOptions = {}): Promise<Reply[] & TableDisplay> {
  return pingBy(askHere, host, options);
}

/** @internal The same from the machine whose programs `ask` runs. */
export async function pingBy(
  ask: Ask,
  host: string,
  { count = 4, timeout = 1 }: PingOptions,
  platform: NodeJS.Platform = process.platform,
): Promise<Reply[] & TableDisplay> {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`ping: count is a whole number from 1 on, not ${count}`);
  if (!(timeout > 0)) throw new RangeError(`ping: timeout is a number of seconds above 0, not ${timeout}`);
  // What begins with a dash would be an option.
  if (host.startsWith("-") || host === "") throw new TypeError(`ping: "${host}" is no name of a host`);
  const command = commandOf(host, count, timeout, platform);
  const { stdout, status, code } = await ask(command, (count + timeout + 10) * 1000);
  if (code !== undefined) throw new ProgramMissing("ping");
  const replies = fromPing(stdout, count);
  if (status !== 0 && status !== 1 && replies.every(({ time }) => time === undefined))
    throw new Error(
      `ping ${host}: status ${status}. Is the name right? reachable("${host}", PORT) tells more`,
    );
  return table(replies, ({ sequence, address, ttl, time }) => ({
    sequence,
    address,
    ttl: ttl ?? "",
    time: time === undefined ? "no answer" : `${time} ms`,
  }));
}

function commandOf(
  host: string,
  count: number,
  timeout: number,
  platform: NodeJS.Platform,
): [string, ...string[]] {
  const ms = String(Math.ceil(timeout * 1000));
  if (platform === "win32") return ["ping", "-n", String(count), "-w", ms, host];
  if (platform !== "darwin")
    return ["ping", "-n", "-c", String(count), "-W", String(Math.ceil(timeout)), host];
  return isIPv6(host)
    ? ["ping6", "-n", "-c", String(count), host]
    : ["ping", "-n", "-c", String(count), "-W", ms, host];
}

const ADDRESS = String.raw`(?:\S+ \()?([\d.]+|[\da-f]*:[\da-f:]+(?:%\w+)?)\)?`;
/** Linux, macOS, busybox: `64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.042 ms`. */
const UNIX = new RegExp(
  String.raw`bytes from ${ADDRESS}[:,].*?seq=(\d+)(?:.*?(?:ttl|hlim)=(\d+))?.*?time=([\d.]+) ?ms`,
  "i",
);
/** Windows, in any language: `Reply from 10.0.0.2: bytes=32 time<1ms TTL=128`. */
const WINDOWS = new RegExp(String.raw`\s${ADDRESS}: .*?[=<](\d+) ?ms(?: TTL=(\d+))?`, "i");

/** From the output of ping; those that are not mentioned got no answer. */
export function fromPing(text: string, count: number): Reply[] {
  const lines = text.split(/\r?\n/);
  const replies = new Map<number, Reply>();
  const add = (sequence: number, address: string, time: string, ttl: string | undefined): void => {
    // A second answer to one request is a duplicate.
    if (!replies.has(sequence))
      replies.set(sequence, {
        sequence,
        address,
        ttl: ttl === undefined ? undefined : Number(ttl),
        time: Number(time),
      });
  };
  // macOS and busybox count from 0.
  const first = lines.some((line) => /seq[= ]0\b/.test(line)) ? 0 : 1;
  let next = 1;
  for (const line of lines) {
    const [, from = "", sequence = "", left, ms = ""] = UNIX.exec(line) ?? [];
    const [, other = "", time = "", ttl] = WINDOWS.exec(line) ?? [];
    if (from !== "") add(Number(sequence) - first + 1, from, ms, left);
    else if (other !== "") add(next++, other, time, ttl);
    // Windows has no numbers, and tells of a request that got no answer in a sentence: "Request timed out."
    else if (line.trim().endsWith(".")) next++;
  }
  return Array.from(
    { length: count },
    (_, index) =>
      replies.get(index + 1) ?? { sequence: index + 1, address: "", ttl: undefined, time: undefined },
  );
}
