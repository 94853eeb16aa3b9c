import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ownMemory } from "../../../bench/memory.js";
import type { Message } from "../../../src/flow.js";
import { startKernel } from "../kernel.js";
import { type Context, type Figure, quantile, type Scenario, violationsOf } from "../scenario.js";

/** Minutes of the whole, and of them before anything counts. */
const LONG = { minutes: 60, warm: 15 };
const SHORT = { minutes: Number(process.env.WIREBOOK_SOAK_MINUTES ?? 3), warm: 1 };

/**
 * Once a minute the notebook rests, as its reader does, and the garbage of its variables is collected: how far V8 lets a heap grow before it looks
 * for garbage is its own affair, and depends on who else wants the processor.
 */
const REST = { every: 1, ms: 3000 };
/** Milliseconds between two looks at memory: often enough to meet every process right after it has collected its garbage. */
const LOOK = 500;
const COLLECT = `const collect = (() => {
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  return process.getBuiltinModule("node:vm").runInNewContext("gc") as () => void;
})();`;

const GROWING =
  "on Node 24 it was 2 MB in the half hour and the 145,000 cells between the two thirds: 14 bytes a cell, and the smallest piece that an allocator gives has more. Nothing is kept for each cell; V8 and TypeScript's server (Go) keep pages. The engine's live heap was 15.42 MB after 48,000 cells, and 15.45 MB after 160,000";

const BUFFER = Buffer.alloc(4096, "b");
const SERVE = `(globalThis as any)[Symbol.for("wirebook.host")].comms.serve("soak", (comm: any) => {
  comm.onMessage = (data: any, buffers: Uint8Array[]) => comm.send({ got: buffers[0]?.length ?? 0 }, { buffers })
})`;

export const soak: Scenario = {
  title: "cells, classes defined anew and comms with buffers, as long as a day at the lab feels",
  async run({ full, node, say }: Context): Promise<Figure[]> {
    const { minutes, warm } = full ? LONG : SHORT;
    await using kernel = await startKernel({ node });
    const { client } = kernel;
    const must = async (code: string): Promise<void> => {
      const { reply } = await client.execute(code, {}, { patience: 60_000 });
      if (reply.status !== "ok") throw new Error(`${code}: ${String(reply.evalue)}`);
    };
    await must(SERVE);
    await must(COLLECT);
    const samples: Sample[] = [];
    const latencies: { at: number; ms: number }[] = [];
    let cells = 0;
    let comms = 0;
    let answered = 0;
    let rest: number = REST.every;
    client.onMessage = ({ header, content }: Message) => {
      if (header.msg_type !== "comm_msg" || (content.data as { got?: number }).got !== BUFFER.length) return;
      answered++;
      void client.send("shell", "comm_close", { comm_id: content.comm_id, data: {} });
    };
    const began = performance.now();
    const minute = (): number => (performance.now() - began) / 60_000;
    const looking = setInterval(() => samples.push({ at: minute(), memory: ownMemory(kernel.pid) }), LOOK);
    while (minute() < minutes) {
      const n = (cells / 4) % 1000;
      await must(`class C${n} { readonly id = ${cells}; next(): C${n} { return new C${n}() } }`);
      await must(`let v${n % 50}: number = new C${n}().id; const list${n % 20} = [v${n % 50}, ${cells}]`);
      await must(`console.log("cell", v${n % 50}); v${n % 50} + 1`);
      const { ms } = await client.execute("v0", {}, { patience: 60_000 });
      latencies.push({ at: minute(), ms });
      cells += 4;
      if (cells % 40 === 0) {
        const id = randomUUID();
        await client.send("shell", "comm_open", { comm_id: id, target_name: "soak", data: {} });
        await client.send("shell", "comm_msg", { comm_id: id, data: { n: 1 } }, { buffers: [BUFFER] });
        comms++;
      }
      if (minute() < rest) continue;
      rest += REST.every;
      await must("collect()");
      await sleep(REST.ms);
      const memory = ownMemory(kernel.pid);
      say(
        `${minute().toFixed(1)} of ${minutes} min, ${cells} cells, ${memory.map((mb) => mb.toFixed(1)).join(" + ")} MB`,
      );
    }
    clearInterval(looking);
    await sleep(500);
    const settled = samples.filter(({ at }) => at >= warm);
    const third = Math.max(1, Math.floor(settled.length / 3));
    const half = (warm + minutes) / 2;
    const drift = (list: typeof latencies): number =>
      quantile(
        list.map(({ ms }) => ms),
        0.99,
      );
    const early = drift(latencies.filter(({ at }) => at >= warm && at < half));
    const late = drift(latencies.filter(({ at }) => at >= half));
    return [
      { what: "minutes", value: minutes },
      { what: "cells", value: cells },
      { what: "comms with buffers", value: comms },
      { what: "comms without an answer", value: comms - answered, most: 0 },
      violationsOf([client]),
      { what: "held at least, after warm-up", value: floor(settled.slice(0, third)), unit: "MB" },
      { what: "held at least, at the end", value: floor(settled.slice(-third)), unit: "MB" },
      // Over three minutes it says nothing.
      {
        what: "held at least, growing",
        value: growth(settled, third) * 60,
        unit: "MB/h",
        timed: true,
        ...(full && { most: 1, reason: GROWING }),
      },
      {
        what: "latency, p99, second half against first",
        value: early > 0 ? (late / early - 1) * 100 : 0,
        unit: "%",
        timed: true,
        ...(full && { most: 10 }),
      },
    ];
  },
};

interface Sample {
  /** Minutes. */
  at: number;
  /** Of each process, in MB. */
  memory: number[];
}

/** What each process holds at least, together: a leak raises it, garbage that waits does not. */
function floor(samples: Sample[]): number {
  const least = (process: number): number => Math.min(...samples.map(({ memory }) => memory[process] ?? 0));
  return (samples[0]?.memory ?? []).reduce((sum, _, process) => sum + least(process), 0);
}

/** From the first third to the last, in MB a minute. */
function growth(samples: Sample[], third: number): number {
  const middle = (part: Sample[]): number => part.reduce((sum, { at }) => sum + at, 0) / part.length;
  const [early, late] = [samples.slice(0, third), samples.slice(-third)];
  const minutes = middle(late) - middle(early);
  return minutes > 0 ? (floor(late) - floor(early)) / minutes : 0;
}
