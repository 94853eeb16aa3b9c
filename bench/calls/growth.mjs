// What a call costs both processes together, with few and many names bound, on few and many nodes. Arguments: names, nodes, calls.
import { startNode } from "../../dist/helpers/middleware/index.js";
import { next, start } from "./children.mjs";

const [names, nodes, calls] = process.argv.slice(2).map(Number);
const node = await startNode({ folder: process.env.FOLDER, timeout: 60_000 });
const { child } = await start("host.mjs", String(nodes - 1));
const adders = Array.from({ length: names }, (_, at) => node.bind(`adder/${at}`));
// Nothing is sent before a first call.
for (let at = 0; at < names; at += 100)
  await Promise.all(adders.slice(at, at + 100).map((adder) => adder.add(at, 1)));

/** Microseconds of both, so far. */
async function spent() {
  const other = next(child);
  child.send("spent");
  return [process.cpuUsage(), await other].reduce((sum, { user, system }) => sum + user + system, 0);
}

/** To one name after another. */
async function turns() {
  for (let number = 0; number < calls; number++)
    if ((await adders[number % names].add(number, 1)) !== number + 1) throw new Error("the sum is wrong");
}

await turns();
const before = await spent();
await turns();
console.log(JSON.stringify({ cpu: [((await spent()) - before) / calls] }));
process.exit();
