// Items 8 to 14: headers, parents, routing, and JSON.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import { both, changed, deaf, dropped, misread, named, onChannel, parentIs } from "../mutations.js";
import { needed } from "../samples/samples.js";
import { delimiter, sign } from "../wire.js";
import { tour } from "./tour.js";

const extra = { header: { futureField: { deep: [1, "two"] } } };

export const headerChecks: Check[] = [
  {
    item: 8,
    title: "every header has a new msg_id, a session, a username, a date with zone, a type and a version",
    mutants: [
      {
        name: "dates without a zone",
        wire: changed(named("stream"), (draft) => {
          draft.header.date = String(draft.header.date).replace(/(Z|\+00:00)$/, "");
        }),
      },
      {
        name: "uses a msg_id twice",
        wire: changed(named("idle"), (draft) => {
          draft.header.msg_id = "always-this";
        }),
      },
      {
        name: "says no version",
        wire: changed(named("execute_reply"), (draft) => {
          delete draft.header.version;
        }),
      },
    ],
    async run({ join, samples }) {
      await tour(await join(), samples);
    },
  },
  {
    item: 9,
    title: "session names the kernel's process: the same for all clients, another one after a restart",
    mutants: [
      {
        name: "takes the client's session",
        wire: changed(parentIs("execute_request"), (draft) => {
          draft.header.session = draft.parent.session;
        }),
      },
    ],
    async run({ join, start, samples }) {
      const [one, two] = [await join(), await join()];
      const first = (await one.execute(samples.hello)).reply.header.session;
      const second = (await two.execute(samples.hello)).reply.header.session;
      assert.equal(first, second);
      assert.ok(first !== one.session && first !== two.session, "it is a client's");
      const kernel = await start();
      const restarted = await (await kernel.join()).execute(samples.hello);
      assert.notEqual(restarted.reply.header.session, first, "a new process has the old session");
    },
  },
  {
    item: 10,
    title: "the parent is the request's header, with fields that the kernel does not know, on every socket",
    mutants: [
      {
        name: "keeps only the fields that it knows",
        wire: changed(both(onChannel("iopub", "stream"), parentIs("execute_request")), (draft) => {
          delete draft.parent.futureField;
        }),
      },
      {
        name: "answers on control without a parent",
        wire: changed(onChannel("control"), (draft) => {
          draft.parent = {};
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { reply, published } = await client.execute(samples.hello, {}, extra);
      for (const message of [reply, ...published])
        assert.deepEqual(message.parent.futureField, extra.header.futureField, message.name);
      const controlled = await client.request("kernel_info_request", {}, { channel: "control", ...extra });
      assert.deepEqual(controlled.reply.parent.futureField, extra.header.futureField);
    },
  },
  {
    item: 11,
    title: "unknown requests stand between busy and idle and get no ok; unknown fields do no harm",
    mutants: [
      {
        name: "says nothing of unknown requests",
        wire: deaf(both(named("conformance_request"), onChannel("shell"))),
      },
      {
        name: "says nothing of unknown requests on control",
        wire: deaf(both(named("conformance_request"), onChannel("control"))),
      },
      {
        name: "refuses requests with fields that it does not know",
        wire: changed(both(named("kernel_info_reply"), onChannel("shell")), (draft) => {
          draft.content = { status: "error", ename: "TypeError", evalue: "futureField?", traceback: [] };
        }),
      },
    ],
    async run({ join }) {
      const client = await join();
      for (const channel of ["shell", "control"] as const) {
        const id = await client.send(channel, "conformance_request", { anything: 1 });
        const { reply } = await client.request("kernel_info_request", { futureField: true }, { channel });
        assert.equal(reply.content.status, "ok");
        await client.idle(id);
        assert.deepEqual(
          client.of(id).map(({ name }) => name),
          ["busy", "idle"],
        );
        assert.ok(client.replies(id).every(({ content }) => content.status !== "ok"));
      }
    },
  },
  {
    item: 12,
    title: "a comm's data, metadata and buffers reach the cell, and come back from it, byte for byte",
    mutants: [
      {
        name: "loses buffers",
        wire: changed(named("comm_msg"), (draft) => {
          draft.buffers = [];
        }),
      },
      {
        name: "loses metadata",
        wire: misread(named("comm_msg"), (draft) => {
          draft.metadata = {};
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const served = await client.execute(needed(samples.comm, "serve a comm target"), {}, { late: true });
      assert.equal(served.reply.content.status, "ok");
      const comm_id = `comm-${client.session}`;
      await client.send("shell", "comm_open", { comm_id, target_name: "conformance.echo", data: {} });
      const buffers = [Buffer.from([0, 1, 0xff, 0x80]), Buffer.alloc(0), Buffer.alloc(70_000, 7)];
      const data = { n: 1, text: "ä😀", list: [null, true] };
      const metadata = { path: ["a", 0], text: "ä" };
      await client.send("shell", "comm_msg", { comm_id, data }, { buffers, metadata, late: true });
      const echo = await client.wait(
        (m) => m.name === "comm_msg" && m.content.comm_id === comm_id,
        "the echo",
      );
      assert.deepEqual(echo.content.data, data);
      assert.deepEqual(echo.metadata, metadata);
      assert.equal(echo.buffers.length, buffers.length, "buffers");
      // Not deepEqual: what differs would be told byte by byte.
      for (const [index, buffer] of buffers.entries())
        assert.ok(echo.buffers[index]?.equals(buffer), `buffer ${index} has changed`);
      await client.send("shell", "comm_close", { comm_id, data: {} });
      await client.fence();
    },
  },
  {
    item: 13,
    title:
      "a reply goes to who asked and by the socket it was asked on; what is published has one topic frame",
    mutants: [
      {
        name: "answers control on shell",
        wire: changed(onChannel("control"), (draft) => {
          draft.channel = "shell";
        }),
      },
      {
        name: "publishes without a topic",
        wire: changed(onChannel("iopub"), (draft) => {
          draft.identities = [];
        }),
      },
    ],
    async run({ join, samples }) {
      const [one, two] = [await join(), await join()];
      const ids = await Promise.all([
        one.start(samples.hello),
        two.start(samples.value),
        one.send("control", "kernel_info_request", {}),
        two.send("control", "kernel_info_request", {}),
      ]);
      for (const [index, id] of ids.entries()) {
        const [asker, other] = index % 2 === 0 ? [one, two] : [two, one];
        const { reply } = await asker.answered(id, { idle: index < 2 });
        assert.equal(reply.channel, index < 2 ? "shell" : "control");
        assert.deepEqual(other.replies(id), []);
      }
    },
  },
  {
    item: 14,
    title: "what is sent is JSON and UTF-8 also where the values are not: half characters, NaN",
    mutants: [
      {
        name: "writes NaN",
        wire: changed(named("display_data"), (draft) => {
          draft.bytes = {
            content: Buffer.from('{"data":{"application/json":{"n":NaN}},"metadata":{},"transient":{}}'),
          };
        }),
      },
      {
        name: "writes half a surrogate pair",
        wire: changed(named("stream"), (draft) => {
          draft.content.text = "\ud800 alone\n";
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const printed = await client.execute(needed(samples.surrogate, "print half a surrogate pair"));
      if (printed.reply.content.status === "ok") assert.match(printed.text(), /alone/);
      const shown = await client.execute(needed(samples.notANumber, "display JSON"));
      assert.ok(["ok", "error"].includes(shown.reply.content.status));
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
    },
  },
  {
    item: 14,
    title: "a cell that shows what is nested 100,000 deep is answered, and the kernel goes on",
    mutants: [
      { name: "is never idle again", wire: dropped(both(named("idle"), parentIs("execute_request"))) },
      { name: "does not answer", wire: dropped(named("execute_reply")) },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { reply } = await client.execute(needed(samples.deep, "display JSON"));
      assert.ok(["ok", "error"].includes(reply.content.status));
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
    },
  },
  {
    item: 14,
    title: "a request that is nested 100,000 deep does no harm",
    mutants: [
      {
        name: "never recovers from deep JSON",
        wire: () => {
          let deep = false;
          return {
            toKernel(draft) {
              deep ||= JSON.stringify(draft.content.code ?? "").length > 100_000;
              return deep ? [] : undefined;
            },
          };
        },
      },
    ],
    async run({ start, samples }) {
      const kernel = await start();
      const client = await kernel.join();
      const depth = 100_000;
      const nested = `${"[".repeat(depth)}${"]".repeat(depth)}`;
      const header = {
        msg_id: `deep-${client.session}`,
        msg_type: "execute_request",
        session: client.session,
      };
      const parts = [
        { ...header, username: "u", date: new Date().toISOString(), version: "5.5" },
        {},
        {},
        `{"code":${JSON.stringify(samples.hello + " ".repeat(100_000))},"silent":true,"deep":${nested}}`,
      ].map((part) => Buffer.from(typeof part === "string" ? part : JSON.stringify(part)));
      client.record.sent("shell", JSON.parse(String(parts[0])), []);
      await client.sendFrames("shell", [delimiter, sign(kernel.connection, parts), ...parts]);
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
    },
  },
];
