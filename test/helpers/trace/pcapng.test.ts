// Files of packets: what Wireshark makes of ours, and what we make of others'.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { connectWebSocket, serveWebSocket } from "../../../kernel-helpers/serve/index.js";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  SHUT_WR,
  SO_LINGER,
  SOCK_DGRAM,
  SOL_SOCKET,
  socket,
} from "../../../kernel-helpers/socket/index.js";
import { CaptureError, capture, openCapture, trace } from "../../../kernel-helpers/trace/index.js";
import { readCapture } from "../../../kernel-helpers/trace/pcapng.js";
import { createDice } from "../../faults/scenario.js";
import { pair } from "./pair.js";

const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const has = (program: string): boolean => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const tshark = (...args: string[]): string =>
  execFileSync("tshark", ["-n", ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

async function conversation(family: number, at: [string, number] | string): Promise<void> {
  const listener = socket(family);
  await listener.bind(at);
  await listener.listen(5);
  const client = socket(family);
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  await client.sendall("what time is it?");
  await server.recv(5);
  await server.recv(100);
  await server.sendall("twelve");
  await client.recv(100);
  await client.shutdown(SHUT_WR);
  await server.recv(1);
  for (const one of [server, client, listener]) await one.close();
}

describe.skipIf(!has("tshark"))(
  `what tshark makes of it${has("tshark") ? "" : " (skipped: tshark is not installed)"}`,
  () => {
    test("every packet is whole and in order: TCP over three families, a reset, a refusal, UDP", async () => {
      const file = join(folder, "all.pcapng");
      const t = trace();
      await conversation(AF_INET, ["127.0.0.1", 0]);
      await conversation(AF_INET6, ["::1", 0]);
      await conversation(AF_UNIX, join(folder, "named.sock"));
      const { listener, client, server } = await pair();
      client.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0]);
      await client.close();
      await server.recv(1).catch(() => {});
      await server.close();
      await listener.close();
      await socket()
        .connect(["127.0.0.1", 1])
        .catch(() => {});
      const receiver = socket(AF_INET, SOCK_DGRAM);
      await receiver.bind(["127.0.0.1", 0]);
      const sender = socket(AF_INET, SOCK_DGRAM);
      await sender.sendto("a datagram", receiver.getsockname());
      await receiver.recvfrom(100);
      for (const one of [sender, receiver]) await one.close();
      t.stop();
      const count = await t.save(file);
      expect(tshark("-r", file, "-T", "fields", "-e", "frame.number").trim().split("\n")).toHaveLength(count);
      const checks = [
        "-o",
        "tcp.check_checksum:TRUE",
        "-o",
        "udp.check_checksum:TRUE",
        "-o",
        "ip.check_checksum:TRUE",
      ];
      const bad =
        "_ws.malformed || tcp.checksum.status == 0 || udp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.lost_segment || tcp.analysis.retransmission || tcp.analysis.out_of_order || tcp.analysis.ack_lost_segment";
      expect(tshark("-r", file, ...checks, "-Y", bad)).toBe("");
      expect(tshark("-r", file, "-Y", "tcp.flags.reset == 1").trim().split("\n")).toHaveLength(2);
      expect(
        tshark(
          "-r",
          file,
          "-Y",
          'udp && data.data == "a datagram"',
          "-T",
          "fields",
          "-e",
          "udp.length",
        ).trim(),
      ).toBe("18");
      // The path stands where names of addresses stand.
      expect(
        execFileSync("tshark", ["-r", file, "-Nn"], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        }),
      ).toContain("named.sock");
    });

    test("a stream is followed to its last byte, and comments tell the call", async () => {
      const file = join(folder, "stream.pcapng");
      const t = trace();
      await conversation(AF_INET, ["127.0.0.1", 0]);
      t.stop();
      await t.save(file);
      const followed = tshark("-r", file, "-q", "-z", "follow,tcp,ascii,0");
      expect(followed).toContain("what time is it?");
      expect(followed).toContain("twelve");
      expect(tshark("-r", file, "-T", "fields", "-e", "frame.comment")).toMatch(/^connect$/m);
    });

    test("HTTP and WebSocket are dissected", async () => {
      const file = join(folder, "web.pcapng");
      const t = trace();
      const web = http.createServer((request, response) => void response.end(`you asked for ${request.url}`));
      await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
      await (
        await fetch(`http://127.0.0.1:${(web.address() as AddressInfo).port}/it`, {
          headers: { connection: "close" },
        })
      ).text();
      await new Promise((resolve) => web.close(resolve));
      const echo = await serveWebSocket(0, async (connection) => {
        for await (const message of connection) await connection.send(message);
      });
      const ws = await connectWebSocket(`ws://127.0.0.1:${echo.port}/`);
      await ws.send("a message in a frame");
      await ws.recv();
      await ws.close();
      await echo.close();
      t.stop();
      await t.save(file);
      expect(
        tshark("-r", file, "-Y", "http.request", "-T", "fields", "-e", "http.request.uri").trim().split("\n"),
      ).toEqual(["/it", "/"]);
      expect(
        tshark("-r", file, "-Y", "http.response", "-T", "fields", "-e", "http.response.code")
          .trim()
          .split("\n"),
      ).toEqual(["200", "101"]);
      const texts = tshark("-r", file, "-Y", "websocket", "-T", "fields", "-e", "websocket.payload.text");
      expect(texts.match(/a message in a frame/g)).toHaveLength(2);
      expect(tshark("-r", file, "-Y", "_ws.malformed")).toBe("");
    });

    test("more bytes than one packet holds, and bytes that were not kept", async () => {
      const file = join(folder, "large.pcapng");
      const t = trace({ keep: 250_000 });
      const { listener, client, server } = await pair();
      for (const letter of ["a", "b"]) {
        const sending = client.sendall(letter.repeat(200_000));
        await server.recvExactly(200_000);
        await sending;
      }
      for (const one of [client, server, listener]) await one.close();
      t.stop();
      await t.save(file);
      expect(tshark("-r", file, "-Y", "_ws.malformed || tcp.analysis.lost_segment")).toBe("");
      const lengths = tshark("-r", file, "-Y", "tcp.len > 0", "-T", "fields", "-e", "tcp.len")
        .trim()
        .split("\n")
        .map(Number);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(400_000);
    });
  },
);

test("a file that was saved is read again: the same conversation, packet by packet", async () => {
  const file = join(folder, "again.pcapng");
  const t = trace();
  await conversation(AF_INET, ["127.0.0.1", 0]);
  t.stop();
  await t.save(file);
  const read = await openCapture(file);
  expect(String(read.follow(1).from("client"))).toBe("what time is it?");
  expect(String(read.follow(1).from("server"))).toBe("twelve");
  const text = String(read.bundle()["text/plain"]);
  expect(text).toContain("[SYN] seq 0");
  expect(text).toContain("[SYN, ACK] seq 0 ack 1");
  expect(text).toContain("[PSH, ACK] 16 B seq 1 ack 1");
  expect(text).toContain("[FIN, ACK] seq 17");
});

const mayCapture = process.getuid?.() === 0 && has("tcpdump");

test.skipIf(!mayCapture)(
  `true packets by tcpdump${mayCapture ? "" : " (skipped: needs root and tcpdump)"}`,
  async () => {
    let port = 0;
    const packets = await capture(async () => {
      const { listener, client, server, port: at } = await pair();
      port = at;
      await client.sendall("true");
      await server.recv(10);
      for (const one of [client, server, listener]) await one.close();
    });
    const mine = packets.segments.filter(({ from, to }) => from.port === port || to.port === port);
    expect(mine[0]?.flags).toBe(2);
    expect(mine.filter(({ size }) => size > 0).map(({ payload }) => String(payload))).toEqual(["true"]);
  },
);

test("what is no capture, or is damaged, is refused with the place", async () => {
  const file = join(folder, "no.pcapng");
  writeFileSync(file, "this is text");
  await expect(openCapture(file)).rejects.toThrow(
    "no capture: the file begins neither as pcapng nor as pcap",
  );
  await expect(openCapture(join(folder, "absent.pcapng"))).rejects.toThrow(
    "[Errno 2] No such file or directory",
  );
  const t = trace();
  await conversation(AF_INET, ["127.0.0.1", 0]);
  t.stop();
  await t.save(file);
  const bytes = readFileSync(file);
  const whole = readCapture(bytes).length;
  // Broken off: what was whole is read.
  expect(readCapture(bytes.subarray(0, bytes.length - 3))).toHaveLength(whole - 1);
  const damaged = Buffer.from(bytes);
  damaged.writeUInt32LE(7, damaged.readUInt32LE(4) + 4);
  expect(() => readCapture(damaged)).toThrow(/damaged at byte \d+: a block of 7 bytes/);
});

test("no bytes make the reader fail otherwise than with CaptureError", async () => {
  const file = join(folder, "fuzz.pcapng");
  const t = trace();
  await conversation(AF_INET, ["127.0.0.1", 0]);
  await conversation(AF_INET6, ["::1", 0]);
  t.stop();
  await t.save(file);
  const bytes = readFileSync(file);
  const dice = createDice(1);
  let read = 0;
  for (let round = 0; round < 1000; round++) {
    const mutated = Buffer.from(bytes);
    for (let change = dice(8); change >= 0; change--) mutated[dice(mutated.length)] = dice(256);
    writeFileSync(file, mutated.subarray(0, round % 3 === 0 ? dice(mutated.length) : mutated.length));
    try {
      const found = await openCapture(file);
      found.bundle();
      read++;
    } catch (error) {
      expect(error).toBeInstanceOf(CaptureError);
    }
  }
  expect(read).toBeGreaterThan(150);
});
