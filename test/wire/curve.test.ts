import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { curveKeyPair, Dealer, Subscriber, type Socket as ZmqSocket } from "zeromq";
import { parseConnection } from "../../src/wire/connection-file.js";
import { openWire, type Wire } from "../../src/wire/sockets.js";
import { address, type ConnectionFile, curveOptions, newConnection, newCurve } from "../kernel/client.js";

const portNames = ["shell_port", "control_port", "stdin_port", "iopub_port", "hb_port"] as const;

async function open(
  fields: Partial<ConnectionFile>,
): Promise<{ wire: Wire; connection: ConnectionFile; heard: string[] }> {
  const connection = await newConnection(fields);
  const heard: string[] = [];
  const wire = await openWire(parseConnection(connection), {
    onFrames: (channel, frames) => void heard.push(`${channel}_port ${frames.at(-1)}`),
    onSubscribe: (topic) => void heard.push(`iopub_port ${Buffer.from(topic)}`),
    onLost() {},
  });
  onTestFinished(() => wire.close());
  return { wire, connection, heard };
}

function ipcFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Says `word` to one socket: a message, or a subscription. */
function say(
  connection: ConnectionFile,
  name: (typeof portNames)[number],
  word: string,
  options: object,
): ZmqSocket & { receive(): Promise<Buffer[]> } {
  const socket =
    name === "iopub_port" ? new Subscriber({ linger: 0, ...options }) : new Dealer({ linger: 0, ...options });
  onTestFinished(() => socket.close());
  // What happens before somebody listens is not told later.
  void socket.events;
  socket.connect(address(connection, connection[name]));
  if (socket instanceof Subscriber) socket.subscribe(word);
  else void socket.send(word).catch(() => {});
  return socket as never;
}

/** Resolves when the other side has turned this socket away. */
async function turnedAway(socket: ZmqSocket): Promise<void> {
  for await (const { type } of socket.events) {
    if (type === "disconnect" || type.startsWith("handshake:error")) return;
  }
}

const transports = process.platform === "win32" ? (["tcp"] as const) : (["tcp", "ipc"] as const);

test.each(transports)(
  "over %s only who knows the kernel's public key is heard and answered, on all five sockets",
  async (transport) => {
    const place = transport === "ipc" ? { transport, ip: join(ipcFolder(), "k") } : {};
    const { wire, connection, heard } = await open({ ...place, ...newCurve() });
    const stranger = curveKeyPair();
    const wrong = {
      curveServerKey: stranger.publicKey,
      curvePublicKey: stranger.publicKey,
      curveSecretKey: stranger.secretKey,
    };
    const rejected = portNames.flatMap((name) => [
      say(connection, name, "plain", {}),
      say(connection, name, "wrong", wrong),
    ]);
    await Promise.all(rejected.slice(0, 10).map(turnedAway));
    const friends = Object.fromEntries(
      portNames.map((name) => [name, say(connection, name, "right", curveOptions(connection))]),
    );
    expect(String((await friends.hb_port?.receive())?.[0])).toBe("right");
    await expect
      .poll(() => heard.toSorted())
      .toEqual(["control_port right", "iopub_port right", "shell_port right", "stdin_port right"]);
    await wire.send("iopub", [Buffer.from("right"), Buffer.from("for friends")]);
    expect((await friends.iopub_port?.receive())?.map(String)).toEqual(["right", "for friends"]);
  },
);

/** Passes everything on to a port and remembers it. @returns the port to connect to instead */
async function eavesdrop(port: number): Promise<{ port: number; caught(): string }> {
  let caught = "";
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    sockets.push(near, far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (chunk) => {
        caught += chunk.toString("latin1");
        to.write(chunk);
      });
      from.on("error", () => {}).on("close", () => to.destroy());
    }
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as { port: number }).port, caught: () => caught };
}

test.each([
  ["nothing of what is said", true],
  ["everything, where nothing is encrypted", false],
])("whoever listens on the way reads %s", async (_, encrypted) => {
  const { wire, connection, heard } = await open(encrypted ? newCurve() : {});
  const spy = await eavesdrop(connection.iopub_port);
  const reader = say({ ...connection, iopub_port: spy.port }, "iopub_port", "", curveOptions(connection));
  await expect.poll(() => heard).toEqual(["iopub_port "]);
  await wire.send("iopub", [Buffer.from("topic"), Buffer.from("a student's secret output")]);
  expect(String((await reader.receive())[1])).toBe("a student's secret output");
  expect(spy.caught().includes("a student's secret output")).toBe(!encrypted);
});

const pair = newCurve();
const other = newCurve();

test.each([
  ["the secret key is missing", { curve_publickey: pair.curve_publickey }, /"curve_secretkey".*is missing/],
  ["the public key is missing", { curve_secretkey: pair.curve_secretkey }, /"curve_publickey".*is missing/],
  ["one is null", { ...pair, curve_publickey: null }, /"curve_publickey".*is missing/],
  [
    "one is too short",
    { ...pair, curve_publickey: pair.curve_publickey.slice(1) },
    /"curve_publickey".*no key/,
  ],
  ["one is no Z85", { ...pair, curve_publickey: "~".repeat(40) }, /"curve_publickey".*no key/],
  ["one is more than 32 bytes", { ...pair, curve_publickey: "#".repeat(40) }, /"curve_publickey".*no key/],
  ["they are no pair", { ...pair, curve_publickey: other.curve_publickey }, /not a pair/],
])("a kernel does not start where %s, and says so without quoting a key", async (_, keys, reason) => {
  const connection = { ...(await newConnection()), ...keys };
  const refusal = (() => {
    try {
      parseConnection(connection);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(refusal).toMatch(reason);
  for (const key of Object.values(keys)) expect(refusal).not.toContain(key);
});

test("without keys, or with null for both, nothing is encrypted", async () => {
  const plain = await newConnection();
  expect(parseConnection(plain).curve).toBeUndefined();
  expect(parseConnection({ ...plain, curve_publickey: null, curve_secretkey: null }).curve).toBeUndefined();
});
