// Computers, on every ground that there is here.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect, promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { namespaceGround } from "../../../kernel-helpers/host/computers/namespaces.js";
import {
  CapturedVariables,
  type ComputerKind,
  type Computers,
  computers,
} from "../../../kernel-helpers/host/index.js";
import { dist, isAlive } from "../../places.js";
import { noNamespaces } from "./namespaces.js";
import { written } from "./written.js";

/** What the notebook's own cells would print. */
let printed: { stdout: string; stderr: string };

beforeEach(() => {
  printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    });
  vi.spyOn(console, "log").mockImplementation((line = "") => {
    printed.stdout += `${line}\n`;
  });
  vi.spyOn(console, "error").mockImplementation((line = "") => {
    printed.stderr += `${line}\n`;
  });
});

afterEach(() => vi.restoreAllMocks());

/** A server that says who came. @returns its port */
const greet = async (address: string): Promise<number> => {
  const { createServer } = process.getBuiltinModule("node:net");
  const server = createServer((socket) => {
    console.log("Got connection from", socket.remoteAddress);
    socket.on("error", () => {});
    socket.end("Thank you for connecting");
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return (server.address() as { port: number }).port;
};

const visit = async (address: string, port: number): Promise<string> => {
  const { connect } = process.getBuiltinModule("node:net");
  const socket = connect({ host: address, port, timeout: 1500 });
  socket.on("timeout", () => socket.destroy(new Error("timed out")));
  let text = "";
  for await (const piece of socket) text += piece;
  return text;
};

const KINDS: ComputerKind[] = ["namespace", "loopback", "process"];

describe.each(KINDS)("%s", (kind) => {
  const skipped = kind === "namespace" && noNamespaces !== undefined;
  const maybe = test.skipIf(skipped);
  let lab: Computers<"alice" | "bob">;

  beforeAll(async () => {
    if (!skipped) lab = await computers("alice", "bob", { kind });
  });
  afterAll(() => lab?.network.close());

  maybe("a client on one visits a server on the other, at the other's own address", async () => {
    const { alice, bob } = lab;
    const port = await bob.run(greet, bob.address);
    expect(await alice.run(visit, bob.address, port)).toBe("Thank you for connecting");
    await expect
      .poll(() => printed.stdout)
      .toContain(`Got connection from ${kind === "namespace" ? alice.address : "127.0.0.1"}`);
    if (kind !== "process") expect(alice.address).not.toBe(bob.address);
  });

  maybe("it says of what it is made, and what is not possible", () => {
    expect(lab.alice.kind).toBe(kind);
    expect(inspect(lab.alice)).toContain(lab.alice.address);
    expect(inspect(lab.network)).toMatch(/^<network of alice, bob: .+>$/);
    if (kind !== "namespace") expect(inspect(lab.bob)).toContain("no cable to cut");
  });

  maybe("what globalThis holds stays from one call to the next, and each computer has its own", async () => {
    await lab.bob.run(() => void Object.assign(globalThis, { counter: 41 }));
    expect(await lab.bob.run(written<() => number>("() => ++counter"))).toBe(42);
    await expect(lab.alice.run(written<() => number>("() => ++counter"))).rejects.toThrow(CapturedVariables);
  });

  maybe("captured variables are told by name and line, before anything runs", async () => {
    const failure = lab.bob.run(
      written<() => void>(`async () => {
  console.log("started", typeof neverDefined);
  for (const item of list) {
    const { length: count = 1 } = item;
    console.log({ count, host }, item.host, ((x) => x + total)(1));
  }
  console.log(count);
}`),
    );
    const error = await failure.catch((one: CapturedVariables) => one);
    expect(error).toHaveProperty("variables", [
      { name: "list", line: 3 },
      { name: "host", line: 5 },
      { name: "total", line: 5 },
      { name: "count", line: 7 },
    ]);
    expect(String(error)).toMatch(
      /uses list \(line 3\), host \(line 5\).*bob\.run\(async \(list\) => …, list\)/s,
    );
    expect(printed.stdout).not.toContain("started");
  });

  maybe("modules are imported there", async () => {
    const join = written<(...parts: string[]) => Promise<string>>(
      "async (...parts) => (await import('node:path')).posix.join(...parts)",
    );
    expect(await lab.bob.run(join, "a", "b")).toBe("a/b");
  });

  maybe("values of all kinds are copied there and back; what cannot be is told", async () => {
    const value = {
      map: new Map([[1, new Set(["x"])]]),
      bytes: new Uint8Array([1, 2]),
      date: new Date(5),
      big: 7n,
    };
    expect(await lab.bob.run((same) => same, value)).toEqual(value);
    await expect(lab.bob.run((work) => work(), (() => 1) as () => number)).rejects.toThrow(
      "could not be cloned",
    );
    await expect(lab.bob.run(() => () => 1)).rejects.toThrow(
      /cannot be copied to the notebook.*Return plain data/,
    );
  });

  maybe("large values and floods of text come whole, and in order", async () => {
    const bytes = new Uint8Array(3_000_000).fill(7);
    const back = await lab.bob.run((given) => {
      for (let line = 0; line < 20_000; line++) console.log(`line ${line}`);
      return given;
    }, bytes);
    expect(back.length).toBe(bytes.length);
    expect(printed.stdout).toBe(Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join(""));
  });

  maybe("an error arrives with its class, message, code and the place where it was thrown", async () => {
    const error = await lab.bob
      .run(
        written<() => Promise<void>>(`async () => {
  const { connect } = process.getBuiltinModule("node:net");
  await new Promise((resolve, reject) => connect(1, "127.0.0.1").on("error", reject));
}`),
      )
      .catch((one: Error) => one);
    expect(error).toMatchObject({ code: "ECONNREFUSED", errno: expect.any(Number), computer: "bob" });
    const other = await lab.bob.run(written<() => void>(`() => {\n  null.x;\n}`)).catch((one: Error) => one);
    expect(other).toBeInstanceOf(TypeError);
    expect((other as Error).stack).toContain("bob.run:2:");
    expect((other as Error).stack).not.toContain("node:internal");
  });

  maybe("a command prints what it says, gives it as text, and tells its exit status", async () => {
    expect(await lab.bob.exec([process.execPath, "-e", "console.log('from a program')"])).toBe(
      "from a program\n",
    );
    expect(printed.stdout).toContain("from a program\n");
    await lab.bob.exec("exit 3");
    expect(printed.stderr).toContain("bob: exit status 3");
    for (const command of [["no-such-program-here"], "no-such-program-here --help"])
      await expect(lab.bob.exec(command)).rejects.toThrow(
        "the program no-such-program-here is not installed",
      );
  });

  maybe("a failure of a server is told, and the computer goes on", async () => {
    await lab.bob.run(() => void setTimeout(() => JSON.parse("{"), 0));
    await expect.poll(() => printed.stderr).toContain("Uncaught SyntaxError");
    expect(await lab.bob.run(() => 1)).toBe(1);
  });

  maybe("a process that ends itself is told of, and the next call has a new one", async () => {
    await expect(lab.alice.run(() => process.exit(3))).rejects.toThrow(
      /the process of alice ended \(status 3\).*The next call starts it anew/,
    );
    expect(await lab.alice.run(() => 2)).toBe(2);
  });

  maybe("delay comes by netem or by a relay, and it is said which", async () => {
    const { alice, bob, network } = lab;
    const port = await bob.run(greet, bob.address);
    const { delay } = await network.shape({ delay: 60 });
    expect(delay).toMatch(kind === "namespace" ? /netem|relay/ : "relay");
    if (delay === "relay") expect(printed.stdout).toContain("await network.via(computer, port)");
    expect(inspect(network)).toContain(`delay 60 ms (${delay})`);
    const way = await network.via(bob, port);
    const took = await alice.run(async (to) => {
      const { connect } = process.getBuiltinModule("node:net");
      const begin = performance.now();
      for await (const _ of connect(to[1], to[0])) return performance.now() - begin;
      return 0;
    }, way);
    expect(took).toBeGreaterThan(55);
    await network.shape({});
    expect(await network.via(bob, port)).toEqual([bob.address, port]);
  });

  maybe("closed, nothing of it runs any more", async () => {
    const other = await computers("carol", "dave", { kind });
    const pid = await other.carol.run(() => process.pid);
    await other.carol.run(() => void process.getBuiltinModule("node:child_process").spawn("sleep", ["60"]));
    const [child] = await other.carol.run(() =>
      process
        .getBuiltinModule("node:fs")
        .readFileSync(`/proc/self/task/${process.pid}/children`, "utf8")
        .split(" ")
        .map(Number),
    );
    await other.network.close();
    expect(isAlive(pid)).toBe(false);
    await expect.poll(() => isAlive(child as number)).toBe(false);
    await expect(other.carol.run(() => 1)).rejects.toThrow("carol is closed");
  });
});

test("in plain Node a program that has made computers ends by itself, and they with it", async () => {
  const helpers = pathToFileURL(join(dist, "helpers", "host", "index.js")).href;
  const program = `import { computers } from ${JSON.stringify(helpers)};
const { bob } = await computers("bob");
const { carol, network } = await computers("carol");
await carol.run(() => 1);
await network.close();
const port = await bob.run(async () => (await import("wirebook/serve")).serve(0, () => {}).then(({ port }) => port));
console.log("pid", await bob.run(() => process.pid), port > 0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    timeout: 20_000,
  });
  expect(stdout).toMatch(/^pid \d+ true$/m);
  await expect.poll(() => isAlive(Number(/pid (\d+)/.exec(stdout)?.[1]))).toBe(false);
});

test("what is no name is told, and so is a kind that there is not", async () => {
  await expect(computers("alice", "alice")).rejects.toThrow('there are two computers called "alice"');
  await expect(computers("network")).rejects.toThrow('"network" cannot be a computer\'s name');
  await expect(computers("a b")).rejects.toThrow('"a b" is no name for a computer');
  await expect(computers()).rejects.toThrow('computers("alice", "bob")');
  await expect(computers("alice", { kind: "cloud" as ComputerKind })).rejects.toThrow(
    '"cloud" is no kind of computer; there are namespace, loopback, process',
  );
});

test("on other systems than Linux it says why there are no namespaces", async () => {
  await expect(namespaceGround(["alice"], { platform: "darwin" })).rejects.toThrow(
    "network namespaces are Linux's",
  );
});
