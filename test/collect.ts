// What is left when nobody needs the rest.
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes in objects and buffers. What a buffer has held is given back in the background. */
async function taken(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    collect();
    await turn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes that `work` leaves in memory. */
export async function leftBy(work: () => void | Promise<void>): Promise<number> {
  const before = await taken();
  await work();
  return (await taken()) - before;
}
