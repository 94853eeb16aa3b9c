// Many connections, or datagrams, at once, with Node's own sockets. Answers come as they come: a window bounds how many are
// awaited, what is not answered in time is asked once more. It travels into a thread as the text of one function, so it uses
// nothing from outside.
import type { Probes } from "../socket/backends/connect-thread.js";

export interface ProbeJob extends Probes {
  udp: boolean;
  targets: readonly { address: string; family: 4 | 6 }[];
  /** Most that are awaited at a time. */
  window: number;
  /** Probes a second; 0: as fast as it goes. Where there is a limit the window begins small and follows the answers (AIMD). */
  rate: number;
  /** Milliseconds to wait for an answer; where there is a rate, less once round-trip times are known (RFC 6298). */
  timeout: number;
  tries: number;
  /** What to say to a port of UDP, by its number; text as latin1. */
  payloads: Readonly<Record<number, string>>;
  payload: string;
}

export function probeThread(require: NodeJS.Require, job: ProbeJob): void {
  const net = require("node:net") as typeof import("node:net");
  const dgram = require("node:dgram") as typeof import("node:dgram");
  const { ports, todo, marks, counts, count, mark, targets, rate, timeout, tries } = job;
  /** A mark; or that it met itself, that the system lacks something, that nobody answered. */
  type Verdict = number | "self" | "shortage" | "silence";
  /** One that is awaited at a time, then the next one. Given up it was not answered. */
  interface Asker {
    ask(address: string, family: 4 | 6, port: number): void;
    giveUp(): void;
    index: number;
    begun: number;
  }
  const cautious = rate > 0;
  // This machine answers at once: only where it does not is there anything to gain from more.
  let window = Math.min(cautious ? 16 : 64, job.window);
  /** Smoothed round-trip time and its variation, once there is one. */
  let srtt = -1;
  let variation = 0;
  let patience = timeout;
  let nextStart = 0;
  let lastCut = 0;
  let shortages = 0;
  let waking: NodeJS.Timeout | undefined;
  const busy = new Set<Asker>();
  const idle: Asker[] = [];
  const again: number[] = [];
  const tried = new Map<number, number>();

  const verdictOf = (code: string | undefined): Verdict => {
    switch (code) {
      case "ECONNREFUSED":
        return mark.closed;
      case "ECONNRESET":
        // A datagram was refused; a connection was there.
        return job.udp ? mark.closed : mark.open;
      case "EMFILE":
      case "ENFILE":
      case "ENOBUFS":
      case "ENOMEM":
      case "EAGAIN":
      case "EADDRINUSE":
        return "shortage";
      case "EADDRNOTAVAIL":
        // All ports to connect from are taken; or there is no address to connect from.
        return cautious ? mark.filtered : "shortage";
      default:
        return mark.filtered;
    }
  };
  /** The same socket connects again and again. */
  const tcp = (): Asker => {
    const socket = new net.Socket();
    let asked = 0;
    let verdict: Verdict | undefined;
    socket.on("connect", () => {
      // On its own machine a connection may meet itself (simultaneous open, RFC 9293 3.5).
      const self = socket.localPort === asked && socket.localAddress === socket.remoteAddress;
      verdict = self ? "self" : mark.open;
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      verdict ??= verdictOf(error.code);
    });
    socket.on("close", () => {
      const found = verdict ?? "silence";
      verdict = undefined;
      settle(asker, found);
    });
    const asker: Asker = {
      ask(host, family, port) {
        asked = port;
        socket.connect({ host, port, family, autoSelectFamily: false });
      },
      giveUp: () => socket.destroy(),
      index: -1,
      begun: 0,
    };
    return asker;
  };
  const udp = (): Asker => {
    let end = (_: Verdict): void => {};
    const asker: Asker = {
      ask(address, family, port) {
        const socket = dgram.createSocket(family === 6 ? "udp6" : "udp4");
        let over = false;
        end = (verdict) => {
          if (over) return;
          over = true;
          socket.close(() => settle(asker, verdict));
        };
        // Until it is connected it hears anybody, another probe of ours for instance.
        socket.on("message", (_, from) => from.port === port && end(mark.open));
        socket.on("error", (error: NodeJS.ErrnoException) => end(verdictOf(error.code)));
        // Only of a connected socket does the system say that it was refused (ICMP port unreachable, udp(7)).
        socket.connect(port, address, () => {
          if (over) return;
          const own = socket.address();
          if (own.port === port && own.address === address) end("self");
          else socket.send(Buffer.from(job.payloads[port] ?? job.payload, "latin1"));
        });
      },
      giveUp: () => end("silence"),
      index: -1,
      begun: 0,
    };
    return asker;
  };
  const settle = (asker: Asker, verdict: Verdict): void => {
    const { index } = asker;
    busy.delete(asker);
    idle.push(asker);
    if (verdict === "self") again.push(index);
    else if (verdict === "shortage") short(index);
    else if (verdict === "silence") unanswered(index);
    else {
      answered(performance.now() - asker.begun);
      done(index, verdict);
    }
    pump();
  };
  const done = (index: number, verdict: number): void => {
    marks[index] = verdict;
    Atomics.add(counts, count.done, 1);
    if (verdict === mark.open) Atomics.add(counts, count.open, 1);
  };
  const answered = (ms: number): void => {
    shortages = 0;
    if (!cautious) return;
    window = Math.min(job.window, window + 1 / window);
    variation = srtt < 0 ? ms / 2 : 0.75 * variation + 0.25 * Math.abs(srtt - ms);
    srtt = srtt < 0 ? ms : 0.875 * srtt + 0.125 * ms;
    patience = Math.min(timeout, Math.max(100, srtt + 4 * variation));
  };
  const unanswered = (index: number): void => {
    if (stopped()) return;
    const now = performance.now();
    if (!cautious) window = Math.min(job.window, 2 * window);
    else if (now - lastCut > patience) {
      window = Math.max(4, window / 2);
      lastCut = now;
    }
    const times = (tried.get(index) ?? 0) + 1;
    tried.set(index, times);
    if (times < tries) again.push(index);
    else done(index, job.udp ? mark.openOrFiltered : mark.filtered);
  };
  /** The system lacks descriptors, or ports to connect from. */
  const short = (index: number): void => {
    if (++shortages > 1000)
      throw new Error(
        "this process may open no more sockets: ask for a smaller concurrency, or see ulimit -n",
      );
    window = Math.max(1, window / 2);
    again.push(index);
    nextStart = Math.max(nextStart, performance.now() + 20);
  };
  const stopped = (): boolean => Atomics.load(counts, count.stop) !== 0;
  const pump = (): void => {
    while (busy.size < Math.floor(window) && !stopped()) {
      const wait = nextStart - performance.now();
      if (wait > 0) {
        waking ??= setTimeout(() => {
          waking = undefined;
          pump();
        }, wait);
        return;
      }
      const index = again.shift() ?? todo[Atomics.add(counts, count.next, 1)];
      if (index === undefined) break;
      if (cautious) nextStart = performance.now() + 1000 / rate;
      const asker = idle.pop() ?? (job.udp ? udp() : tcp());
      busy.add(asker);
      asker.index = index;
      asker.begun = performance.now();
      const { address, family } = targets[Math.floor(index / ports.length)] as (typeof targets)[number];
      asker.ask(address, family, ports[index % ports.length] as number);
    }
    if (busy.size === 0 && !waking) clearInterval(watch);
  };
  const look = (): void => {
    const latest = performance.now() - (stopped() ? 0 : patience);
    for (const asker of busy) if (asker.begun <= latest) asker.giveUp();
  };
  // Where this thread itself came late, answers may lie there already: they are read before it looks.
  const watch = setInterval(() => setImmediate(look), Math.min(50, timeout));
  pump();
}
