// Items 53 and 54: shutdown and interrupt.
import { strict as assert } from "node:assert";
import { isAlive } from "../../places.js";
import type { Check } from "../check.js";
import { both, changed, deaf, dropped, named, onChannel, withStatus } from "../mutations.js";

const windows = process.platform === "win32";

function shutsDown(restart: boolean): Check {
  return {
    item: 53,
    title: `a shutdown with restart ${restart} is answered so, told to all clients, and ends the process with 0`,
    mutants: [
      {
        name: "says another restart",
        wire: changed(named("shutdown_reply"), (draft) => {
          draft.content.restart = !draft.content.restart;
        }),
      },
      { name: "tells no other client", wire: dropped(onChannel("iopub", "shutdown_reply")) },
      { name: "does not end", wrapper: "does not end" },
    ],
    async run({ start }) {
      const kernel = await start();
      const [client, other] = [await kernel.join(), await kernel.join()];
      const id = await client.send("control", "shutdown_request", { restart });
      const reply = await client.wait((m) => m.channel === "control" && m.parent.msg_id === id, "the reply");
      assert.deepEqual(reply.content, { status: "ok", restart });
      const told = await other.wait(
        (m) => m.channel === "iopub" && m.name === "shutdown_reply",
        "the broadcast",
      );
      assert.equal(told.content.restart, restart);
      assert.equal(await kernel.ended(), 0, "the exit code");
    },
  };
}

export const controlChecks: Check[] = [
  shutsDown(false),
  shutsDown(true),
  {
    item: 53,
    title: "a shutdown works while a cell loops, and ends the processes that cells started",
    mutants: [
      {
        name: "leaves a cell's process behind",
        wire: changed(named("stream"), (draft) => {
          // The id of a process that will surely outlive the kernel: our own.
          draft.content.text = String(draft.content.text).replace(/^\d+\n$/, `${process.pid}\n`);
        }),
      },
      { name: "does not hear of it while a cell loops", wire: deaf(named("shutdown_request")) },
    ],
    async run({ start, samples }) {
      const kernel = await start();
      const client = await kernel.join();
      const child = Number((await client.execute(samples.child)).text());
      assert.ok(isAlive(child), "the cell started no process");
      const id = await client.start(samples.loop);
      try {
        await client.print(id, "in");
        await client.send("control", "shutdown_request", { restart: false });
        await kernel.ended();
        for (let i = 0; i < 40 && isAlive(child); i++) await new Promise((wait) => setTimeout(wait, 25));
        assert.ok(!isAlive(child), "the process that a cell started lives on");
      } finally {
        if (child !== process.pid && isAlive(child)) process.kill(child, "SIGKILL");
      }
    },
  },
  {
    item: 53,
    title: "a shutdown is accepted on shell, too",
    mutants: [{ name: "does not hear of it", wire: deaf(onChannel("shell", "shutdown_request")) }],
    async run({ start }) {
      const kernel = await start();
      const client = await kernel.join();
      const id = await client.send("shell", "shutdown_request", { restart: false });
      const reply = await client.wait((m) => m.channel === "shell" && m.parent.msg_id === id, "the reply");
      assert.equal(reply.content.status, "ok");
      assert.equal(await kernel.ended(), 0, "the exit code");
    },
  },
  {
    item: 54,
    title: "an interrupt is answered, the cell ends with an error, and variables stay",
    mutants: [
      { name: "does not hear of it", wire: deaf(named("interrupt_request")) },
      { name: "does not answer", wire: dropped(named("interrupt_reply")) },
      {
        name: "says that the cell is ok",
        wire: changed(both(named("execute_reply"), withStatus("error")), (draft) => {
          const { execution_count } = draft.content;
          draft.content = { status: "ok", execution_count, payload: [], user_expressions: {} };
        }),
      },
      {
        name: "forgets the variables",
        wire: changed(named("stream"), (draft) => {
          draft.content.text = String(draft.content.text).replace("41\n", "\n");
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      await client.execute(samples.assign("kept", 41));
      const id = await client.start(samples.loop);
      await client.print(id, "in");
      const { reply } = await client.request("interrupt_request", {}, { channel: "control" });
      assert.equal(reply.content.status, "ok");
      assert.equal((await client.answered(id)).reply.content.status, "error");
      assert.equal((await client.execute(samples.printVariable("kept"))).text(), "41\n");
    },
  },
  {
    item: 54,
    title: "an interrupt while nothing runs does nothing",
    mutants: [
      {
        name: "interrupts the next cell",
        wire: () => {
          let interrupted = false;
          return {
            toClient(draft) {
              if (draft.name === "interrupt_reply") interrupted = true;
              if (!interrupted || draft.name !== "execute_reply") return undefined;
              const { execution_count } = draft.content;
              const content = {
                status: "error",
                execution_count,
                ename: "Interrupted",
                evalue: "",
                traceback: [],
              };
              return [{ ...draft, content }];
            },
          };
        },
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      for (let i = 0; i < 10; i++) {
        const { reply } = await client.request("interrupt_request", {}, { channel: "control" });
        assert.equal(reply.content.status, "ok");
        const next = await client.execute(samples.hello);
        assert.equal(next.reply.content.status, "ok");
        assert.equal(next.text(), "hello, world\n");
      }
    },
  },
  {
    item: 54,
    title: "requests that wait behind an interrupted cell are answered, each once",
    mutants: [
      {
        name: "loses what waits",
        wire: () => {
          let looping = false;
          return {
            toKernel(draft) {
              const waits = looping && draft.name === "kernel_info_request" && draft.channel === "shell";
              looping ||= draft.name === "execute_request";
              return waits ? [] : undefined;
            },
          };
        },
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const id = await client.start(samples.loop);
      await client.print(id, "in");
      const waiting: string[] = [];
      for (let i = 0; i < 10; i++) waiting.push(await client.send("shell", "kernel_info_request", {}));
      await client.request("interrupt_request", {}, { channel: "control" });
      await client.answered(id);
      for (const one of waiting) assert.equal((await client.answered(one)).reply.content.status, "ok");
    },
  },
  {
    item: 54,
    title: "SIGINT interrupts the cell and never ends the kernel",
    mutants: [{ name: "dies of SIGINT", wrapper: "dies of SIGINT" }],
    notOffered: () => (windows ? "Windows has no signals" : undefined),
    async run({ start, samples }) {
      const kernel = await start();
      const client = await kernel.join();
      const id = await client.start(samples.loop);
      await client.print(id, "in");
      kernel.process.kill("SIGINT");
      assert.equal((await client.answered(id)).reply.content.status, "error");
      kernel.process.kill("SIGINT");
      // Nobody knows when a signal arrives: it may still interrupt this cell.
      await client.execute(samples.sleep(200));
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
    },
  },
];
