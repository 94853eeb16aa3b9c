import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { basename } from "node:path";
import { expect, test } from "vitest";
import {
  fromLsof,
  fromNetstat,
  type Listener,
  listenerOf,
  listeners,
  readProcNet,
} from "../../../kernel-helpers/host/listeners.js";

test("Linux: the sockets that wait, from the system's tables", () => {
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:3039 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:3039 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 99 1 0000000000000000 100 0 0 10 0`;
  expect(readProcNet(tcp, "tcp", "LE")).toEqual([
    { protocol: "tcp", address: "127.0.0.1", port: 12345, inode: "4711" },
    { protocol: "tcp", address: "0.0.0.0", port: 22, inode: "99" },
  ]);
  const tcp6 = `   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 8 1 0000000000000000 100 0 0 10 0`;
  expect(readProcNet(tcp6, "tcp", "LE").map(({ address, port }) => [address, port])).toEqual([
    ["::1", 8080],
    ["::ffff:127.0.0.1", 80],
  ]);
  const udp = `  512: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 11 2 0000000000000000 0
  513: 0100007F:C001 0100007F:0035 01 00000000:00000000 00:00000000 00000000   101        0 12 2 0000000000000000 0`;
  expect(readProcNet(udp, "udp", "LE")).toEqual([
    { protocol: "udp", address: "127.0.0.53", port: 53, inode: "11" },
  ]);
  expect(readProcNet("   0: 7F000001:0050 00000000:0000 0A x x x x x 5", "tcp", "BE")[0]?.address).toBe(
    "127.0.0.1",
  );
});

// As lsof 4.95 writes it.
const LSOF = `p501
cnode
f23
tIPv4
PTCP
n127.0.0.1:12345
f24
tIPv6
PTCP
n*:8080
p88
cmDNSResponder
f6
tIPv4
PUDP
n*:5353
f7
tIPv4
PUDP
n*:*
f8
tIPv6
PUDP
n[fe80::1%lo0]:123
f9
tIPv4
PUDP
n10.0.0.2:5000->10.0.0.3:53
`;

test("macOS: from lsof", () => {
  expect(fromLsof(LSOF)).toEqual([
    { protocol: "tcp", address: "127.0.0.1", port: 12345, pid: 501, name: "node" },
    { protocol: "tcp", address: "::", port: 8080, pid: 501, name: "node" },
    { protocol: "udp", address: "0.0.0.0", port: 5353, pid: 88, name: "mDNSResponder" },
    { protocol: "udp", address: "fe80::1", port: 123, pid: 88, name: "mDNSResponder" },
  ]);
  expect(fromLsof("")).toEqual([]);
});

// As a German Windows writes it.
const NETSTAT = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN          988
  TCP    127.0.0.1:12345        127.0.0.1:51000        HERGESTELLT      77
  TCP    127.0.0.1:12345        0.0.0.0:0              ABHÖREN          4711
  TCP    [::1]:8888             [::]:0                 ABHÖREN          5000
  UDP    0.0.0.0:5353           *:*                                     4711
  UDP    [fe80::1%12]:1900      *:*                                     988
`.replaceAll("\n", "\r\n");
const TASKS = `"svchost.exe","988","Services","0","10.000 K"\r\n"node.exe","4711","Console","1","55.000 K"\r\n`;

test("Windows: from netstat, in whatever language", () => {
  expect(fromNetstat(NETSTAT, TASKS)).toEqual([
    { protocol: "tcp", address: "0.0.0.0", port: 135, pid: 988, name: "svchost.exe" },
    { protocol: "tcp", address: "127.0.0.1", port: 12345, pid: 4711, name: "node.exe" },
    { protocol: "tcp", address: "::1", port: 8888, pid: 5000 },
    { protocol: "udp", address: "0.0.0.0", port: 5353, pid: 4711, name: "node.exe" },
    { protocol: "udp", address: "fe80::1", port: 1900, pid: 988, name: "svchost.exe" },
  ]);
});

test.runIf(process.platform === "linux")("this process is found by the sockets that it has", async () => {
  const server = createServer().listen(0, "::1");
  const datagrams = createSocket("udp4").bind(0, "127.0.0.1");
  await Promise.all([once(server, "listening"), once(datagrams, "listening")]);
  const own = { pid: process.pid, name: basename(process.execPath) };
  const all = listeners() as Listener[];
  const { port } = server.address() as { port: number };
  expect(listenerOf(all, { protocol: "tcp", address: "::1", port })).toMatchObject(own);
  expect(
    listenerOf(all, { protocol: "udp", address: "127.0.0.1", port: datagrams.address().port }),
  ).toMatchObject(own);
  expect(listeners("aix")).toBe(undefined);
  server.close();
  datagrams.close();
});

const lsof = process.platform !== "win32" && spawnSync("lsof", ["-v"]).error === undefined;
test.skipIf(!lsof)(`lsof, where it is, tells of this process${lsof ? "" : " (it is missing)"}`, async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const found = listenerOf(listeners("darwin") as Listener[], {
    protocol: "tcp",
    address: "127.0.0.1",
    port,
  });
  expect(found).toMatchObject({ address: "127.0.0.1", pid: process.pid });
  server.close();
});

test("of several that listen on a port the one on the very address counts, then the one on all", () => {
  const at = (address: string): Listener => ({ protocol: "tcp", address, port: 80, name: address });
  const find = (address: string, ...all: Listener[]): string | undefined =>
    listenerOf(all, { protocol: "tcp", address, port: 80 })?.name;
  expect(find("127.0.0.1", at("::"), at("0.0.0.0"), at("127.0.0.1"))).toBe("127.0.0.1");
  expect(find("10.0.0.1", at("::"), at("0.0.0.0"), at("127.0.0.1"))).toBe("0.0.0.0");
  expect(find("10.0.0.1", at("::"), at("127.0.0.1"))).toBe("::");
  expect(find("::1", at("0.0.0.0"))).toBe(undefined);
  expect(find("fe80::1%eth0", at("fe80::1"))).toBe("fe80::1");
});
