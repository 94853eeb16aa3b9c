// Calls from this process to another one, in one of the ways beside this file: how long one takes, and how many go through at once. Every
// answer is looked at.
import { start } from "./children.mjs";

const [, , way, short] = process.argv;
const IN_FLIGHT = 128;
const [times, ms] = short ? [300, 200] : [3000, 2000];

const { connect } = await import(`./${way}.mjs`);
const { child, said } = await start("server.mjs", way);
const { add, once } = await connect(said);

async function right(call, number) {
  const sum = await call(number, 1);
  if (sum !== number + 1) throw new Error(`${way}: ${number} + 1 is ${sum}`);
}

/** Microseconds, in the middle of all. */
async function roundTrip(call) {
  const took = [];
  for (let number = 0; number < times; number++) {
    const began = performance.now();
    await right(call, number);
    took.push(performance.now() - began);
  }
  return took.sort((a, b) => a - b)[Math.floor(times / 2)] * 1000;
}

/** A second. */
async function rate(call) {
  let count = 0;
  const began = performance.now();
  const caller = async () => {
    while (performance.now() < began + ms) await right(call, count++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return (count / (performance.now() - began)) * 1000;
}

// The first time of each is for V8.
await roundTrip(add);
const figures = { roundTrip: [await roundTrip(add)] };
await rate(add);
figures.rate = [await rate(add)];
if (once) {
  await rate(once);
  figures.once = [await rate(once)];
}
console.log(JSON.stringify(figures));
child.disconnect();
process.exit();
