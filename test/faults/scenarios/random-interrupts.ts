import { printedIn } from "../client.js";
import { startKernel } from "../kernel.js";
import { KINDS } from "../kinds.js";
import { type Context, createDice, type Figure, type Scenario, violationsOf } from "../scenario.js";

const BEFORE = `
import net from "node:net"; import http from "node:http"; import fs from "node:fs/promises"; import dns from "node:dns/promises"
let count = 0; const kept = 42
const echo = net.createServer(c => c.pipe(c)).listen(0, "127.0.0.1"); await new Promise(r => echo.once("listening", r))
const web = http.createServer((q, s) => s.end("web")).listen(0, "127.0.0.1"); await new Promise(r => web.once("listening", r))
const agent = new http.Agent({ keepAlive: true })
const get = () => new Promise((done, fail) => http.get({ agent, port: web.address().port, host: "127.0.0.1" }, s => { let t = ""; s.on("data", d => t += d); s.on("end", () => done(t)) }).on("error", fail))
let ticks = 0; setInterval(() => ticks++, 1)`;
/** All that must still work, with what was there before the first interrupt. */
const AFTER = `
await new Promise(r => setTimeout(r, 1)); await new Promise(r => setImmediate(r)); await new Promise(r => process.nextTick(r)); await new Promise(r => queueMicrotask(r))
const was = ticks; while (ticks === was) await new Promise(r => setTimeout(r, 1))
const c1 = net.connect(echo.address().port, "127.0.0.1"); c1.end("echo"); let heard = ""; for await (const d of c1) heard += d
const page = await get(); await fs.stat("."); await dns.lookup("localhost")
console.log(heard, page, kept)`;

export const randomInterrupts: Scenario = {
  title: "interrupts at random times, and after each one timers, sockets, HTTP, files and names still work",
  async run({ full, node, seed, say }: Context): Promise<Figure[]> {
    const rounds = full ? 10_000 : 60;
    const dice = createDice(seed);
    await using kernel = await startKernel({ node });
    const { client } = kernel;
    await client.execute("%types off");
    await client.execute(BEFORE);
    const engine = await client.valueOf("process.pid");
    let broken = 0;
    let lost = 0;
    for (let round = 0; round < rounds; round++) {
      if (round % 20 === 0) say(`${round} of ${rounds}`);
      const run = client.execute(KINDS[round % KINDS.length] as string, {}, { patience: 20_000 });
      await new Promise((resolve) => setTimeout(resolve, dice(40)));
      const interrupt = client.request("interrupt_request", {}, { channel: "control", patience: 20_000 });
      const answers = await Promise.allSettled([run, interrupt]);
      lost += answers.filter(({ status }) => status === "rejected").length;
      const { outputs } = await client.execute(AFTER, {}, { patience: 20_000 });
      if (printedIn(outputs) !== "echo web 42\n") broken++;
    }
    return [
      { what: "interrupts", value: rounds },
      { what: "replies lost", value: lost, most: 0 },
      { what: "times that something did not work afterwards", value: broken, most: 0 },
      {
        what: "engines that had to be replaced",
        value: (await client.valueOf("process.pid")) === engine ? 0 : 1,
        most: 0,
      },
      violationsOf([client]),
    ];
  },
};
