// Many connections, or datagrams, at once, with Node's own sockets. Answers come as they come: a window bounds how many are
// awaited, what is not answered in time is asked once more. It travels into a thread as the text of one function, so it uses
// nothing from outside.
import type { Socket as DatagramSocket } from "node:dgram";
import type { Socket } from "node:net";
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
  type Answer = (verdict: number | "shortage" | "self") => void;
  const cautious = rate > 0;
  const least = Math.min(100, timeout);
  let window = cautious ? Math.min(16, job.window) : job.window;
  let active = 0;
  /** Smoothed round-trip time and its variation, once there is one. */
  let srtt = -1;
  let variation = 0;
  let patience = timeout;
  let nextStart = 0;
  let lastCut = 0;
  let waking: NodeJS.Timeout | undefined;
  const again: number[] = [];
  const tried = new Map<number, number>();
  let shortages = 0;

  const verdictOf = (code: string | undefined): number | "shortage" => {
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
      case "EADDRNOTAVAIL":
        return "shortage";
      default:
        return mark.filtered;
    }
  };
  const tcp = (address: string, family: 4 | 6, port: number, answer: Answer): (() => void) => {
    const socket: Socket = new net.Socket();
    socket.once("connect", () => {
      // On its own machine a connection may meet itself (simultaneous open, RFC 9293 3.5).
      const self = socket.localPort === port && socket.localAddress === socket.remoteAddress;
      socket.destroy();
      answer(self ? "self" : mark.open);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => answer(verdictOf(error.code)));
    socket.connect({ host: address, port, family, autoSelectFamily: false });
    return () => socket.destroy();
  };
  const udp = (address: string, family: 4 | 6, port: number, answer: Answer): (() => void) => {
    const socket: DatagramSocket = dgram.createSocket(family === 6 ? "udp6" : "udp4");
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      socket.close();
    };
    socket.once("message", () => {
      end();
      answer(mark.open);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      end();
      answer(verdictOf(error.code));
    });
    // Only of a connected socket does the system say that it was refused (ICMP port unreachable, udp(7)).
    socket.connect(port, address, () => {
      if (over) return;
      if (socket.address().port === port && socket.address().address === address) {
        end();
        answer("self");
      } else socket.send(Buffer.from(job.payloads[port] ?? job.payload, "latin1"));
    });
    return end;
  };
  const start = (index: number): void => {
    const { address, family } = targets[Math.floor(index / ports.length)] as (typeof targets)[number];
    const port = ports[index % ports.length] as number;
    const begun = performance.now();
    let over = false;
    active++;
    const settle = (verdict: Parameters<Answer>[0] | "silence"): void => {
      if (over) return;
      over = true;
      active--;
      clearTimeout(timer);
      if (verdict === "silence") unanswered(index);
      else if (verdict === "self") again.push(index);
      else if (verdict === "shortage") short(index);
      else {
        answered(performance.now() - begun);
        done(index, verdict);
      }
      pump();
    };
    const giveUp = (job.udp ? udp : tcp)(address, family, port, settle);
    const timer = setTimeout(() => {
      // Where this thread itself came late, the answer may lie there already.
      setImmediate(() => {
        if (over) return;
        giveUp();
        settle("silence");
      });
    }, patience);
  };
  const done = (index: number, verdict: number): void => {
    marks[index] = verdict;
    tried.delete(index);
    Atomics.add(counts, count.done, 1);
    if (verdict === mark.open) Atomics.add(counts, count.open, 1);
  };
  const answered = (ms: number): void => {
    shortages = 0;
    if (!cautious) return;
    window = Math.min(job.window, window + 1 / window);
    variation = srtt < 0 ? ms / 2 : 0.75 * variation + 0.25 * Math.abs(srtt - ms);
    srtt = srtt < 0 ? ms : 0.875 * srtt + 0.125 * ms;
    patience = Math.min(timeout, Math.max(least, Math.ceil((srtt + 4 * variation) / 50) * 50));
  };
  const unanswered = (index: number): void => {
    const now = performance.now();
    if (cautious && now - lastCut > patience) {
      window = Math.max(4, window / 2);
      lastCut = now;
    }
    const times = (tried.get(index) ?? 0) + 1;
    if (times >= tries) done(index, job.udp ? mark.openOrFiltered : mark.filtered);
    else {
      tried.set(index, times);
      again.push(index);
    }
  };
  /** The system lacks descriptors or ports to connect from. */
  const short = (index: number): void => {
    if (++shortages > 1000)
      throw new Error("this process may open no more sockets: ask for a smaller concurrency, or see ulimit -n");
    window = Math.max(1, window / 2);
    again.push(index);
    nextStart = Math.max(nextStart, performance.now() + 20);
  };
  const pump = (): void => {
    while (active < Math.floor(window) && Atomics.load(counts, count.stop) === 0) {
      const wait = nextStart - performance.now();
      if (wait > 0) {
        waking ??= setTimeout(() => {
          waking = undefined;
          pump();
        }, wait);
        return;
      }
      let index = again.shift();
      if (index === undefined) {
        const at = Atomics.add(counts, count.next, 1);
        if (at >= todo.length) return;
        index = todo[at] as number;
      }
      if (cautious) nextStart = performance.now() + 1000 / rate;
      start(index);
    }
  };
  pump();
}
