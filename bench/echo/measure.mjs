// What is measured of each kind of socket: client and server in one process, as in a notebook. The crowd comes from another one.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const SMALL = Buffer.alloc(64, "s");
const LARGE = Buffer.alloc(65_536, "l");
const CROWD = Number(process.env.CROWD ?? 10_000);

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

export async function measure({ port, connect, accept, close, echo, talk }) {
  const figures = {};
  const client = await connect();
  const server = await accept();
  const served = echo(server);
  const timed = async (message, times) => {
    const began = performance.now();
    await talk(client, message, times);
    return performance.now() - began;
  };
  await timed(SMALL, 3000);
  const trips = [];
  for (let batch = 0; batch < 7; batch++) trips.push(((await timed(SMALL, 1500)) / 1500) * 1000);
  figures.roundTrip = median(trips);
  await timed(LARGE, 2000);
  const floods = [];
  for (let batch = 0; batch < 7; batch++)
    floods.push((2 * 1500 * LARGE.length) / 1e6 / ((await timed(LARGE, 1500)) / 1000));
  figures.throughput = median(floods);
  await close(client);
  await served;

  const accepts = [];
  for (let turn = 0; turn < 500; turn++) {
    const one = await connect();
    const began = performance.now();
    const other = await accept();
    accepts.push(performance.now() - began);
    await close(one);
    await close(other);
  }
  figures.accept = median(accepts);

  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const program = fileURLToPath(new URL("crowd.mjs", import.meta.url));
  const others = spawn(process.env.CROWD_NODE, [program, String(port), String(CROWD)], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  const crowd = [await accept()];
  const began = performance.now();
  while (crowd.length < CROWD) crowd.push(await accept());
  figures.crowd = performance.now() - began;
  globalThis.gc?.();
  figures.memory = (process.memoryUsage.rss() - before) / crowd.length / 1024;
  others.stdin.end();
  await new Promise((resolve) => others.once("exit", resolve));
  await Promise.all(crowd.map(close));
  console.log(JSON.stringify(figures));
}
