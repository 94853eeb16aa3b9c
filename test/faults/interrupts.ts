// The long form of the interrupt test, run by hand against a build:
// `node test/faults/interrupts.ts [rounds] [folder of the build] [cells of other subshells that run at the same time]`.
// Interrupts ten kinds of code at random times. After each one, without a restart, variables, timers, microtasks, a server
// from before the first interrupt, HTTP with keep-alive, files and names must work, and output must reach its own cell.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";

const rounds = Number(process.argv[2] ?? 10_000);
const dist = resolve(process.argv[3] ?? join(import.meta.dirname, "../../dist"));
const companions = Number(process.argv[4] ?? 0);
const external = [/^node:/, /^oxc-/, "magic-string", "esbuild"];
const root = join(import.meta.dirname, "../..");
const work = mkdtempSync(join(root, "node_modules/.wirebook-"));
for (const [name, input] of Object.entries({
  process: "src/engine/process.ts",
  cell: "src/translate/cell.ts",
  kinds: "test/faults/kinds.ts",
})) {
  const bundle = await rolldown({ input: join(root, input), platform: "node", external });
  await bundle.write({ file: join(work, `${name}.mjs`) });
}
const { startEngine } = (await import(
  join(work, "process.mjs")
)) as typeof import("../../src/engine/process.js");
const { translateCell } = (await import(
  join(work, "cell.mjs")
)) as typeof import("../../src/translate/cell.js");
const { KINDS } = (await import(join(work, "kinds.mjs"))) as typeof import("./kinds.js");
(await import("node:fs")).rmSync(work, { recursive: true });

type Heard = {
  type: string;
  run?: number;
  id?: number;
  text?: string;
  bundle?: { data: Record<string, unknown> };
};
const hearing = new Set<(event: Heard) => void>();
let ended: string | undefined;
const engine = startEngine({
  engineFile: join(dist, "engine.js"),
  cwd: mkdtempSync(join(tmpdir(), "wirebook-interrupts-")),
  onEvent(event) {
    for (const hear of [...hearing]) hear(event as Heard);
  },
  onExit({ reason }) {
    ended = reason;
    for (const hear of [...hearing]) hear({ type: "exit" });
  },
});
const PATIENCE_MS = 20_000;
function hear(what: string, test: (event: Heard) => boolean): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Error(`wedged: ${what}`))), PATIENCE_MS);
    const listen = (event: Heard): void => {
      if (event.type === "exit") settle(() => reject(new Error(`died: ${ended}`)));
      else if (test(event)) settle(() => resolve(event));
    };
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      hearing.delete(listen);
      then();
    };
    hearing.add(listen);
  });
}
let runs = 0;
let ids = 0;
function start(code: string): { done: Promise<{ value: unknown; text: string }> } {
  const run = ++runs;
  const label = `Cell [${run}]`;
  let value: unknown;
  let text = "";
  const collect = (event: Heard): void => {
    if (event.run !== run) return;
    if (event.type === "result") value = event.bundle?.data["text/plain"];
    if (event.type === "stream") text += event.text;
  };
  hearing.add(collect);
  const done = hear(
    `run ${run} (${code.slice(0, 60)})`,
    (event) => event.type === "done" && event.run === run,
  ).then(() => {
    hearing.delete(collect);
    return { value, text };
  });
  engine.send({
    type: "run",
    job: {
      run,
      label,
      program: translateCell(code, { label }),
      silent: false,
      allowStdin: false,
      userExpressions: {},
    },
  });
  return { done };
}

const BEFORE = `
import net from "node:net"; import http from "node:http"; import fs from "node:fs/promises"; import dns from "node:dns/promises"
let count = 0; const kept = 42
const echo = net.createServer(c => c.pipe(c)).listen(0, "127.0.0.1"); await new Promise(r => echo.once("listening", r))
const web = http.createServer((q, s) => s.end("web")).listen(0, "127.0.0.1"); await new Promise(r => web.once("listening", r))
const agent = new http.Agent({ keepAlive: true })
const get = () => new Promise((done, fail) => http.get({ agent, port: web.address().port, host: "127.0.0.1" }, s => { let t = ""; s.on("data", d => t += d); s.on("end", () => done(t)) }).on("error", fail))
let ticks = 0; setInterval(() => ticks++, 1)`;
const AFTER = `
await new Promise(r => setTimeout(r, 1)); await new Promise(r => setImmediate(r)); await new Promise(r => process.nextTick(r)); await new Promise(r => queueMicrotask(r))
const was = ticks; while (ticks === was) await new Promise(r => setTimeout(r, 1))
const c1 = net.connect(echo.address().port, "127.0.0.1"); c1.end("echo"); let heard = ""; for await (const d of c1) heard += d
const page = await get(); await fs.stat("."); await dns.lookup("localhost")
console.log(heard, page, kept)`;

const dice = (below: number): number => Math.floor(Math.random() * below);
const failures: string[] = [];
const started = performance.now();
try {
  await start(BEFORE).done;
  for (let round = 0; round < rounds; round++) {
    const kind = KINDS[round % KINDS.length] as string;
    const others = Array.from({ length: companions }, () => start(KINDS[dice(KINDS.length)] as string).done);
    const { done } = start(kind);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    const id = ++ids;
    const reply = hear("the reply to an interrupt", (event) => event.type === "reply" && event.id === id);
    engine.send({ type: "interrupt", id });
    await reply;
    await Promise.all([done, ...others]);
    const { text } = await start(AFTER).done;
    if (text !== "echo web 42\n") failures.push(`after ${kind.slice(0, 60)}: ${JSON.stringify(text)}`);
    if (round % 1000 === 999) console.log(`${round + 1} interrupts, ${failures.length} failures`);
  }
} catch (error) {
  failures.push(String(error));
}
engine.kill();
for (const failure of failures.slice(0, 20)) console.error(failure);
console.log(
  `${rounds} interrupts, ${failures.length} failures, ${((performance.now() - started) / rounds).toFixed(0)} ms each`,
);
process.exitCode = failures.length > 0 ? 1 : 0;
