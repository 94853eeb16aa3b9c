import { createServer } from "node:net";
import { expect, test } from "vitest";
import {
  fromLsof,
  fromNetstat,
  listeningInodes,
  whoHolds,
} from "../../../kernel-helpers/serve/port-holder.js";

test("Linux: the sockets that listen on a port, from the system's table", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:3039 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:3039 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 99 1 0000000000000000 100 0 0 10 0`;
  expect(listeningInodes(table, 12345)).toEqual(["4711"]);
  expect(listeningInodes(table, 22)).toEqual(["99"]);
  expect(listeningInodes(table, 80)).toEqual([]);
});

test("macOS: from lsof", () => {
  expect(fromLsof("p501\ncnode\nf23\n")).toBe("node (process 501)");
  expect(fromLsof("p501\n")).toBe("a program (process 501)");
  expect(fromLsof("")).toBe(undefined);
});

test("Windows: from netstat, in whatever language", () => {
  const listing = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN          988
  TCP    127.0.0.1:12345        127.0.0.1:51000        HERGESTELLT      77
  TCP    127.0.0.1:12345        0.0.0.0:0              ABHÖREN          4711
  TCP    [::1]:8888             [::]:0                 ABHÖREN          5000
`;
  expect(fromNetstat(listing, 12345)).toBe("4711");
  expect(fromNetstat(listing, 8888)).toBe("5000");
  expect(fromNetstat(listing, 2345)).toBe(undefined);
});

test("a port of this very process is found, where the system tells; where it does not, nothing is said", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  if (process.platform === "linux") expect(whoHolds(port)).toContain(`(process ${process.pid})`);
  expect(whoHolds(port, "aix")).toBe(undefined);
  server.close();
});
