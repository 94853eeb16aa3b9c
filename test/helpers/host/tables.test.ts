// Routes, neighbours and echo replies, from what the programs of three systems print.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
  fromArp,
  fromIp as neighboursFromIp,
  fromProc as neighboursFromProc,
} from "../../../kernel-helpers/host/arp.js";
import { arp, route } from "../../../kernel-helpers/host/index.js";
import { fromPing, pingBy } from "../../../kernel-helpers/host/ping.js";
import type { Ask } from "../../../kernel-helpers/host/programs.js";
import { fromIp, fromNetstat, fromProc, routesBy } from "../../../kernel-helpers/host/route.js";

test.skipIf(process.platform !== "linux")("this machine's own routes and neighbours are tables", async () => {
  const routes = await route();
  if (routes.length > 0)
    expect(inspect(routes).split("\n")[0]).toMatch(/^destination +gateway +interface +metric$/);
  expect(Array.isArray(await arp())).toBe(true);
});

test("Linux: ip -j route", () => {
  const json = `[{"dst":"default","gateway":"192.168.1.1","dev":"wlan0","protocol":"dhcp","prefsrc":"192.168.1.23","metric":600,"flags":[]},
{"dst":"192.168.1.0/24","dev":"wlan0","protocol":"kernel","scope":"link","prefsrc":"192.168.1.23","metric":600,"flags":[]},
{"type":"blackhole","dst":"198.51.100.1","flags":[]},
{"dst":"10.1.0.0/16","via":{"family":"inet6","host":"fe80::1"},"dev":"eth0","flags":[]}]`;
  expect(fromIp(json)).toEqual([
    { destination: "default", gateway: "192.168.1.1", interface: "wlan0", metric: 600 },
    { destination: "192.168.1.0/24", gateway: "", interface: "wlan0", metric: 600 },
    { destination: "blackhole 198.51.100.1", gateway: "", interface: "", metric: 0 },
    { destination: "10.1.0.0/16", gateway: "fe80::1", interface: "eth0", metric: 0 },
  ]);
});

test("Linux without the program ip: the kernel's own file", async () => {
  const file = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
`;
  const expected = [
    { destination: "default", gateway: "192.168.1.1", interface: "eth0", metric: 100 },
    { destination: "192.168.1.0/24", gateway: "", interface: "eth0", metric: 100 },
  ];
  expect(fromProc(file)).toEqual(expected);
  const ask: Ask = async ([program]) =>
    program === "cat" ? { stdout: file, status: 0 } : { stdout: "", status: null, code: "ENOENT" };
  expect([...(await routesBy(ask, "linux"))]).toEqual(expected);
});

test("macOS: netstat -rn", () => {
  const text = `Routing tables

Internet:
Destination        Gateway            Flags               Netif Expire
default            192.168.1.1        UGScg                 en0
127                127.0.0.1          UCS                   lo0
192.168.1          link#11            UCS                   en0      !
192.168.1.1        a4:91:b1:00:00:01  UHLWIir               en0   1187

Internet6:
Destination                             Gateway                                 Flags               Netif Expire
default                                 fe80::1%en0                             UGcg                  en0
::1                                     ::1                                     UHL                   lo0
`;
  expect(fromNetstat(text, "darwin")).toEqual([
    { destination: "default", gateway: "192.168.1.1", interface: "en0", metric: 0 },
    { destination: "127", gateway: "", interface: "lo0", metric: 0 },
    { destination: "192.168.1", gateway: "", interface: "en0", metric: 0 },
    { destination: "192.168.1.1", gateway: "", interface: "en0", metric: 0 },
    { destination: "default", gateway: "fe80::1%en0", interface: "en0", metric: 0 },
    { destination: "::1", gateway: "", interface: "lo0", metric: 0 },
  ]);
});

test("Windows in English and German: netstat -rn", () => {
  const words = { English: "On-link", German: "Auf Verbindung" };
  for (const [language, direct] of Object.entries(words)) {
    const text = `===========================================================================
Interface List
 12...00 15 5d 01 02 03 ......Hyper-V Virtual Ethernet Adapter
===========================================================================
IPv4 Route Table
===========================================================================
Active Routes:
Network Destination        Netmask          Gateway       Interface  Metric
          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.23     25
        127.0.0.0        255.0.0.0         ${direct}         127.0.0.1    331
===========================================================================
Active Routes:
 If Metric Network Destination      Gateway
 12    281 ::/0                     fe80::1
  1    331 ::1/128                  ${direct}
`;
    expect(fromNetstat(text, "win32"), language).toEqual([
      { destination: "default", gateway: "192.168.1.1", interface: "192.168.1.23", metric: 25 },
      { destination: "127.0.0.0/8", gateway: "", interface: "127.0.0.1", metric: 331 },
      { destination: "default", gateway: "fe80::1", interface: "12", metric: 281 },
      { destination: "::1/128", gateway: "", interface: "1", metric: 331 },
    ]);
  }
});

test("neighbours: ip -j neigh, /proc/net/arp, arp of macOS and of Windows", () => {
  const mac = "a4:91:b1:0c:00:01";
  expect(
    neighboursFromIp(`[{"dst":"10.0.0.2","dev":"eth0","lladdr":"${mac}","state":["REACHABLE"]},
{"dst":"10.0.0.9","dev":"eth0","state":["FAILED"]}]`),
  ).toEqual([
    { address: "10.0.0.2", mac, interface: "eth0", state: "REACHABLE" },
    { address: "10.0.0.9", mac: "", interface: "eth0", state: "FAILED" },
  ]);
  expect(
    neighboursFromProc(`IP address       HW type     Flags       HW address            Mask     Device
10.0.0.2         0x1         0x2         ${mac}     *        eth0
10.0.0.9         0x1         0x0         00:00:00:00:00:00     *        eth0
`),
  ).toEqual([
    { address: "10.0.0.2", mac, interface: "eth0", state: "known" },
    { address: "10.0.0.9", mac: "", interface: "eth0", state: "INCOMPLETE" },
  ]);
  expect(
    fromArp(
      `? (192.168.1.1) at a4:91:b1:c:0:1 on en0 ifscope [ethernet]
? (192.168.1.7) at (incomplete) on en0 ifscope [ethernet]
? (224.0.0.251) at 1:0:5e:0:0:fb on en0 ifscope permanent [ethernet]
`,
      "darwin",
    ),
  ).toEqual([
    { address: "192.168.1.1", mac, interface: "en0", state: "dynamic" },
    { address: "192.168.1.7", mac: "", interface: "en0", state: "INCOMPLETE" },
    { address: "224.0.0.251", mac: "01:00:5e:00:00:fb", interface: "en0", state: "permanent" },
  ]);
  expect(
    fromArp(
      `\r\nSchnittstelle: 192.168.1.23 --- 0xc\r\n  Internetadresse       Physische Adresse     Typ\r\n  192.168.1.1           a4-91-b1-0c-00-01     dynamisch\r\n`,
      "win32",
    ),
  ).toEqual([{ address: "192.168.1.1", mac, interface: "192.168.1.23", state: "dynamisch" }]);
});

const silent = (sequence: number): object => ({ sequence, address: "", ttl: undefined, time: undefined });

test("ping of Linux: replies, those that are missing, and duplicates", () => {
  const text = `PING bob (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.042 ms
64 bytes from bob (10.0.0.2): icmp_seq=3 ttl=64 time=12.5 ms
64 bytes from bob (10.0.0.2): icmp_seq=3 ttl=64 time=13 ms (DUP!)

--- bob ping statistics ---
4 packets transmitted, 2 received, +1 duplicates, 50% packet loss, time 3005ms
rtt min/avg/max/mdev = 0.042/6.271/12.500/6.229 ms
`;
  expect(fromPing(text, 4)).toEqual([
    { sequence: 1, address: "10.0.0.2", ttl: 64, time: 0.042 },
    silent(2),
    { sequence: 3, address: "10.0.0.2", ttl: 64, time: 12.5 },
    silent(4),
  ]);
  expect(
    fromPing(
      `PING 10.0.0.9 (10.0.0.9) 56(84) bytes of data.
From 10.0.0.1 icmp_seq=1 Destination Host Unreachable

--- 10.0.0.9 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
`,
      1,
    ),
  ).toEqual([silent(1)]);
});

test("ping of macOS and busybox count from 0", () => {
  expect(
    fromPing(
      `PING 10.0.0.2 (10.0.0.2): 56 data bytes
64 bytes from 10.0.0.2: icmp_seq=0 ttl=64 time=0.081 ms
Request timeout for icmp_seq 1
`,
      2,
    ),
  ).toEqual([{ sequence: 1, address: "10.0.0.2", ttl: 64, time: 0.081 }, silent(2)]);
  expect(
    fromPing(
      "PING 10.0.0.2 (10.0.0.2): 56 data bytes\n64 bytes from 10.0.0.2: seq=0 ttl=64 time=0.070 ms\n",
      1,
    ),
  ).toEqual([{ sequence: 1, address: "10.0.0.2", ttl: 64, time: 0.07 }]);
  expect(
    fromPing("PING6(56=40+8+8 bytes) ::1 --> ::1\n16 bytes from ::1, icmp_seq=0 hlim=64 time=0.063 ms\n", 1),
  ).toEqual([{ sequence: 1, address: "::1", ttl: 64, time: 0.063 }]);
});

test("ping of Windows, in English and German", () => {
  expect(
    fromPing(
      `\r\nPinging bob [10.0.0.2] with 32 bytes of data:\r\nReply from 10.0.0.2: bytes=32 time<1ms TTL=128\r\nRequest timed out.\r\nReply from 10.0.0.2: bytes=32 time=12ms TTL=128\r\nReply from 10.0.0.1: Destination host unreachable.\r\n\r\nPing statistics for 10.0.0.2:\r\n    Packets: Sent = 4, Received = 3, Lost = 1 (25% loss),\r\nApproximate round trip times in milli-seconds:\r\n    Minimum = 0ms, Maximum = 12ms, Average = 6ms\r\n`,
      4,
    ),
  ).toEqual([
    { sequence: 1, address: "10.0.0.2", ttl: 128, time: 1 },
    silent(2),
    { sequence: 3, address: "10.0.0.2", ttl: 128, time: 12 },
    silent(4),
  ]);
  expect(
    fromPing(
      `\r\nPing wird ausgeführt für 10.0.0.2 mit 32 Bytes Daten:\r\nZeitüberschreitung der Anforderung.\r\nAntwort von 10.0.0.2: Bytes=32 Zeit<1ms TTL=128\r\n`,
      2,
    ),
  ).toEqual([silent(1), { sequence: 2, address: "10.0.0.2", ttl: 128, time: 1 }]);
});

test("ping says what is missing: the program, a name, a sensible number", async () => {
  const none: Ask = async () => ({ stdout: "", status: null, code: "ENOENT" });
  await expect(pingBy(none, "bob", {}, "linux")).rejects.toThrow("the program ping is not installed here");
  const unknown: Ask = async () => ({ stdout: "", status: 2 });
  await expect(pingBy(unknown, "nobody", {}, "linux")).rejects.toThrow("Is the name right?");
  await expect(pingBy(none, "-f", {})).rejects.toThrow('"-f" is no name of a host');
  await expect(pingBy(none, "bob", { count: 0 })).rejects.toThrow("count is a whole number from 1 on");
});
