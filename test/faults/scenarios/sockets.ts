// The helpers' sockets among bad peers, in cells of a real kernel: every call ends by its deadline with the right error, and nothing is left.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownMemory } from "../../../bench/memory.js";
import { printedIn } from "../client.js";
import { FAULTS, faultyClient, faultyServer } from "../faulty-peers.js";
import { type Kernel, startKernel } from "../kernel.js";
import { type Context, createDice, type Figure, type Scenario, violationsOf } from "../scenario.js";

/** In the notebook: one conversation with a faulty server, and what has to come of it. */
const VISIT = `import * as socket from 'wirebook/socket';
import { serve } from 'wirebook/serve';
import { readdirSync } from 'node:fs';
let found: unknown = null;
process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
const collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void;
const descriptors = () => readdirSync('/proc/self/fd').length;
/** Bytes of what is still in use. */
const live = () => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const wait = { timeout: 0.05 };
/** fault → what is tried, and the error's class; '' is none. */
const tries: Record<string, [(s: socket.Socket) => Promise<unknown>, string]> = {
  s: [(s) => s.recv(10, wait), 'TimeoutError'],
  r: [(s) => s.recv(10, { timeout: 5 }), 'ConnectionResetError'],
  d: [(s) => s.recvExactly(10, wait), 'TimeoutError'],
  e: [(s) => s.recvExactly(10, { timeout: 5 }), 'IncompleteReadError'],
  h: [(s) => s.readuntil('\\n', wait), 'TimeoutError'],
  f: [(s) => s.readuntil('\\n', { limit: 1000, timeout: 5 }), 'LimitOverrunError'],
  b: [(s) => s.recvExactly(100_000, { timeout: 5 }), ''],
  u: [async (s) => { const file = s.makefile('r'); await file.readline(); await file.close() }, ''],
};
async function visit(port: number, fault: string): Promise<string> {
  await using s = socket.socket();
  s.settimeout(5);
  const [call, expected] = tries[fault]!;
  const began = performance.now();
  let came = '';
  try {
    await s.connect(['127.0.0.1', port]);
    await s.sendall(fault);
    await call(s);
  } catch (error) {
    came = (error as Error).name;
  }
  if (came !== expected) return \`\${fault}: \${came || 'nothing'} instead of \${expected || 'nothing'}\`;
  return performance.now() - began > 7000 ? \`\${fault}: late\` : '';
}`;

const SERVE = `const faulty = await serve(0, async (conn) => {
  conn.settimeout(0.2);
  const line = await conn.readuntil('\\n', { limit: 10_000 }).catch((error: Error) => {
    if (!['TimeoutError', 'IncompleteReadError', 'LimitOverrunError', 'ConnectionResetError'].includes(error.name)) throw error;
    return Buffer.from('?');
  });
  await conn.sendall(line).catch(() => {});
}, { name: 'faulty', maxConnections: 200 });`;

export const sockets: Scenario = {
  title: "the helpers' sockets among peers that stall, reset, drip, flood and lie",
  async run(context: Context): Promise<Figure[]> {
    await using kernel = await startKernel({ node: context.node });
    const figures = [...(await peers(kernel, context)), ...(await usedUp(kernel))];
    const elsewhere = process.getuid?.() === 0 && process.platform === "linux" ? await ports(context) : [];
    return [...figures, ...elsewhere, violationsOf([kernel.client])];
  },
};

/** Runs a cell. @returns what it left in `found` */
async function run<T>(kernel: Kernel, code: string): Promise<T> {
  const { reply } = await kernel.client.execute(code, {}, { patience: 600_000 });
  if (reply.status !== "ok")
    throw new Error(`${code.slice(0, 200)}: ${String(reply.ename)}: ${String(reply.evalue)}`);
  const { outputs } = await kernel.client.execute("console.log(JSON.stringify(found))");
  return JSON.parse(printedIn(outputs)) as T;
}

/** MB. The types of these cells are checked by a process of its own, whose memory is no matter of sockets. */
function held({ pid }: Kernel): number {
  return ownMemory(pid)
    .slice(0, 2)
    .reduce((sum, mb) => sum + mb, 0);
}

async function peers(kernel: Kernel, { full, seed, say }: Context): Promise<Figure[]> {
  const visits = full ? 10_000 : 400;
  const bytes = full ? 10e9 : 200e6;
  await using server = await faultyServer(bytes);
  const dice = createDice(seed);
  const plan = (count: number): string =>
    Array.from({ length: count }, () => FAULTS[dice(FAULTS.length)]).join("");
  await run(kernel, VISIT);
  await run(kernel, SERVE);
  const batch = (faults: string): Promise<string[]> =>
    run(
      kernel,
      `found = (await Promise.all([...'${faults}'].map((fault) => visit(${server.port}, fault)))).filter(Boolean);`,
    );
  const port = await run<number>(kernel, "found = faulty.port;");
  const descriptors = (): Promise<number> => run(kernel, "found = descriptors();");
  const live = async (): Promise<number> => (await run<number>(kernel, "found = live();")) / 2 ** 20;
  // Warm: what the first of them load, and what a heap grows to, is no leak.
  for (let done = 0; done < visits / 10; done += 100) {
    await batch(plan(100));
    await Promise.all([...plan(50)].map((fault) => faultyClient(port, fault)));
  }
  await settled(kernel);
  const [memory, inUse, open] = [held(kernel), await live(), await descriptors()];
  const wrong: string[] = [];
  for (let done = 0; done < visits; done += 100) {
    say(`${done} of ${visits} visits each way`);
    const [found] = await Promise.all([
      batch(plan(100)),
      Promise.all([...plan(100)].map((fault) => faultyClient(port, fault))),
    ]);
    wrong.push(...found);
  }
  for (const one of wrong.slice(0, 10)) console.error(one);
  await settled(kernel);
  const left = (await descriptors()) - open;
  const [more, moreInUse] = [held(kernel) - memory, (await live()) - inUse];
  say("a flood");
  const received = await run<number>(
    kernel,
    `found = await (async () => {
  await using s = socket.socket();
  await s.connect(['127.0.0.1', ${server.port}]);
  await s.sendall('g');
  let bytes = 0;
  for (let data = await s.recv(65_536); data.length > 0; data = await s.recv(65_536)) bytes += data.length;
  return bytes;
})();`,
  );
  await settled(kernel);
  const after = held(kernel) - memory;
  const failed = await run<number>(kernel, "found = faulty.failed; await faulty.close();");
  return [
    { what: "conversations with faulty servers, and as many faulty clients", value: visits },
    { what: "calls that ended late, or with another error", value: wrong.length, most: 0 },
    { what: "handlers that failed otherwise than by the peer's fault", value: failed, most: 0 },
    { what: "descriptors left open", value: left, most: 0 },
    { what: "connections left open at the peers", value: server.open.size, most: 0 },
    { what: "memory in use grown", value: moreInUse, unit: "MB", most: 2 },
    { what: "memory held grown", value: more, unit: "MB", most: 32, timed: true },
    { what: "bytes of a flood that did not arrive", value: Math.max(0, bytes - received), most: 0 },
    { what: "memory held grown after the flood", value: after, unit: "MB", most: 64, timed: true },
  ];
}

/** What is closing has closed, and garbage is collected: what V8 keeps until it needs room is no leak. */
async function settled(kernel: Kernel): Promise<void> {
  await run(kernel, "await new Promise((resolve) => setTimeout(resolve, 1500)); collect();");
}

/** A notebook that opens sockets until there are no more descriptors. */
async function usedUp(kernel: Kernel): Promise<Figure[]> {
  const error = await run<string>(
    kernel,
    `found = await (async () => {
  const all: socket.Socket[] = [];
  let error = '';
  try { while (all.length < 2_000_000) all.push(socket.socket()) } catch (caught) { error = String(caught) }
  for (const one of all) await one.close();
  return error;
})();`,
  );
  const works = await kernel.client.valueOf("6 * 7", { patience: 20_000 });
  if (!error.includes("[Errno 24]")) console.error(`descriptors used up: ${error}`);
  return [
    { what: "descriptors used up: not told as EMFILE", value: error.includes("[Errno 24]") ? 0 : 1, most: 0 },
    { what: "descriptors used up: the notebook did not go on", value: works === "42" ? 0 : 1, most: 0 },
  ];
}

/** In a network of its own: a few ports for clients, and a name server that never answers. */
async function ports({ node }: Context): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-faults-"));
  try {
    const file = join(folder, "resolv.conf");
    writeFileSync(file, "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n");
    const script = `ip link set lo up && echo '40000 40029' > /proc/sys/net/ipv4/ip_local_port_range && mount --bind ${file} /etc/resolv.conf && exec "$@"`;
    const by = ["unshare", "--net", "--mount", "sh", "-c", script, "sh"];
    if (spawnSync(by[0] as string, [...by.slice(1), "true"]).status !== 0) return [];
    await using kernel = await startKernel({ node, ipc: true, by, connection: { transport: "ipc" } });
    await run(kernel, VISIT);
    const [used, name, ms] = await run<[string, string, number]>(
      kernel,
      `const silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
await silent.bind(['127.0.0.1', 53]);
const listener = await socket.createServer(['127.0.0.1', 0], { backlog: 100 });
const at = listener.getsockname();
found = await (async () => {
  const all: socket.Socket[] = [];
  let used = '';
  try {
    while (all.length < 100) { const one = socket.socket(); all.push(one); await one.connect(at, { timeout: 5 }) }
  } catch (error) { used = String(error) }
  for (const one of all) await one.close();
  const began = performance.now();
  let name = '';
  try { await socket.gethostbyname('nobody.example', { timeout: 0.3 }) } catch (error) { name = String(error) }
  return [used, name, performance.now() - began];
})();`,
    );
    const ok = [/\[Errno 99\]/.test(used), /timed out/.test(name), ms < 5000];
    if (!ok.every(Boolean)) console.error(used, name, ms);
    return [
      { what: "ports used up: not told as EADDRNOTAVAIL", value: ok[0] ? 0 : 1, most: 0 },
      { what: "a name server that never answers: not told as a timeout", value: ok[1] ? 0 : 1, most: 0 },
      { what: "a name server that never answers: later than the deadline", value: ok[2] ? 0 : 1, most: 0 },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
