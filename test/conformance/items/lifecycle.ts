// Items 15 to 17 and 20 to 25: sockets, the connection file, start and end.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join as joinPath } from "node:path";
import { isAlive } from "../../places.js";
import type { Check } from "../check.js";
import { newConnection } from "../kernel.js";
import { another, both, changed, deaf, dropped, named, repeated } from "../mutations.js";

const windows = process.platform === "win32";

/** Can somebody connect to this address? */
function reachable(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 500 });
    const end = (open: boolean) => (): void => {
      socket.destroy();
      done(open);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}

/** Other addresses of this computer than 127.0.0.1. */
function otherAddresses(): string[] {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const addresses = own.filter(({ family, internal }) => family === "IPv4" && !internal);
  // All of 127 is the computer itself on Linux, without being asked for.
  return [...addresses.map(({ address }) => address), ...(process.platform === "linux" ? ["127.0.0.2"] : [])];
}

export const lifecycleChecks: Check[] = [
  {
    item: 15,
    title: "over tcp all five sockets answer",
    mutants: [{ name: "answers no heartbeat", wire: () => ({ heartbeat: () => false }) }],
    async run({ join, samples }) {
      const client = await join();
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
      await client.request("kernel_info_request", {}, { channel: "control" });
      await client.beat(Buffer.from("beat"));
    },
  },
  {
    item: 15,
    title: "over ipc all five sockets answer",
    mutants: [{ name: "binds elsewhere", wrapper: "binds elsewhere" }],
    notOffered: () => (windows ? "Windows has no ipc" : undefined),
    async run({ start, samples, kernel }) {
      const own = await start({ connection: { transport: "ipc", ip: joinPath(kernel.folder, "ipc") } });
      const client = await own.join();
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
      await client.request("kernel_info_request", {}, { channel: "control" });
      await client.beat(Buffer.from("beat"));
    },
  },
  {
    item: 15,
    title: "a relative path of ipc begins in the kernel's folder",
    mutants: [{ name: "binds elsewhere", wrapper: "binds elsewhere" }],
    notOffered: () => (windows ? "Windows has no ipc" : undefined),
    async run({ start, samples }) {
      const own = await start({ connection: { transport: "ipc", ip: "relative" }, proxied: false });
      own.connection.ip = joinPath(own.folder, "relative");
      const client = await own.join();
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
    },
  },
  {
    item: 16,
    title: "the sockets are bound to the file's address, and to no other one of this computer",
    mutants: [{ name: "binds every address", wrapper: "binds every address" }],
    async run({ start }) {
      const kernel = await start();
      await kernel.join();
      const { shell_port, control_port, stdin_port, iopub_port, hb_port } = kernel.connection;
      for (const port of [shell_port, control_port, stdin_port, iopub_port, hb_port]) {
        assert.ok(await reachable("127.0.0.1", port), `127.0.0.1:${port}`);
        for (const address of otherAddresses())
          assert.ok(!(await reachable(address, port)), `${address}:${port} is open`);
      }
    },
  },
  {
    item: 16,
    title: "an address that is taken ends the start: not with exit code 0, and with a line in the log",
    mutants: [{ name: "exits with 0", wrapper: "exits with 0" }],
    async run({ start }) {
      const connection = await newConnection();
      const taken = createServer().listen(connection.shell_port, "127.0.0.1");
      await once(taken, "listening");
      try {
        const own = await start({ connection });
        assert.notEqual(await own.ended(), 0, "the exit code");
        assert.match(own.log(), /in use|uses|bind|EADDRINUSE/i);
      } finally {
        taken.close();
      }
    },
  },
  {
    item: 17,
    title: "the connection file stays unreadable to others",
    mutants: [{ name: "opens it to others", wrapper: "opens the connection file to others" }],
    notOffered: () => (windows ? "Windows has no modes of files" : undefined),
    async run({ start, samples }) {
      const kernel = await start();
      await (await kernel.join()).execute(samples.hello);
      assert.equal((statSync(kernel.file).mode & 0o777).toString(8), "600");
    },
  },
  {
    item: 17,
    title: "the key is not in the log, nor in what a cell sees of environment and arguments",
    mutants: [
      { name: "hands the key to the cells", wrapper: "copies the key into the environment" },
      { name: "logs the key", wrapper: "says the key in its log" },
    ],
    async run({ start, samples }) {
      const kernel = await start();
      const client = await kernel.join();
      const { reply, text } = await client.execute(samples.environment);
      assert.equal(reply.content.status, "ok");
      assert.ok(text().length > 50, "nothing was printed");
      assert.ok(!text().includes(kernel.connection.key), "a cell sees the key");
      assert.ok(!kernel.log().includes(kernel.connection.key), "the log has the key");
    },
  },
  {
    item: 20,
    title:
      "`starting` is published once, with no parent, and who waits for the kernel sees it first of all states",
    mutants: [
      {
        name: "does not say that it starts",
        wire: dropped(named("starting")),
      },
      {
        name: "starts again after an error",
        wire: () => ({
          toClient(draft) {
            if (draft.name !== "error") return undefined;
            const starting = another(draft, "status", { execution_state: "starting" });
            starting.parent = {};
            return [draft, starting];
          },
        }),
      },
    ],
    async run({ start, samples }) {
      const kernel = await start();
      const client = kernel.open();
      await client.wait(({ name }) => name === "starting", "`starting`");
      await client.join(() => false);
      await client.execute(samples.fail);
      await client.fence();
      const states = client.seen.filter((m) => m.header.msg_type === "status").map(({ name }) => name);
      assert.equal(states[0], "starting");
      assert.equal(states.filter((state) => state === "starting").length, 1, "`starting` was published");
    },
  },
  {
    item: 21,
    title: "every client is welcomed on iopub, the second as the first, with its own subscription",
    mutants: [
      {
        name: "welcomes the first client only",
        wire: () => {
          let welcomed = 0;
          return {
            toClient: ({ name }) => (name === "iopub_welcome" && welcomed++ > 0 ? [] : undefined),
          };
        },
      },
      {
        name: "welcomes with a parent",
        wire: changed(named("iopub_welcome"), (draft) => {
          draft.parent = { ...draft.header, msg_type: "kernel_info_request" };
        }),
      },
    ],
    async run({ kernel }) {
      for (const topic of ["", "", "kernel", "iopub"]) {
        const client = kernel.open({ topic });
        const welcome = await client.wait(
          ({ name }) => name === "iopub_welcome",
          `the welcome for "${topic}"`,
        );
        assert.equal(welcome.content.subscription, topic);
        assert.deepEqual(welcome.identities.map(String), [topic]);
        assert.deepEqual(welcome.parent, {});
        client.close();
      }
    },
  },
  {
    item: 21,
    title: "nobody is welcomed who leaves, nor to a topic that is no text",
    mutants: [
      {
        name: "welcomes twice",
        wire: repeated(both(named("iopub_welcome"), ({ content }) => content.subscription === "last")),
      },
      {
        name: "welcomes to a topic that is no text",
        wire: () => ({
          toClient(draft) {
            if (draft.content.subscription !== "first") return undefined;
            return [draft, { ...another(draft, "iopub_welcome", { subscription: "\ufffd" }), parent: {} }];
          },
        }),
      },
    ],
    async run({ join }) {
      const client = await join();
      const welcome = async (topic: string): Promise<unknown> =>
        await client.wait((m) => m.content.subscription === topic, `the welcome for "${topic}"`);
      client.subscribe(Buffer.from([0xff, 0xfe]));
      client.subscribe("first");
      await welcome("first");
      client.unsubscribe("first");
      client.subscribe("last");
      await welcome("last");
      await client.fence();
      const welcomes = client.seen.filter(({ name }) => name === "iopub_welcome");
      assert.deepEqual(
        welcomes.map(({ content }) => content.subscription),
        ["", "first", "last"],
      );
    },
  },
  {
    item: 22,
    title: "heartbeats come back while a cell loops, whatever bytes they hold",
    mutants: [
      {
        name: "beats when cells have ended",
        wire: () => {
          let busy = false;
          return {
            toClient({ name }) {
              if (name === "busy" || name === "idle") busy = name === "busy";
              return undefined;
            },
            heartbeat: () => !busy,
          };
        },
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const id = await client.start(samples.loop);
      await client.print(id, "in");
      for (let i = 0; i < 20; i++) await client.beat(Buffer.from([i, 0, 0xff]));
      assert.deepEqual(client.replies(id), [], "the loop has ended by itself");
      await client.request("interrupt_request", {}, { channel: "control" });
      await client.answered(id);
    },
  },
  {
    item: 23,
    title: "a client that comes back under its old identity is heard, while the old connection stands",
    mutants: [
      { name: "turns it away", wire: () => ({ keepsFirstPeer: true }) },
      { name: "does not hear its answers", wire: deaf(named("input_reply")) },
    ],
    async run({ join, samples, kernel }) {
      const old = await join();
      await old.execute(samples.hello);
      const again = kernel.open({ identity: old.identity });
      await again.join(() => false);
      assert.equal((await again.execute(samples.hello)).text(), "hello, world\n");
      await again.request("kernel_info_request", {}, { channel: "control" });
      if (!samples.input) return;
      const id = await again.start(samples.input, { allow_stdin: true });
      const question = await again.wait(({ name }) => name === "input_request", "the question");
      await again.send("stdin", "input_reply", { value: "Ada" }, { parent: question.header });
      assert.equal((await again.answered(id)).text(), "got Ada\n");
    },
  },
  {
    item: 24,
    title: "when the program that started the kernel is killed, the kernel ends, even while a cell loops",
    mutants: [{ name: "does not watch its parent", wrapper: "does not watch its parent" }],
    notOffered: () => (windows ? "the test kills as Unix does" : undefined),
    async run({ start, samples }) {
      const kernel = await start({ underParent: true });
      const client = await kernel.join();
      const child = Number((await client.execute(samples.child)).text());
      const id = await client.start(samples.loop);
      await client.print(id, "in");
      kernel.process.kill("SIGKILL");
      try {
        for (let i = 0; i < 80 && (await reachable("127.0.0.1", kernel.connection.shell_port)); i++)
          await new Promise((wait) => setTimeout(wait, 50));
        assert.ok(!(await reachable("127.0.0.1", kernel.connection.shell_port)), "it still listens");
      } finally {
        await client.send("control", "shutdown_request", { restart: false });
        if (isAlive(child)) process.kill(child, "SIGKILL");
      }
    },
  },
  {
    item: 25,
    title:
      "the kernelspec says how to start the kernel, what it is, how to interrupt it and which protocol it speaks",
    mutants: [
      { name: "says no protocol", spec: ({ kernel_protocol_version: _, ...spec }) => spec },
      { name: "is not told the connection file", spec: (spec) => ({ ...spec, argv: ["kernel"] }) },
      { name: "has a name with a space", spec: (spec) => ({ ...spec, name: "my kernel" }) },
    ],
    async run({ spec }) {
      assert.match(spec.name, /^[A-Za-z0-9._-]+$/);
      assert.ok(
        Array.isArray(spec.argv) && spec.argv.some((word) => word.includes("{connection_file}")),
        "argv",
      );
      assert.ok(spec.display_name, "there is no display_name");
      assert.ok(spec.language, "there is no language");
      assert.ok(["message", "signal", undefined].includes(spec.interrupt_mode), "interrupt_mode");
      assert.match(spec.kernel_protocol_version ?? "", /^5\.\d+$/, "there is no kernel_protocol_version");
      assert.ok(
        Object.values(spec.env ?? {}).every((value) => typeof value === "string"),
        "env",
      );
      assert.ok(typeof (spec.metadata ?? {}) === "object", "metadata");
    },
  },
];
