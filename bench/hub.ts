// What a student on a hub takes: memory and processor of the hub itself, of a Jupyter server, and of a kernel at rest and at work.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { typescript } from "./cells.js";
import { type Hub, startHub, withoutHub } from "./hub/hub.js";
import type { Student } from "./hub/student.js";
import { commandLine, descendants, memoryOf, processorTime } from "./memory.js";
import { root } from "./places.js";

/** With so many users; MB, and seconds of processor, each for one user where nothing else is said. */
export interface HubFigures {
  users: number;
  /** Hub, proxy and culler together, of all users. */
  hubMemory: number;
  serverMemory: number;
  /** After its first cell. */
  kernelMemory: number;
  /** After the notebooks. */
  labMemory: number;
  hubStart: number;
  serverStart: number;
  /** Until its first cell has run. */
  kernelStart: number;
  /** In milliseconds a second, while nothing happens. */
  hubIdle: number;
  serverIdle: number;
  kernelIdle: number;
  /** The kernel, for all cells of the notebooks. */
  lab: number;
  /** As they came, on this machine, all of a class together. */
  serversPerSecond: number;
}

/** Of this many at once the configuration starts servers; the others wait. */
const AT_ONCE = 10;
const NOTEBOOKS = [
  "1-creating-a-socket",
  "2-error-handling",
  "3-connecting-to-a-server",
  "4-sending-and-receiving",
  "5-creating-a-server",
  "6-creating-a-client",
];
const REST_MS = 30_000;
/** Nothing in the lab takes longer. */
const CELL_MS = 60_000;

/** @param users how many at once, one hub after another */
export async function measureHubs(users: number[], say: (text: string) => void): Promise<HubFigures[]> {
  const reason = withoutHub(root);
  if (reason) throw new Error(reason);
  // The client tells of every connection.
  console.debug = () => {};
  const runs: HubFigures[] = [];
  for (const many of users) runs.push(await measureHub(many, say));
  return runs;
}

async function measureHub(users: number, say: (text: string) => void): Promise<HubFigures> {
  await using hub = await startHub(root);
  const students: Student[] = [];
  try {
    say(`${users} users: log in`);
    await inTurns(users, async (at) => void students.push(await hub.login(`student${at + 1}`)));
    const before = processorTime(tree(hub).hub);
    const begun = performance.now();
    say(`${users} users: servers`);
    await inTurns(users, (at) => (students[at] as Student).start());
    const seconds = (performance.now() - begun) / 1000;
    const hubStart = (processorTime(tree(hub).hub) - before) / users;
    const serverStart = processorTime(tree(hub).servers) / users;
    say(`${users} users: kernels`);
    const kernels = await inTurns(users, async (at) => {
      const kernel = await (students[at] as Student).kernel();
      await kernel.run(typescript.typed);
      return kernel;
    });
    await sleep(10_000);
    const { hub: own, servers, kernels: pids } = tree(hub);
    const idle = () => [own, servers, pids].map(processorTime) as [number, number, number];
    const rest = idle();
    const kernelMemory = memoryOf(pids) / users;
    const [hubMemory, serverMemory] = [memoryOf(own), memoryOf(servers) / users];
    say(`${users} users: rest`);
    await sleep(REST_MS);
    const [hubIdle, serverIdle, kernelIdle] = idle().map(
      (now, at) => ((now - (rest[at] as number)) / users / REST_MS) * 1e6,
    ) as [number, number, number];
    say(`${users} users: notebooks`);
    const worked = processorTime(pids);
    await inTurns(users, async (at) => {
      for (const code of cells())
        await Promise.race([
          kernels[at]?.run(code).catch(() => {}),
          sleep(CELL_MS, undefined, { ref: false }),
        ]);
    });
    await sleep(5000);
    const after = tree(hub).kernels;
    return {
      users,
      hubMemory,
      serverMemory,
      kernelMemory,
      labMemory: memoryOf(after) / users,
      hubStart,
      serverStart,
      kernelStart: rest[2] / users,
      hubIdle,
      serverIdle,
      kernelIdle,
      lab: (processorTime(after) - worked) / users,
      serversPerSecond: users / seconds,
    };
  } finally {
    for (const student of students) student[Symbol.dispose]();
  }
}

/** The processes of a hub, of its users' servers, and of their kernels. */
function tree(hub: Hub): { hub: number[]; servers: number[]; kernels: number[] } {
  const all = descendants(hub.pid);
  const below = (what: RegExp): number[] =>
    all.filter((pid) => what.test(commandLine(pid))).flatMap(descendants);
  const kernels = new Set(below(/supervisor\.js/));
  const servers = below(/singleuser/).filter((pid) => !kernels.has(pid));
  return {
    hub: all.filter((pid) => !kernels.has(pid) && !servers.includes(pid)),
    servers,
    kernels: [...kernels],
  };
}

/** The code cells of the lab, as a student runs them one after another; errors are part of the lab. */
function cells(): string[] {
  return NOTEBOOKS.flatMap((name) => {
    const notebook = JSON.parse(readFileSync(join(root, "notebooks", `${name}.ipynb`), "utf8"));
    return (notebook.cells as { cell_type: string; source: string | string[] }[])
      .filter(({ cell_type }) => cell_type === "code")
      .map(({ source }) => [source].flat().join(""));
  });
}

/** Not more than ten at a time. */
async function inTurns<T>(many: number, work: (at: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < many; at = next++) done[at] = await work(at);
  };
  await Promise.all(Array.from({ length: Math.min(many, AT_ONCE) }, worker));
  return done;
}
