// Items 50 and 51: which comms are open, and what becomes of them.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import { changed, deaf, dropped, misread, named } from "../mutations.js";
import { needed } from "../samples/samples.js";
import type { Content } from "../wire.js";

export const commChecks: Check[] = [
  {
    item: 50,
    title: "comm_info is answered as such, with and without a target, and lists open comms only",
    mutants: [
      {
        name: "calls the answer complete_reply",
        wire: changed(named("comm_info_reply"), (draft) => {
          draft.header.msg_type = "complete_reply";
        }),
      },
      {
        name: "lists a comm that nobody opened",
        wire: changed(named("comm_info_reply"), (draft) => {
          draft.content.comms.ghost = { target_name: "conformance.ghost" };
        }),
      },
    ],
    async run({ join }) {
      const client = await join();
      const all = (await client.request("comm_info_request")).reply;
      assert.equal(all.name, "comm_info_reply");
      assert.equal(all.content.status, "ok");
      const some = (await client.request("comm_info_request", { target_name: "conformance.ghost" })).reply;
      assert.deepEqual(some.content.comms, {});
    },
  },
  {
    item: 50,
    title: "a comm is listed under its target while it is open",
    mutants: [
      {
        name: "lists it under any target",
        wire: misread(named("comm_info_request"), (draft) => {
          delete draft.content.target_name;
        }),
      },
      { name: "does not hear that it is closed", wire: deaf(named("comm_close")) },
    ],
    async run({ join, samples }) {
      const client = await join();
      await client.execute(needed(samples.comm, "serve a comm target"), {}, { late: true });
      const comm_id = `listed-${client.session}`;
      const listed = async (content: Content): Promise<unknown> =>
        (await client.request("comm_info_request", content)).reply.content.comms[comm_id];
      const target = { target_name: "conformance.echo" };
      await client.send("shell", "comm_open", { comm_id, ...target, data: {} });
      assert.deepEqual(await listed(target), target);
      assert.deepEqual(await listed({}), target);
      assert.equal(await listed({ target_name: "conformance.other" }), undefined, "under another target");
      await client.send("shell", "comm_close", { comm_id, data: {} });
      assert.equal(await listed({}), undefined, "although it is closed");
    },
  },
  {
    item: 51,
    title: "a comm of an unknown target is closed at once; messages to unknown comms do nothing",
    mutants: [
      { name: "leaves the comm open", wire: dropped(named("comm_close")) },
      {
        name: "closes it for nobody",
        wire: changed(named("comm_close"), (draft) => {
          draft.parent = {};
        }),
      },
      {
        name: "closes comms that nobody opened",
        wire: misread(named("comm_msg"), (draft) => {
          draft.header.msg_type = "comm_open";
          draft.content.target_name = "conformance.nobody";
        }),
      },
    ],
    async run({ join }) {
      const client = await join();
      const comm_id = `comm-${client.session}`;
      const id = await client.send("shell", "comm_open", {
        comm_id,
        target_name: "conformance.nobody",
        data: {},
      });
      await client.idle(id);
      const close = client.of(id).filter(({ name }) => name === "comm_close");
      assert.deepEqual(
        close.map(({ content }) => content.comm_id),
        [comm_id],
      );
      for (const type of ["comm_msg", "comm_close"]) {
        const stray = await client.send("shell", type, { comm_id: "conformance-stray", data: {} });
        await client.idle(stray);
        const answers = client.of(stray).filter(({ name }) => name.startsWith("comm_"));
        assert.deepEqual(answers, [], type);
      }
    },
  },
  {
    item: 51,
    title: "a shutdown closes the comms that are open",
    mutants: [{ name: "leaves them open", wire: dropped(named("comm_close")) }],
    async run({ start, samples }) {
      const kernel = await start();
      const client = await kernel.join();
      await client.execute(needed(samples.comm, "serve a comm target"), {}, { late: true });
      const comm_id = `open-${client.session}`;
      await client.send("shell", "comm_open", { comm_id, target_name: "conformance.echo", data: {} });
      await client.fence();
      await client.send("control", "shutdown_request", { restart: false });
      await client.wait((m) => m.name === "comm_close" && m.content.comm_id === comm_id, "the comm's end");
      await kernel.ended();
    },
  },
];
