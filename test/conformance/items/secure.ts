// Items 18 and 19, which a kernel may leave out: the handshake of a registration file, and encrypted sockets.
import { strict as assert } from "node:assert";
import { curveKeyPair, Router } from "zeromq";
import { freePorts } from "../../../src/client/free-ports.js";
import type { Check, Trial } from "../check.js";
import type { Kernel } from "../kernel.js";
import { type ConnectionFile, type Content, delimiter, sign } from "../wire.js";

const noHandshake: Check["notOffered"] = ({ spec }) => {
  const [, minor = "0"] = (spec.kernel_protocol_version ?? "5.0").split(".");
  return Number(minor) >= 6 ? undefined : "the kernelspec's kernel_protocol_version is below 5.6";
};
const noCurve: Check["notOffered"] = ({ spec }) =>
  (spec.metadata?.supported_encryption as string[] | undefined)?.includes("curve")
    ? undefined
    : "the kernelspec's metadata.supported_encryption does not name curve";

/** Where kernels register. */
interface Registry extends Disposable {
  file: Record<string, unknown>;
  /** The registration: its content, and whether it was signed rightly. */
  received(patience: number): Promise<{ frames: Buffer[]; content: Content }>;
  acknowledge(): Promise<void>;
}

const signing = { key: "registration-key", signature_scheme: "hmac-sha256" };

async function openRegistry(): Promise<Registry> {
  const router = new Router({ linger: 0 });
  const [port] = await freePorts(1);
  await router.bind(`tcp://127.0.0.1:${port}`);
  let peer: Buffer = Buffer.alloc(0);
  return {
    file: {
      kernel_id: "conformance-kernel",
      transport: "tcp",
      registration_ip: "127.0.0.1",
      registration_port: port,
      ...signing,
    },
    async received(patience) {
      router.receiveTimeout = patience;
      const [from, ...frames] = (await router.receive()) as [Buffer, ...Buffer[]];
      peer = from;
      return { frames, content: JSON.parse(String(frames[2] ?? "null")) as Content };
    },
    async acknowledge() {
      const content = Buffer.from('{"status":"ok"}');
      await router.send([peer, delimiter, sign(signing, [content]), content]);
    },
    [Symbol.dispose]: () => router.close(),
  };
}

const portNames = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const;

/** Starts a kernel with a registration file and hears what it says. */
async function register(
  { start, mutant }: Trial,
  registry: Registry,
): Promise<{ kernel: Kernel; content: Content }> {
  const kernel = await start({ file: registry.file, proxied: false });
  const { frames, content } = await registry.received(15_000);
  assert.equal(frames.length, 3, "frames");
  assert.ok(frames[0]?.equals(delimiter), "the delimiter");
  assert.ok(frames[1]?.equals(sign(signing, [frames[2] as Buffer])), "the signature");
  return { kernel, content: mutant?.registration?.(content) ?? content };
}

export const secureChecks: Check[] = [
  {
    item: 18,
    title:
      "with a registration file the kernel picks its ports, says them as strings, and serves once it is acknowledged",
    notOffered: noHandshake,
    mutants: [
      {
        name: "says its ports as numbers",
        registration: (content) =>
          Object.fromEntries(
            Object.entries(content).map(([name, value]) => [
              name,
              name === "kernel_id" ? value : Number(value),
            ]),
          ),
      },
      { name: "says another kernel_id", registration: (content) => ({ ...content, kernel_id: "another" }) },
    ],
    async run(trial) {
      using registry = await openRegistry();
      const { kernel, content } = await register(trial, registry);
      assert.equal(content.kernel_id, "conformance-kernel");
      for (const name of portNames) assert.match(content[name], /^\d+$/, name);
      const connection: Partial<ConnectionFile> = { ...signing };
      for (const name of portNames) connection[name] = Number(content[name]);
      assert.equal(new Set(portNames.map((name) => connection[name])).size, 5, "different ports");
      Object.assign(kernel.connection, connection);
      await registry.acknowledge();
      const client = await kernel.join();
      assert.equal((await client.execute(trial.samples.hello)).text(), "hello, world\n");
      await client.request("kernel_info_request", {}, { channel: "control" });
      await client.beat(Buffer.from("beat"));
    },
  },
  {
    item: 18,
    title: "a kernel that nobody acknowledges ends",
    notOffered: noHandshake,
    mutants: [{ name: "goes on without", wrapper: "does not end" }],
    async run(trial) {
      using registry = await openRegistry();
      const kernel = await trial.start({
        ...{ file: registry.file, proxied: false },
        // How long it waits is left to the kernel.
        ...(!trial.mutant && { patience: 60_000 }),
      });
      await registry.received(15_000);
      await kernel.ended();
    },
  },
  {
    item: 19,
    title: "with one key of two the kernel does not start",
    notOffered: noCurve,
    mutants: [{ name: "falls back to plain", wrapper: "falls back to plain" }],
    async run({ start }) {
      const { publicKey, secretKey } = curveKeyPair();
      for (const keys of [{ curve_publickey: publicKey }, { curve_secretkey: secretKey }]) {
        const kernel = await start({ proxied: false, connection: keys });
        assert.notEqual(await kernel.ended(), 0, `the exit code with ${Object.keys(keys)}`);
        assert.ok(!kernel.log().includes(secretKey), "the log has the secret key");
      }
    },
  },
  ...(["tcp", "ipc"] as const).map(
    (transport): Check => ({
      item: 19,
      title: `over ${transport} all five sockets are encrypted where the file has keys: plain clients and wrong keys are not heard and hear nothing`,
      notOffered: (trial) =>
        transport === "ipc" && process.platform === "win32" ? "Windows has no ipc" : noCurve(trial),
      mutants: [{ name: "falls back to plain", wrapper: "falls back to plain" }],
      async run({ start, samples, kernel: shared }) {
        const [server, wrong] = [curveKeyPair(), curveKeyPair()];
        const kernel = await start({
          proxied: false,
          connection: {
            ...(transport === "ipc" && { transport, ip: `${shared.folder}/curve` }),
            curve_publickey: server.publicKey,
            curve_secretkey: server.secretKey,
          },
        });
        const keys = (
          serverKey: string,
        ): { curve: { serverKey: string; publicKey: string; secretKey: string } } => ({
          curve: { serverKey, ...curveKeyPair() },
        });
        const strangers = [kernel.open(), kernel.open(keys(wrong.publicKey))];
        for (const stranger of strangers) {
          // A message may not even leave, where the kernel does not shake hands.
          await Promise.allSettled([
            stranger.send("shell", "kernel_info_request", {}),
            stranger.send("control", "kernel_info_request", {}),
            stranger.sendFrames("heartbeat", [Buffer.alloc(0), Buffer.from("stranger")]),
          ]);
        }
        const client = await kernel.join(keys(server.publicKey));
        assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
        await client.request("kernel_info_request", {}, { channel: "control" });
        await client.beat(Buffer.from("beat"));
        if (samples.input) {
          const id = await client.start(samples.input, { allow_stdin: true });
          const question = await client.wait(({ name }) => name === "input_request", "the question");
          await client.send("stdin", "input_reply", { value: "x" }, { parent: question.header });
          await client.answered(id);
        }
        for (const stranger of strangers) {
          assert.deepEqual(stranger.seen, [], "a stranger was answered");
          assert.deepEqual(stranger.beats, [], "a stranger's heart beats");
        }
        const shown = await client.execute(samples.environment);
        assert.ok(!shown.text().includes(server.secretKey), "a cell sees the secret key");
        assert.ok(!kernel.log().includes(server.secretKey), "the log has the secret key");
      },
    }),
  ),
];
