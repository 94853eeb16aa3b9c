// Items 40 to 43: what becomes of cells behind a failing one, payloads, and output that comes late.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import { both, changed, dropped, misread, named, withStatus } from "../mutations.js";
import { needed } from "../samples/samples.js";

export const queueChecks: Check[] = [
  {
    item: 40,
    title: "an error aborts the cells that are queued, and no request of another kind",
    mutants: [
      {
        name: "aborts kernel_info, too",
        wire: () => {
          let failed = false;
          return {
            toClient(draft) {
              if (draft.content.status === "error") failed = true;
              if (!failed || draft.name !== "kernel_info_reply") return undefined;
              return [{ ...draft, content: { status: "aborted" } }];
            },
          };
        },
      },
      {
        name: "runs on after an error",
        wire: misread(named("execute_request"), (draft) => {
          draft.content.stop_on_error = false;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const failing = await client.start(samples.fail);
      const cells: string[] = [];
      const others: string[] = [];
      for (let i = 0; i < 3; i++) {
        cells.push(await client.start(samples.hello));
        others.push(await client.send("shell", "kernel_info_request", {}));
        others.push(await client.send("shell", "comm_info_request", {}));
        others.push(
          await client.send("shell", "inspect_request", {
            code: samples.unknown,
            cursor_pos: 1,
            detail_level: 0,
          }),
        );
      }
      assert.equal((await client.answered(failing)).reply.content.status, "error");
      for (const id of cells) {
        const { reply, text } = await client.answered(id);
        assert.equal(reply.content.status, "aborted");
        assert.equal(text(), "");
      }
      for (const id of others) assert.equal((await client.answered(id)).reply.content.status, "ok");
    },
  },
  {
    item: 40,
    title: "a cell that is sent after the error's reply is run",
    mutants: [
      {
        name: "aborts what comes within 200 ms",
        wire: () => {
          let failed = false;
          return {
            toClient(draft) {
              if (draft.name !== "execute_reply") return undefined;
              const { status, execution_count } = draft.content;
              if (status === "error") failed = true;
              else if (failed) return [{ ...draft, content: { status: "aborted", execution_count } }];
              return undefined;
            },
          };
        },
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      for (let i = 0; i < 5; i++) {
        const id = await client.start(samples.fail);
        await client.wait((m) => m.channel === "shell" && m.parent.msg_id === id, "the error's reply");
        assert.equal((await client.execute(samples.hello)).reply.content.status, "ok");
      }
    },
  },
  {
    item: 40,
    title: "with stop_on_error false nothing is aborted",
    mutants: [
      {
        name: "aborts all the same",
        wire: misread(named("execute_request"), (draft) => {
          draft.content.stop_on_error = true;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const failing = await client.start(samples.fail, { stop_on_error: false });
      const next = await client.start(samples.hello);
      assert.equal((await client.answered(failing)).reply.content.status, "error");
      assert.equal((await client.answered(next)).text(), "hello, world\n");
    },
  },
  {
    item: 41,
    title: "an aborted cell's reply says `aborted`, and the counter",
    mutants: [
      {
        name: "says `abort`",
        wire: changed(both(named("execute_reply"), withStatus("aborted")), (draft) => {
          draft.content.status = "abort";
        }),
      },
      {
        name: "forgets the counter",
        wire: changed(both(named("execute_reply"), withStatus("aborted")), (draft) => {
          delete draft.content.execution_count;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const failing = await client.start(samples.fail);
      const next = await client.start(samples.hello);
      const count = (await client.answered(failing)).reply.content.execution_count;
      const { content } = (await client.answered(next)).reply;
      assert.equal(content.status, "aborted");
      assert.equal(content.execution_count, count);
    },
  },
  {
    item: 42,
    title: "a page payload has text/plain",
    mutants: [
      {
        name: "pages HTML only",
        wire: changed(named("execute_reply"), (draft) => {
          for (const { data } of draft.content.payload ?? []) delete data?.["text/plain"];
        }),
      },
    ],
    notOffered: ({ samples }) =>
      samples.page === undefined
        ? "payloads are deprecated, and no cell of this kernel makes one"
        : undefined,
    async run({ join, samples }) {
      const client = await join();
      const { payload } = (await client.execute(needed(samples.page, "page"))).reply.content;
      const page = payload.find(({ source }: { source: string }) => source === "page");
      assert.equal(typeof page?.data["text/plain"], "string");
      assert.equal(typeof page.start, "number");
    },
  },
  {
    item: 42,
    title: "a cell that proposes the next one does so once, with its text",
    mutants: [
      {
        name: "proposes every text",
        wire: changed(named("execute_reply"), (draft) => {
          draft.content.payload?.unshift({
            source: "set_next_input",
            text: "an earlier one",
            replace: false,
          });
        }),
      },
      {
        name: "proposes without a text",
        wire: changed(named("execute_reply"), (draft) => {
          for (const payload of draft.content.payload ?? []) delete payload.text;
        }),
      },
    ],
    notOffered: ({ samples }) =>
      samples.nextInput === undefined
        ? "payloads are deprecated, and no cell of this kernel proposes another one"
        : undefined,
    async run({ join, samples }) {
      const client = await join();
      const { payload } = (await client.execute(needed(samples.nextInput, "propose a cell"))).reply.content;
      const proposed = payload.filter(({ source }: { source: string }) => source === "set_next_input");
      assert.deepEqual(
        proposed.map(({ text }: { text: string }) => text),
        ["second"],
      );
    },
  },
  {
    item: 43,
    title: "what a cell prints after it has ended belongs to that cell, also while another one runs",
    mutants: [
      {
        name: "gives it to the newest cell",
        wire: () => {
          let newest: Record<string, unknown> = {};
          return {
            toClient(draft) {
              if (draft.name === "busy" && draft.parent.msg_type === "execute_request") newest = draft.parent;
              if (draft.name !== "stream" || !/late/.test(draft.content.text)) return undefined;
              return [{ ...draft, parent: newest }];
            },
          };
        },
      },
      {
        name: "loses it",
        wire: dropped(({ name, content }) => name === "stream" && /late/.test(content.text)),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const id = await client.start(samples.late, {}, { late: true });
      await client.answered(id);
      const next = await client.execute(samples.sleep(400));
      await client.print(id, "late");
      assert.equal(next.text(), "");
    },
  },
];
