// Items 26 to 30: busy and idle, and what must stand between them.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import { executeDefaults } from "../client.js";
import {
  another,
  both,
  changed,
  delayed,
  dropped,
  named,
  onChannel,
  parentIs,
  repeated,
  withStatus,
} from "../mutations.js";
import type { Draft, Mutation } from "../proxy.js";

/** Requests that any kernel answers at once. */
const quick = [
  ["kernel_info_request", {}],
  ["complete_request", { code: "a", cursor_pos: 1 }],
  ["inspect_request", { code: "a", cursor_pos: 1, detail_level: 0 }],
  ["is_complete_request", { code: "1" }],
  ["history_request", { hist_access_type: "tail", n: 1, output: false, raw: true }],
  ["comm_info_request", {}],
] as const;

/** Idle overtakes the last output of its request. */
function idleBeforeLastOutput(): Mutation {
  let held: Draft | undefined;
  return {
    toClient(draft) {
      if (draft.channel !== "iopub") return undefined;
      if (draft.name === "stream") {
        const before = held;
        held = draft;
        return before ? [before] : [];
      }
      if (!held) return undefined;
      const last = held;
      held = undefined;
      return draft.name === "idle" ? [draft, last] : [last, draft];
    },
  };
}

export const orderChecks: Check[] = [
  {
    item: 26,
    title: "each request on shell and control has one busy before all that it publishes, and one idle",
    mutants: [
      { name: "is never busy", wire: dropped(named("busy")) },
      {
        name: "is never idle again after a completion",
        wire: dropped(both(named("idle"), parentIs("complete_request"))),
      },
      { name: "is busy twice", wire: repeated(both(named("busy"), parentIs("execute_request"))) },
      {
        name: "is busy again after the cell has ended",
        wire: () => {
          let cell: Draft | undefined;
          return {
            toClient(draft) {
              if (draft.name === "busy" && draft.parent.msg_type === "execute_request") cell = draft;
              if (draft.name !== "idle" || draft.parent.msg_type !== "kernel_info_request" || !cell)
                return undefined;
              return [draft, another(cell, "status", cell.content)];
            },
          };
        },
      },
      { name: "is idle twice", wire: repeated(both(named("idle"), parentIs("execute_request"))) },
      {
        name: "is idle for somebody else",
        wire: changed(both(named("idle"), parentIs("is_complete_request")), (draft) => {
          draft.parent = { ...draft.parent, msg_id: "another" };
        }),
      },
      { name: "answers twice", wire: repeated(onChannel("shell", "execute_reply")) },
    ],
    async run({ join, samples }) {
      const client = await join();
      for (const channel of ["shell", "control"] as const) {
        const id = await client.send(channel, "kernel_info_request", {});
        assert.deepEqual((await client.answered(id)).names, ["busy", "idle"], channel);
      }
      for (const [type, content] of quick)
        assert.deepEqual((await client.request(type, content)).names, ["busy", "idle"], type);
      const { names } = await client.execute(samples.hello);
      assert.equal(names[0], "busy");
      assert.equal(names.at(-1), "idle");
      await client.fence();
    },
  },
  {
    item: 26,
    title: "a comm's messages stand between busy and idle, too",
    mutants: [
      { name: "is not busy with comms", wire: dropped(both(named("busy", "idle"), parentIs("comm_open"))) },
    ],
    async run({ join }) {
      const client = await join();
      const id = await client.send("shell", "comm_open", {
        ...{ comm_id: `comm-${client.session}`, target_name: "conformance.nobody", data: {} },
      });
      await client.idle(id);
      assert.equal(client.of(id)[0]?.name, "busy");
    },
  },
  {
    item: 27,
    title: "queued requests of all kinds are served one after another, in the order in which they came",
    mutants: [
      {
        name: "begins the next before it has ended the last",
        wire: delayed(both(named("idle"), parentIs("execute_request")), named("busy")),
      },
      {
        name: "serves the last first",
        wire: () => {
          const held: Draft[] = [];
          return {
            toKernel(draft) {
              if (draft.name !== "comm_info_request" || held.length > 0) return undefined;
              held.push(draft);
              return [];
            },
            toClient: () => undefined,
          };
        },
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const sent: string[] = [await client.start(samples.sleep(100))];
      for (let round = 0; round < 8; round++) {
        for (const [type, content] of quick) sent.push(await client.send("shell", type, content));
        sent.push(await client.start(samples.value));
      }
      for (const id of sent) await client.answered(id);
      const busy = client.seen.filter(({ name }) => name === "busy").map(({ parent }) => parent.msg_id);
      assert.deepEqual(
        busy.filter((id) => sent.includes(id)),
        sent,
      );
      const replies = client.seen
        .filter(({ channel }) => channel === "shell")
        .map(({ parent }) => parent.msg_id);
      assert.deepEqual(
        replies.filter((id) => sent.includes(id)),
        sent,
      );
    },
  },
  {
    item: 28,
    title: "all output comes before idle, however much there is, and in order",
    mutants: [
      { name: "is idle before the last output", wire: idleBeforeLastOutput },
      {
        name: "loses lines",
        wire: changed(named("stream"), (draft) => {
          draft.content.text = String(draft.content.text).replace("line 7\n", "");
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { reply, text, names } = await client.execute(samples.flood(5000));
      assert.equal(reply.content.status, "ok");
      assert.equal(names.at(-1), "idle");
      const lines = text().split("\n");
      assert.equal(lines.length - 1, 5000, "lines");
      assert.ok(
        lines.slice(0, -1).every((line, index) => line === `line ${index}`),
        "the order of the lines",
      );
      await client.fence();
    },
  },
  {
    item: 29,
    title: "control is answered while a cell runs, and one request after another",
    mutants: [
      {
        name: "keeps control waiting for the cell",
        wire: delayed(onChannel("control"), both(named("execute_reply"), onChannel("shell"))),
      },
      {
        name: "serves control's requests at the same time",
        wire: delayed(both(named("idle"), parentIs("kernel_info_request")), named("busy")),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const id = await client.start(samples.loop);
      await client.print(id, "in");
      const sent: string[] = [];
      for (let i = 0; i < 10; i++) sent.push(await client.send("control", "kernel_info_request", {}));
      for (const one of sent) await client.answered(one);
      assert.deepEqual(client.replies(id), [], "the loop has ended by itself");
      const answered = client.seen
        .filter(({ channel }) => channel === "control")
        .map(({ parent }) => parent.msg_id);
      assert.deepEqual(answered, sent);
      await client.request("interrupt_request", {}, { channel: "control" });
      await client.answered(id);
    },
  },
  {
    item: 30,
    title: "an aborted request has one busy, one idle and one reply",
    mutants: [
      {
        name: "forgets idle of aborted requests",
        wire: () => {
          let cells = 0;
          return {
            toClient: ({ name, parent }) =>
              name === "idle" && parent.msg_type === "execute_request" && cells++ > 0 ? [] : undefined,
          };
        },
      },
      {
        name: "answers aborted requests twice",
        wire: repeated(both(named("execute_reply"), withStatus("aborted"))),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const failing = await client.start(samples.fail);
      const content = { code: samples.hello, ...executeDefaults };
      const behind: string[] = [];
      for (let i = 0; i < 3; i++) behind.push(await client.send("shell", "execute_request", content));
      assert.equal((await client.answered(failing)).reply.content.status, "error");
      for (const id of behind) {
        const { reply, names } = await client.answered(id);
        assert.equal(reply.content.status, "aborted");
        assert.deepEqual(names, ["busy", "idle"]);
      }
      await client.fence();
    },
  },
];
