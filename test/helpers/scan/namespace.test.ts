// In a network where everything that listens is known: nothing is missed, nothing is made up.
import { describe, expect, test } from "vitest";
import { ip, Namespace, NO_NAMESPACES } from "./namespace.js";

const THOROUGH = process.env.CI !== undefined;
const WAYS: [backend: string, runs: number][] = [
  ["koffi", THOROUGH ? 20 : 5],
  ["net", THOROUGH ? 20 : 2],
];
const title = NO_NAMESPACES ? ` (skipped: ${NO_NAMESPACES})` : "";

describe.skipIf(NO_NAMESPACES !== "")(`in a network of its own${title}`, () => {
  test.each(WAYS)(
    "with %s, %i times all ports: no ghosts, no misses, as the system's own list says",
    {
      timeout: 600_000,
    },
    async (backend, times) => {
      using here = new Namespace();
      const { result } = await here.node<{ runs: string[][]; truth: string[]; memory: number }>(
        `import { readFileSync } from "node:fs";
// The last one lies where connections usually come from.
for (const port of [1, 22, 8080, 40000, 65535]) await tcp("127.0.0.1", port);
for (const port of [80, 33333]) await tcp("::1", port);
for (const port of [7000]) await tcp("0.0.0.0", port);
const runs = [];
let memory;
for (let run = 0; run < ${times}; run++) {
  const found = await scan("localhost", { ports: "all" });
  memory ??= Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
  if (found.backend !== "${backend}") throw new Error(found.backend);
  if (found.counts.closed + found.counts.open !== 131070) throw new Error(JSON.stringify(found.counts));
  runs.push(found.open.map(({ address, port }) => address + " " + port));
}
const truth = ["tcp", "tcp6"].flatMap((table) => readFileSync("/proc/net/" + table, "utf8").split("\\n").flatMap((line) => {
  const [, local, , state] = line.trim().split(/\\s+/);
  if (state !== "0A") return [];
  const [address, port] = local.split(":");
  return [(address.length > 8 ? "::1 " : "127.0.0.1 ") + parseInt(port, 16)];
}));
console.log(JSON.stringify({ runs, truth, memory }));`,
        { WIREBOOK_SCAN: backend },
      );
      const expected = [
        "127.0.0.1 1",
        "127.0.0.1 22",
        "127.0.0.1 7000",
        "127.0.0.1 8080",
        "127.0.0.1 40000",
        "127.0.0.1 65535",
        "::1 80",
        "::1 33333",
      ];
      expect(result.truth.toSorted()).toEqual(expected.toSorted());
      for (const found of result.runs) expect(found).toEqual(expected);
      expect(result.runs.length).toBe(times);
      // MB at most, of a whole process that makes one scan.
      expect(result.memory).toBeLessThan(100);
    },
  );

  const times = THOROUGH ? 20 : 3;
  test(`UDP, ${times} times: who answers, who is silent, and who is not there`, {
    timeout: 300_000,
  }, async () => {
    using here = new Namespace();
    const { result } = await here.node<string[][]>(`
await udp(5000, true);
await udp(6000, false);
const runs = [];
for (let run = 0; run < ${times}; run++) {
  const found = await scan("127.0.0.1", { udp: true, ports: "4900-6100,40000-42000", timeout: 0.3 });
  runs.push(found.ports.map(({ port, state }) => port + " " + state));
  if (found.counts.closed !== 3200) throw new Error(JSON.stringify(found.counts));
}
console.log(JSON.stringify(runs));`);
    expect(result).toEqual(Array.from({ length: times }, () => ["5000 open", "6000 open|filtered"]));
  });

  test("a connection that meets itself is no open port", { timeout: 120_000 }, async () => {
    using here = new Namespace();
    const { result } = await here.node<{ naive: number; open: number; states: string[] }>(`
import { writeFileSync } from "node:fs";
// So few ports to connect from that one of them is soon the one that is asked.
writeFileSync("/proc/sys/net/ipv4/ip_local_port_range", "50000 50009");
let naive = 0;
for (let round = 0; round < 100; round++)
  await new Promise((done) => {
    const socket = net.connect({ host: "127.0.0.1", port: 50000 + (round % 10) });
    socket.once("connect", () => { naive++; socket.resetAndDestroy(); done(); }).once("error", done);
  });
let open = 0;
for (let round = 0; round < 20; round++)
  for (const backend of ["koffi", "net"]) {
    const found = await scan("127.0.0.1", { ports: "49990-50020", backend, concurrency: 4 });
    open += found.counts.open;
    if (found.counts.closed + found.counts.open !== 31) throw new Error(JSON.stringify(found.counts));
  }
console.log(JSON.stringify({ naive, open }));`);
    // Whoever does not look falls for it.
    expect(result.naive).toBeGreaterThan(0);
    expect(result.open).toBe(0);
  });

  test("a server whose queue is full, or that takes one connection and is gone, keeps nobody waiting", {
    timeout: 60_000,
  }, async () => {
    using here = new Namespace();
    const { result } = await here.node<{ full: string; once: string; others: string }>(`
import { spawn } from "node:child_process";
const listen = spawn("python3", ["-c", \`
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 5001)); s.listen(0)
c = socket.socket(); c.connect(("127.0.0.1", 5001))
print("ready", flush=True); sys.stdin.read()\`], { stdio: ["pipe", "pipe", "inherit"] });
await once(listen.stdout, "data");
const single = net.createServer((peer) => { single.close(); peer.destroy(); }).listen(5002, "127.0.0.1");
await once(single, "listening");
await tcp("127.0.0.1", 5003);
const found = await scan("127.0.0.1", { ports: "5000-5003", timeout: 0.2 });
listen.stdin.end();
console.log(JSON.stringify({ full: found.stateOf(5001), once: found.stateOf(5002), others: found.stateOf(5000) + found.stateOf(5003) }));`);
    expect(result.full).toBe("filtered");
    expect(result.once).toBeOneOf(["open", "closed"]);
    expect(result.others).toBe("closedopen");
  });

  test("another machine: asked slowly and with permission only, told of and logged", {
    timeout: 120_000,
  }, async () => {
    using here = new Namespace();
    using there = new Namespace();
    ip(
      "link",
      "add",
      "wbscan0",
      "netns",
      here.name,
      "type",
      "veth",
      "peer",
      "name",
      "wbscan1",
      "netns",
      there.name,
    );
    here.ip("address", "add", "10.77.0.1/29", "dev", "wbscan0");
    there.ip("address", "add", "10.77.0.2/29", "dev", "wbscan1");
    here.ip("link", "set", "wbscan0", "up");
    there.ip("link", "set", "wbscan1", "up");
    const serving = there.node<string>(`
await tcp("0.0.0.0", 8080);
const over = () => { console.log('"over"'); process.exit(); };
net.createServer(over).listen(9999);
setTimeout(over, 60_000);`);
    const { result, stderr } = await here.node<{
      refused: string;
      states: (string | undefined)[];
      range: string[];
      gone: string | undefined;
      seconds: number;
      log: string;
      unlogged: string;
    }>(`
import { readFileSync, writeFileSync } from "node:fs";
const options = { ports: "8000-8099", iHavePermission: "the lab's\\n\\u001b[31mown", timeout: 0.5 };
for (let tries = 0; tries < 100; tries++) {
  const up = await new Promise((done) => net.connect(8080, "10.77.0.2").once("connect", () => done(true)).once("error", () => done(false)));
  if (up) break;
  await new Promise((done) => setTimeout(done, 100));
}
const refused = await scan("10.77.0.2", { ports: "8080" }).catch((error) => error.name);
const found = await scan("10.77.0.2", options);
const range = await scan("10.77.0.0/29", { ...options, ports: "8080" });
const log = readFileSync(process.env.XDG_STATE_HOME + "/wirebook/scan.log", "utf8");
process.env.XDG_STATE_HOME += "/wirebook/scan.log";
const unlogged = await scan("10.77.0.2", options).catch((error) => error.message);
await once(net.connect(9999, "10.77.0.2"), "close").catch(() => {});
console.log(JSON.stringify({
  refused, states: [8080, 8081].map((port) => found.stateOf(port)), seconds: found.seconds,
  range: range.open.map(({ address }) => address), gone: range.stateOf(8080, "10.77.0.5"), log, unlogged,
}));
process.exit(0);`);
    expect(result.refused).toBe("ScanError");
    expect(result.states).toEqual(["open", "closed"]);
    // A hundred ports at a hundred a second.
    expect(result.seconds).toBeGreaterThan(0.9);
    expect(result.range).toEqual(["10.77.0.2"]);
    expect(result.gone).toBe("filtered");
    expect(
      result.log
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      {
        target: "10.77.0.2",
        addresses: ["10.77.0.2"],
        protocol: "tcp",
        ports: 100,
        permission: "the lab's\n\u001b[31mown",
      },
      { target: "10.77.0.0/29", ports: 1 },
    ]);
    expect(result.unlogged).toContain("the log cannot be written");
    expect(stderr).toMatch(
      /^scan: 100 tcp ports of 10\.77\.0\.2 \(1 address\); permission: the lab's\\n\\x1b\[31mown; logged in .*scan\.log$/m,
    );
    await serving;
  });
});
