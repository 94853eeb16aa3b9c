// Hosts are killed: how long until calls that were made in that moment have their answers? Argument: how often.
import { startNode } from "../../dist/helpers/middleware/index.js";
import { gone, start } from "./children.mjs";

const times = Number(process.argv[2]);
// It keeps the registry, so that a crash takes a host and nothing else.
const node = await startNode({ folder: process.env.FOLDER, timeout: 20_000 });
let hosts = [await start("host.mjs"), await start("host.mjs")];

/** Kills the one with this id, runs the calls, and puts another in its place. @returns milliseconds until all had their answers */
async function crash(pid, calls) {
  const host = hosts.find(({ child }) => child.pid === pid);
  const others = hosts.filter((one) => one !== host);
  const began = performance.now();
  const end = gone(host.child);
  const pids = await calls();
  const took = performance.now() - began;
  if (!pids.every((one) => one === others[0].child.pid))
    throw new Error(`answers of ${pids}, after ${pid} was killed`);
  await end;
  hosts = [...others, await start("host.mjs")];
  return took;
}

/** Two calls at once go to both hosts, so one of them goes to whoever has just been killed. */
async function stateless(turn) {
  // A name for each crash: what was known of hosts that are gone is no help.
  const adder = node.bind(`adder/${turn}`);
  const both = () => Promise.all([adder.pid(), adder.pid()]);
  for (let tries = 0; new Set(await both()).size < 2; tries++)
    if (tries === 1000) throw new Error("calls go to one host only");
  return await crash(hosts[turn % 2].child.pid, both);
}

async function stateful() {
  const counter = node.bind("counter");
  const before = await counter.count();
  await counter.sum(1, 1);
  return await crash(await counter.pid(), async () => {
    await counter.sum(1, 1);
    const count = await counter.count();
    if (count !== before + 2) throw new Error(`after a crash ${count} are counted, not ${before + 2}`);
    return [await counter.pid()];
  });
}

const figures = { crash: [], takeover: [] };
for (let turn = 0; turn < times; turn++) figures.crash.push(await stateless(turn));
for (let turn = 0; turn < times; turn++) figures.takeover.push(await stateful());
console.log(JSON.stringify(figures));
process.exit();
