// An object moves between two hosts while it is called, one call after another: the longest gap between two answers around each move.
// Argument: how often.
import { setTimeout as sleep } from "node:timers/promises";
import { startNode } from "../../dist/helpers/middleware/index.js";
import { start } from "./children.mjs";

const times = Number(process.argv[2]);
/** Answers after a move that belong to it. */
const AFTER = 10;
const node = await startNode({ folder: process.env.FOLDER });
const hosts = [await start("host.mjs"), await start("host.mjs")];
const counter = node.bind("counter");
const answers = [];
let isOver = false;
const calls = (async () => {
  while (!isOver) {
    await counter.sum(1, 1);
    answers.push(performance.now());
  }
})();

/** Waits until so many have come. */
async function answered(count) {
  for (let tries = 0; answers.length < count; tries++) {
    if (tries === 10_000) throw new Error("answers do not come any more");
    await sleep(1);
  }
}

await answered(300);
const pause = [];
for (let turn = 0; turn < times; turn++) {
  const pid = await counter.pid();
  const to = hosts.find(({ child }) => child.pid !== pid);
  const first = answers.length - 1;
  await node.migrate("counter", to.said.id);
  await answered(answers.length + AFTER);
  const around = answers.slice(first);
  pause.push(Math.max(...around.slice(1).map((time, at) => time - around[at])));
  if ((await counter.pid()) !== to.child.pid) throw new Error("the object has not moved");
}
isOver = true;
await calls;
const count = await counter.count();
if (count !== answers.length) throw new Error(`${count} are counted after ${answers.length} answers`);
console.log(JSON.stringify({ pause }));
process.exit();
