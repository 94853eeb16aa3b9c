import { isAlive } from "../../places.js";
import { type Kernel, startKernel } from "../kernel.js";
import { type Context, type Figure, quantile, type Scenario, violationsOf } from "../scenario.js";

/** Ten ways in which an engine dies; the cell is told, whatever it was. */
const WAYS: { [way: string]: string } = {
  "exit of the process": "process.reallyExit(3)",
  abort: "process.abort()",
  SIGKILL: "process.kill(process.pid, 'SIGKILL'); for (;;);",
  SIGSEGV: "process.kill(process.pid, 'SIGSEGV'); for (;;);",
  "out of memory: one list": "const list = []; for (;;) list.push(new Array(1e6).fill(Math.random()))",
  "out of memory: strings":
    "let text = 'x'; const all = []; for (;;) { text = (text + text).slice(0, 2 ** 27) + all.length; all.push([...text]) }",
  "out of memory: objects":
    "let head = null; for (let i = 0; ; i++) head = { i, head, more: { text: String(i).padStart(1000) } }",
  "out of memory: promises":
    "function fork() { Promise.resolve().then(fork); Promise.resolve().then(fork) }; fork(); await new Promise(() => {})",
  "descriptors closed":
    "for (let fd = 3; fd < 64; fd++) try { (await import('node:fs')).closeSync(fd) } catch {}; for (;;) await new Promise(r => setTimeout(r, 5))",
  "builtins poisoned":
    "for (const name of ['push', 'shift', 'map', 'forEach']) Array.prototype[name] = () => { throw 0 }; JSON.stringify = () => '{'; process.kill(process.pid, 'SIGKILL'); for (;;);",
};

/** Ways to fail that must not kill it. */
const SURVIVED: { [way: string]: string } = {
  "process.exit": "process.exit(3)",
  "stack overflow": "(function f() { f() })()",
  "uncaught in a callback":
    "setTimeout(() => { throw new Error('late') }, 0); await new Promise(r => setTimeout(r, 20)); throw new Error('own')",
  "unhandled rejection":
    "Promise.reject(new Error('late')); await new Promise(r => setTimeout(r, 20)); throw new Error('own')",
};

/** An engine that dies three times within ten seconds is given up, so kernels take turns, and two die at a time. */
const PAUSE_MS = 5200;
const LANES = 2;
const KERNELS = 4;

export const deaths: Scenario = {
  title: "engines that die in ten ways, and code that tries to take them along",
  async run({ full, node, say }: Context): Promise<Figure[]> {
    const cycles = full ? 1000 : 10;
    const figures = { silent: 0, wrongName: 0, nextFailed: 0, orphans: 0, survived: 0 };
    const toError: number[] = [];
    const toNext: number[] = [];
    const ways = Object.entries(WAYS);
    // Memory runs out sooner where there is less of it.
    const env = { NODE_OPTIONS: "--max-old-space-size=96" };
    const kernels: Kernel[] = [];
    const die = async ({ client }: Kernel, code: string, { counts }: { counts: boolean }): Promise<void> => {
      const pid = Number(await client.valueOf("process.pid"));
      const child = Number(
        await client.valueOf("(await import('node:child_process')).spawn('sleep', ['600']).pid"),
      );
      const began = performance.now();
      const { reply } = await client.execute(code, {}, { patience: 120_000 });
      if (counts) toError.push(performance.now() - began);
      if (reply.status !== "error") figures.silent++;
      else if (reply.ename !== "EngineDied") figures.wrongName++;
      const after = performance.now();
      const answer = await client.execute("1 + 1", {}, { patience: 20_000 });
      toNext.push(performance.now() - after);
      if (answer.reply.status !== "ok") figures.nextFailed++;
      for (let tries = 0; tries < 40 && (isAlive(pid) || isAlive(child)); tries++)
        await new Promise((r) => setTimeout(r, 50));
      if (isAlive(pid) || isAlive(child)) figures.orphans++;
    };
    try {
      for (let i = 0; i < LANES * KERNELS; i++) {
        kernels.push(await startKernel({ node, env }));
        await kernels[i]?.client.execute("%types off");
      }
      let next = 0;
      await Promise.all(
        Array.from({ length: LANES }, async (_, lane) => {
          const own = kernels.filter((_, index) => index % LANES === lane);
          const rested = own.map(() => 0);
          for (let turn = 0; next < cycles; turn = (turn + 1) % KERNELS) {
            const number = next++;
            const [way, code] = ways[number % ways.length] as [string, string];
            say(`death ${number + 1} of ${cycles}: ${way}`);
            await new Promise((r) =>
              setTimeout(r, Math.max(0, (rested[turn] as number) - performance.now())),
            );
            // How long memory takes to run out is not the kernel's.
            await die(own[turn] as Kernel, code, { counts: !way.startsWith("out of memory") });
            rested[turn] = performance.now() + PAUSE_MS;
          }
        }),
      );
      const { client } = kernels[0] as Kernel;
      await client.execute("var kept = 41");
      for (const code of Object.values(SURVIVED)) {
        const { reply } = await client.execute(code);
        if (reply.status !== "error" || (await client.valueOf("kept + 1")) !== "42") figures.survived++;
      }
      const dead = kernels.filter(
        ({ process: child }) => child.exitCode !== null || child.signalCode !== null,
      ).length;
      return [
        { what: "deaths, ten ways", value: cycles },
        { what: "cells that did not end in an error", value: figures.silent, most: 0 },
        { what: "errors that do not say that the engine died", value: figures.wrongName, most: 0 },
        { what: "next cells that failed", value: figures.nextFailed, most: 0 },
        { what: "processes left behind", value: figures.orphans, most: 0 },
        { what: "kernels that died", value: dead, most: 0 },
        { what: "variables lost by errors that are no death", value: figures.survived, most: 0 },
        violationsOf(kernels.map(({ client }) => client)),
        {
          what: "death to error, p99 (where memory does not have to run out first)",
          value: quantile(toError, 0.99),
          unit: "ms",
          most: 2000,
          timed: true,
        },
        { what: "next cell, p99", value: quantile(toNext, 0.99), unit: "ms", most: 500, timed: true },
      ];
    } finally {
      for (const kernel of kernels) await kernel.stop();
    }
  },
};
