// A kernel that is given a registration file instead of a connection file.
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Router } from "zeromq";
import { freePorts } from "../../src/client/free-ports.js";
import { dist } from "../places.js";
import { Client, type ConnectionFile, newCurve } from "./client.js";

const windows = process.platform === "win32";
const transports = windows ? (["tcp"] as const) : (["tcp", "ipc"] as const);
const delimiter = Buffer.from("<IDS|MSG>");

interface Launcher {
  /** Contents of the registration file. */
  file: Record<string, unknown>;
  folder: string;
  runtime: string;
  socket: Router;
  /** Starts a kernel with the file. */
  start(options?: { args?: string[]; fields?: Record<string, unknown> }): Kernel;
  sign(content: Buffer, key?: string): Buffer;
  /** The next registration. */
  next(): Promise<{ identity: Buffer; frames: Buffer[]; content: Record<string, string> }>;
  /** Acknowledges as the protocol has it. */
  acknowledge(identity: Buffer, options?: { content?: Buffer; key?: string }): Promise<void>;
}

interface Kernel {
  process: ChildProcess;
  registrationFile: string;
  log(): string;
}

async function launch(transport: "tcp" | "ipc" = "tcp"): Promise<Launcher> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  const runtime = join(folder, "runtime");
  const key: string = randomUUID();
  const [port] = await freePorts(1);
  const ip = transport === "ipc" ? join(folder, "r") : "127.0.0.1";
  const socket = new Router({ linger: 0 });
  await socket.bind(transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`);
  const children: ChildProcess[] = [];
  onTestFinished(async () => {
    socket.close();
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });
  const sign = (content: Buffer, with_: string = key): Buffer =>
    Buffer.from(createHmac("sha256", with_).update(content).digest("hex"));
  const file = {
    kernel_id: `id ${randomUUID()}`,
    transport,
    registration_ip: ip,
    registration_port: port,
    signature_scheme: "hmac-sha256",
    key,
  };
  return {
    file,
    folder,
    runtime,
    socket,
    sign,
    start({ args = [], fields = {} } = {}) {
      const registrationFile = join(folder, `registration-${children.length}.json`);
      writeFileSync(registrationFile, JSON.stringify({ ...file, ...fields }), { mode: 0o600 });
      const { JPY_PARENT_PID: _, ...env } = process.env;
      const child = spawn(process.execPath, [join(dist, "supervisor.js"), ...args, registrationFile], {
        cwd: folder,
        env: { ...env, JUPYTER_RUNTIME_DIR: runtime },
        stdio: ["ignore", "inherit", "pipe"],
      });
      let log = "";
      child.stderr?.on("data", (chunk: Buffer) => {
        log += chunk;
      });
      children.push(child);
      return { process: child, registrationFile, log: () => log };
    },
    async next() {
      const [identity, ...frames] = (await socket.receive()) as [Buffer, ...Buffer[]];
      return { identity, frames, content: JSON.parse(String(frames.at(-1))) };
    },
    async acknowledge(identity, { content = Buffer.from("{}"), key: with_ = key } = {}) {
      await socket.send([identity, delimiter, sign(content, with_), content]);
    },
  };
}

/** The connection file that the kernel wrote. */
function written({ runtime, file }: Launcher): string {
  return join(runtime, `kernel-${String(file.kernel_id).replace(" ", "_")}.json`);
}

async function works(connection: ConnectionFile): Promise<void> {
  const client = new Client(connection);
  onTestFinished(() => client.close());
  const { iopub } = await client.execute("6 * 7");
  expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("42");
}

test.each(transports)(
  "over %s the kernel chooses five ports, tells its launcher, and serves other clients by a connection file of its own",
  async (transport) => {
    const launcher = await launch(transport);
    const kernel = launcher.start();
    const { identity, frames, content } = await launcher.next();
    const [separator, signature, body, ...rest] = frames as [Buffer, Buffer, Buffer];
    expect(String(separator)).toBe("<IDS|MSG>");
    expect(String(signature)).toBe(String(launcher.sign(body)));
    expect(rest).toEqual([]);
    const port = expect.stringMatching(/^[1-9]\d*$/);
    expect(content).toEqual({
      kernel_id: launcher.file.kernel_id,
      shell_port: port,
      control_port: port,
      stdin_port: port,
      iopub_port: port,
      hb_port: port,
    });
    const { kernel_id: _, ...ports } = content;
    expect(new Set(Object.values(ports)).size).toBe(5);
    await launcher.acknowledge(identity);

    const path = written(launcher);
    const connection = JSON.parse(readFileSync(path, "utf8")) as ConnectionFile;
    expect(connection).toMatchObject({
      transport,
      ip: launcher.file.registration_ip,
      key: launcher.file.key,
      signature_scheme: "hmac-sha256",
      ...Object.fromEntries(Object.entries(ports).map(([name, value]) => [name, Number(value)])),
    });
    if (!windows) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(launcher.runtime).mode & 0o777).toBe(0o700);
    }
    await works(connection);
    const ended = once(kernel.process, "exit");
    const client = new Client(connection);
    await client.send("control", "shutdown_request", { restart: false });
    await ended;
    client.close();
    expect(readdirSync(launcher.runtime)).toEqual([]);
    expect(existsSync(kernel.registrationFile)).toBe(true);
  },
);

test("without an acknowledgement in time the kernel ends and says why", async () => {
  const launcher = await launch();
  const kernel = launcher.start({ args: ["--ack-timeout", "0.5"] });
  await launcher.next();
  expect(await once(kernel.process, "exit")).toEqual([1, null]);
  expect(kernel.log()).toContain("did not acknowledge this kernel's ports within 0.5 s");
  expect(kernel.log()).not.toContain(launcher.file.key);
  expect(readdirSync(launcher.runtime)).toEqual([]);
});

test("where no launcher listens the kernel ends as well", async () => {
  const launcher = await launch();
  launcher.socket.close();
  const kernel = launcher.start({ args: ["--ack-timeout=0.5"] });
  expect(await once(kernel.process, "exit")).toEqual([1, null]);
  expect(kernel.log()).toContain("Is it still running?");
});

test("an acknowledgement counts only if it is signed with the file's key", async () => {
  const launcher = await launch();
  const kernel = launcher.start({ args: ["--ack-timeout", "2"] });
  const { identity } = await launcher.next();
  await launcher.acknowledge(identity, { key: "another key" });
  await launcher.socket.send([identity, Buffer.from("ACK")]);
  await launcher.socket.send([identity, delimiter, Buffer.alloc(0), Buffer.from("{}")]);
  expect(await once(kernel.process, "exit")).toEqual([1, null]);
  expect(kernel.log().match(/was dropped/g)).toHaveLength(3);
});

test("what a signed acknowledgement says is up to the launcher, but a refusal is heard", async () => {
  const launcher = await launch();
  const welcome = launcher.start();
  await launcher.acknowledge((await launcher.next()).identity, { content: Buffer.from("OK") });
  await works(JSON.parse(readFileSync(written(launcher), "utf8")));
  expect(welcome.process.exitCode).toBe(null);

  const refused = launcher.start();
  const content = Buffer.from(JSON.stringify({ status: "error", evalue: "there are enough kernels" }));
  await launcher.acknowledge((await launcher.next()).identity, { content });
  expect(await once(refused.process, "exit")).toEqual([1, null]);
  expect(refused.log()).toContain("the launcher refused this kernel: there are enough kernels");
});

test("kernels that start at once take no port from each other", { timeout: 60_000 }, async () => {
  const launcher = await launch();
  const count = 5;
  for (let i = 0; i < count; i++) launcher.start({ fields: { kernel_id: `kernel-${i}` } });
  const ports: string[] = [];
  for (let i = 0; i < count; i++) {
    const { identity, content } = await launcher.next();
    const { kernel_id: id, ...own } = content;
    ports.push(...Object.values(own));
    await launcher.acknowledge(identity);
    const file = join(launcher.runtime, `kernel-${id}.json`);
    await works(JSON.parse(readFileSync(file, "utf8")));
  }
  expect(new Set(ports).size).toBe(5 * count);
});

test("keys in the registration file encrypt the kernel's own sockets", async () => {
  const launcher = await launch();
  const curve = newCurve();
  launcher.start({ fields: curve });
  await launcher.acknowledge((await launcher.next()).identity);
  const connection = JSON.parse(readFileSync(written(launcher), "utf8")) as ConnectionFile;
  expect(connection).toMatchObject(curve);
  await works(connection);
});

test.each([
  ["kernel_id", { kernel_id: 5 }, '"kernel_id" in the connection file must be a string'],
  [
    "registration_port",
    { registration_port: "80" },
    '"registration_port" in the connection file must be a port',
  ],
  ["registration_ip", { registration_ip: "" }, '"registration_ip" in the connection file is empty'],
])("a registration file with a wrong %s ends the start with the reason", async (_, fields, reason) => {
  const launcher = await launch();
  const kernel = launcher.start({ fields });
  expect(await once(kernel.process, "exit")).toEqual([1, null]);
  expect(kernel.log()).toContain(reason);
});
