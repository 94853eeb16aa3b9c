import { createServer } from "node:net";
import type { Client } from "../client.js";
import { startKernel } from "../kernel.js";
import { type Context, createDice, type Figure, quantile, type Scenario, violationsOf } from "../scenario.js";

/** Fifteen kinds of code that does not end by itself. Each prints when it is where it is to be interrupted. */
const KINDS: { [kind: string]: { code: string; children?: boolean; stdin?: boolean } } = {
  "synchronous loop": { code: "console.log('in'); while (true) count++" },
  "loop that catches everything": {
    code: "console.log('in'); while (true) { try { while (true) count++ } catch {} }",
  },
  "loop with finally": {
    code: "console.log('in'); for (;;) { try { for (;;) count++ } finally { count++ } }",
  },
  "microtask loop": {
    code: "console.log('in'); await (async () => { while (true) { await null; count++ } })()",
  },
  "pending await": { code: "console.log('in'); await new Promise(() => {})" },
  "Atomics.wait": {
    code: "console.log('in'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  },
  execSync: {
    code: "console.log('in'); (await import('node:child_process')).execSync('sleep 60')",
    children: true,
  },
  spawn: {
    code: "const kid = (await import('node:child_process')).spawn('sleep', ['60']); console.log('in'); await new Promise(r => kid.once('exit', r))",
    children: true,
  },
  "regular expression": { code: "console.log('in'); /(a+)+b/.test('a'.repeat(40))" },
  "sort of a long list": {
    code: "const long = Array.from({ length: 4e6 }, (_, i) => (i * 7919) % 4e6); console.log('in'); for (;;) long.sort(() => Math.random() - 0.5)",
  },
  "getter while the value is shown": {
    code: "console.log('in'); ({ [Symbol.for('Jupyter.display')]() { for (;;) count++ } })",
  },
  input: { code: "console.log('in'); await input('? ')", stdin: true },
  "fetch that hangs": { code: "console.log('in'); await fetch('http://127.0.0.1:' + hung)" },
  "flood of intervals": {
    code: "for (let i = 0; i < 1000; i++) setInterval(() => count++, 0); console.log('in'); await new Promise(() => {})",
  },
  "timers set without end": {
    code: "console.log('in'); for (;;) { clearTimeout(setTimeout(() => {}, 1 + (count++ % 9))); setTimeout(() => {}, 20 + (count % 50)) }",
  },
};

export const interrupts: Scenario = {
  title: "fifteen kinds of code that never ends, each interrupted again and again",
  async run({ full, node, seed, say }: Context): Promise<Figure[]> {
    const rounds = full ? 100 : 3;
    const dice = createDice(seed);
    const hung = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => hung.once("listening", resolve));
    const { port } = hung.address() as { port: number };
    await using kernel = await startKernel({ node });
    const { client } = kernel;
    await client.execute(`%types off`);
    await client.execute(`var count = 0, kept = 41, hung = ${port}`);
    const engine = await client.valueOf("process.pid");
    const times = { plain: [] as number[], children: [] as number[] };
    let lost = 0;
    let notAnError = 0;
    for (let round = 0; round < rounds; round++)
      for (const [kind, { code, children, stdin }] of Object.entries(KINDS)) {
        say(`round ${round + 1} of ${rounds}: ${kind}`);
        const entered = printing(client, "in\n");
        const run = client.execute(code, { allow_stdin: stdin === true });
        await entered;
        await new Promise((resolve) => setTimeout(resolve, dice(60)));
        const began = performance.now();
        const [{ reply }] = await Promise.all([
          run.then((answer) => {
            times[children ? "children" : "plain"].push(performance.now() - began);
            return answer;
          }),
          client.request("interrupt_request", {}, { channel: "control" }),
        ]);
        if (reply.status !== "error") notAnError++;
        if ((await client.valueOf("kept + 1")) !== "42") lost++;
      }
    const same = (await client.valueOf("process.pid")) === engine;
    hung.close();
    return [
      { what: `interrupts, ${Object.keys(KINDS).length} kinds`, value: rounds * Object.keys(KINDS).length },
      { what: "cells that did not end in an error", value: notAnError, most: 0 },
      { what: "times that variables were lost", value: lost, most: 0 },
      { what: "engines that had to be replaced", value: same ? 0 : 1, most: 0 },
      violationsOf([client]),
      {
        what: "interrupt to reply, p99",
        value: quantile(times.plain, 0.99),
        unit: "ms",
        most: 500,
        timed: true,
      },
      {
        what: "interrupt to reply with child processes, p99",
        value: quantile(times.children, 0.99),
        unit: "ms",
        most: 1000,
        timed: true,
      },
    ];
  },
};

/** Resolves when this has been printed by whatever runs next. */
function printing(client: Client, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${JSON.stringify(text)} was not printed within 20 s`)),
      20_000,
    );
    client.onMessage = ({ header, content }) => {
      if (header.msg_type !== "stream" || !String(content.text).includes(text)) return;
      clearTimeout(timer);
      client.onMessage = undefined;
      resolve();
    };
  });
}
