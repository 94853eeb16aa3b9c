// Item 56, which a kernel may leave out: subshells.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import { both, changed, deaf, delayed, misread, named, withStatus } from "../mutations.js";
import type { Content } from "../wire.js";

const noSubshells: Check["notOffered"] = ({ info }) =>
  info.supported_features?.includes("kernel subshells")
    ? undefined
    : "kernel_info's supported_features do not name subshells";

export const subshellChecks: Check[] = [
  {
    item: 56,
    title: "subshells are made, listed and deleted on control; an unknown one is an error",
    notOffered: noSubshells,
    mutants: [
      {
        name: "lists nothing",
        wire: changed(named("list_subshell_reply"), (draft) => {
          draft.content.subshell_id = [];
        }),
      },
      {
        name: "runs cells of subshells that there are not",
        wire: changed(both(named("execute_reply"), withStatus("error")), (draft) => {
          draft.content = { status: "ok", execution_count: 1, payload: [], user_expressions: {} };
        }),
      },
      {
        name: "deletes what is not there",
        wire: changed(named("delete_subshell_reply"), (draft) => {
          draft.content = { status: "ok" };
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const control = async (type: string, content = {}): Promise<Content> =>
        (await client.request(type, content, { channel: "control" })).reply.content;
      const list = async (): Promise<string[]> => (await control("list_subshell_request")).subshell_id;
      const { status, subshell_id } = await control("create_subshell_request");
      assert.equal(status, "ok");
      assert.ok((await list()).includes(subshell_id));
      assert.equal((await control("delete_subshell_request", { subshell_id })).status, "ok");
      assert.ok(!(await list()).includes(subshell_id));
      assert.equal((await control("delete_subshell_request", { subshell_id })).status, "error");
      const { reply } = await client.execute(samples.hello, {}, { header: { subshell_id } });
      assert.equal(reply.content.status, "error", "a cell of a subshell that there is not");
    },
  },
  {
    item: 56,
    title:
      "a subshell runs cells while the main shell is busy, one after another, with its own counter and history",
    notOffered: noSubshells,
    mutants: [
      {
        name: "waits for the main shell",
        wire: delayed(
          ({ channel, parent }) => channel === "shell" && Boolean(parent.subshell_id),
          ({ channel, parent, name }) =>
            channel === "shell" && name === "execute_reply" && !parent.subshell_id,
        ),
      },
      {
        name: "has one history for all",
        wire: misread(named("history_request"), (draft) => {
          delete draft.header.subshell_id;
        }),
      },
      {
        name: "counts with the main shell",
        wire: changed(
          ({ name, parent }) => name === "execute_reply" && Boolean(parent.subshell_id),
          (draft) => {
            draft.content.execution_count += 7;
          },
        ),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { subshell_id } = (await client.request("create_subshell_request", {}, { channel: "control" }))
        .reply.content;
      const main = await client.start(samples.sleep(1500));
      const ids: string[] = [];
      for (let i = 0; i < 3; i++)
        ids.push(await client.start(samples.hello, {}, { header: { subshell_id } }));
      for (const [index, id] of ids.entries()) {
        const { text, reply } = await client.answered(id);
        assert.equal(text(), "hello, world\n");
        assert.equal(reply.content.execution_count, index + 1);
      }
      assert.deepEqual(client.replies(main), [], "the main shell's cell has ended before");
      await client.answered(main);
      const tail = { hist_access_type: "tail", n: 10, output: false, raw: true };
      const { history } = (await client.request("history_request", tail, { header: { subshell_id } })).reply
        .content;
      assert.deepEqual(
        history.map(([, , input]: [number, number, string]) => input),
        [samples.hello, samples.hello, samples.hello],
      );
      await client.request("delete_subshell_request", { subshell_id }, { channel: "control" });
    },
  },
  {
    item: 56,
    title: "an interrupt ends the cells of all subshells",
    notOffered: noSubshells,
    mutants: [{ name: "does not hear of it", wire: deaf(named("interrupt_request")) }],
    async run({ join, samples }) {
      const client = await join();
      const { subshell_id } = (await client.request("create_subshell_request", {}, { channel: "control" }))
        .reply.content;
      const waiting = samples.sleep(4000);
      const cells = [
        await client.start(waiting),
        await client.start(waiting, {}, { header: { subshell_id } }),
      ];
      await client.wait(
        (m) => m.name === "execute_input" && m.parent.msg_id === cells[1],
        "the cell's start",
      );
      await client.request("interrupt_request", {}, { channel: "control" });
      for (const id of cells) assert.equal((await client.answered(id)).reply.content.status, "error");
      await client.request("delete_subshell_request", { subshell_id }, { channel: "control" });
    },
  },
];
