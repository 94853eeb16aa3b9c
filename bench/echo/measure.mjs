// What is measured of each kind of socket: client and server in one process, as in a notebook.

const SMALL = Buffer.alloc(64, "s");
const LARGE = Buffer.alloc(65_536, "l");
const CROWD = Number(process.env.CROWD ?? 10_000);
const AT_ONCE = 100;

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

export async function measure({ connect, accept, close, echo, talk }) {
  const figures = {};
  const both = async () => {
    const client = await connect();
    return [client, await accept()];
  };

  const [client, server] = await both();
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
  const began = performance.now();
  const crowd = [];
  for (let turn = 0; turn < CROWD / AT_ONCE; turn++)
    crowd.push(...(await Promise.all(Array.from({ length: AT_ONCE }, both))).flat());
  figures.crowd = performance.now() - began;
  globalThis.gc?.();
  // Both ends are here.
  figures.memory = (process.memoryUsage.rss() - before) / crowd.length / 1024;
  await Promise.all(crowd.map(close));
  console.log(JSON.stringify(figures));
}
