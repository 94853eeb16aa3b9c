// Items 31 to 36: what a cell's request says, what is published for it, and what is answered.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import { another, both, changed, deaf, delayed, dropped, misread, named, withStatus } from "../mutations.js";

export const executeChecks: Check[] = [
  {
    item: 31,
    title: "a request with `code` alone is run, counted and shown; after an error it aborts what is queued",
    mutants: [
      {
        name: "does not count unless it is asked to",
        wire: misread(
          ({ name, content }) => name === "execute_request" && !("store_history" in content),
          (draft) => {
            draft.content.store_history = false;
          },
        ),
      },
      {
        name: "does not abort unless it is asked to",
        wire: misread(
          ({ name, content }) => name === "execute_request" && !("stop_on_error" in content),
          (draft) => {
            draft.content.stop_on_error = false;
          },
        ),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const count = async (): Promise<number> =>
        (await client.execute("", { silent: true })).reply.content.execution_count;
      const before = await count();
      const plain = await client.request("execute_request", { code: samples.hello });
      assert.equal(plain.reply.content.status, "ok");
      assert.equal(plain.text(), "hello, world\n");
      assert.equal(await count(), before + 1, "store_history is true by default");
      await client.request("execute_request", { code: samples.hello, silent: true });
      assert.equal(await count(), before + 1, "store_history is false by default where silent is true");
      const failing = await client.send("shell", "execute_request", { code: samples.fail });
      const next = await client.send("shell", "execute_request", { code: samples.hello });
      await client.answered(failing);
      assert.equal((await client.answered(next)).reply.content.status, "aborted");
    },
  },
  {
    item: 31,
    title: "a request without `code`, or with a field of another type, is answered by an error",
    mutants: [
      {
        name: "says nothing to bad requests",
        wire: deaf(({ name, content }) => name === "execute_request" && typeof content.code !== "string"),
      },
      {
        name: "makes the best of them",
        wire: misread(
          ({ content }) => typeof content.user_expressions === "number",
          (draft) => {
            draft.content.user_expressions = {};
          },
        ),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const code = samples.hello;
      for (const content of [
        {},
        { code: 7 },
        { code: null, silent: false },
        { code, user_expressions: 7 },
        { code, silent: "yes" },
        { code, allow_stdin: {} },
      ]) {
        const { reply } = await client.request("execute_request", content);
        assert.equal(reply.content.status, "error", JSON.stringify(content));
      }
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
    },
  },
  {
    item: 32,
    title: "execute_input is published before anything of the cell, unless silent",
    mutants: [
      { name: "never publishes it", wire: dropped(named("execute_input")) },
      { name: "publishes it after the output", wire: delayed(named("execute_input"), named("stream")) },
      {
        name: "publishes it for silent cells",
        wire: () => {
          let silent = "";
          return {
            toKernel(draft) {
              if (draft.content.silent) silent = String(draft.header.msg_id);
              return undefined;
            },
            toClient(draft) {
              if (draft.name !== "idle" || draft.parent.msg_id !== silent) return undefined;
              return [another(draft, "execute_input", { code: "", execution_count: 1 }), draft];
            },
          };
        },
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { names, of } = await client.execute(samples.hello);
      assert.deepEqual(names, ["busy", "execute_input", "stream", "idle"]);
      assert.equal(of("execute_input")[0]?.content.code, samples.hello);
      const silent = await client.execute(samples.assign("unseen", 1), { silent: true });
      assert.deepEqual(silent.names, ["busy", "idle"]);
    },
  },
  {
    item: 33,
    title:
      "the counter goes up by one where history is stored, and only there; all that carries it says the same",
    mutants: [
      {
        name: "counts what is not stored",
        wire: misread(
          ({ name, content }) =>
            name === "execute_request" && content.store_history === false && !content.silent,
          (draft) => {
            draft.content.store_history = true;
          },
        ),
      },
      {
        name: "says another count in the result",
        wire: changed(named("execute_result"), (draft) => {
          draft.content.execution_count += 1;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const run = async (content = {}): Promise<number> => {
        const { reply, of } = await client.execute(samples.value, content);
        const count = reply.content.execution_count;
        for (const message of [...of("execute_input"), ...of("execute_result")])
          assert.equal(message.content.execution_count, count, message.name);
        return count;
      };
      const first = await run();
      assert.equal(await run(), first + 1);
      assert.equal(await run({ store_history: false }), first + 1);
      assert.equal((await client.execute(samples.fail)).reply.content.execution_count, first + 2);
      assert.equal(await run(), first + 3);
    },
  },
  {
    item: 34,
    title: "a silent cell publishes nothing and is not counted; its errors are answered and abort nothing",
    mutants: [
      {
        name: "shows what silent cells print",
        wire: misread(
          ({ content }) => content.silent === true && content.code !== "",
          (draft) => {
            draft.content.silent = false;
            draft.content.store_history = false;
          },
        ),
      },
      {
        name: "remembers silent cells",
        wire: changed(named("history_reply"), (draft) => {
          draft.content.history = [[1, 1, "silent"]];
        }),
      },
      {
        name: "aborts after a silent error",
        wire: () => {
          let abort = false;
          return {
            toClient(draft) {
              if (draft.name !== "execute_reply") return undefined;
              if (draft.content.status === "error") abort = true;
              else if (abort)
                return [
                  {
                    ...draft,
                    content: { status: "aborted", execution_count: draft.content.execution_count },
                  },
                ];
              return undefined;
            },
          };
        },
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const before = (await client.execute(samples.hello)).reply.content.execution_count;
      for (const code of [
        samples.print("hushed"),
        samples.stderr,
        samples.value,
        ...(samples.display ? [samples.display] : []),
      ]) {
        const { names, reply } = await client.execute(code, { silent: true, store_history: true });
        assert.deepEqual(names, ["busy", "idle"], code);
        assert.equal(reply.content.status, "ok", code);
      }
      const tail = { hist_access_type: "tail", n: 1, output: false, raw: true };
      const { history } = (await client.request("history_request", tail)).reply.content;
      assert.deepEqual(
        history.map(([, , input]: [number, number, string]) => input),
        [samples.hello],
        "what was silent is in the history",
      );
      const failing = await client.start(samples.fail, { silent: true });
      const next = await client.start(samples.hello);
      assert.equal((await client.answered(failing)).reply.content.status, "error");
      const { reply } = await client.answered(next);
      assert.equal(reply.content.status, "ok");
      assert.equal(reply.content.execution_count, before + 1);
    },
  },
  {
    item: 35,
    title: "an empty silent cell answers with the counter",
    mutants: [
      {
        name: "counts empty cells from 0",
        wire: () => {
          let code = "";
          return {
            toKernel(draft) {
              code = String(draft.content.code);
              return undefined;
            },
            toClient: (draft) =>
              draft.name === "execute_reply" && code === ""
                ? [{ ...draft, content: { ...draft.content, execution_count: 0 } }]
                : undefined,
          };
        },
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { reply } = await client.execute(samples.hello);
      const asked = await client.execute("", { silent: true, store_history: false });
      assert.equal(asked.reply.content.status, "ok");
      assert.equal(asked.reply.content.execution_count, reply.content.execution_count);
      assert.deepEqual(asked.names, ["busy", "idle"]);
    },
  },
  {
    item: 36,
    title: "the reply says ok with count, payload and expressions, or error with name, value and traceback",
    mutants: [
      {
        name: "answers errors without a traceback",
        wire: changed(both(named("execute_reply"), withStatus("error")), (draft) => {
          delete draft.content.traceback;
        }),
      },
      {
        name: "answers without expressions",
        wire: changed(both(named("execute_reply"), withStatus("ok")), (draft) => {
          delete draft.content.user_expressions;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const good = (await client.execute(samples.value)).reply.content;
      assert.equal(good.status, "ok");
      assert.deepEqual(good.user_expressions, {});
      assert.ok(good.payload === undefined || Array.isArray(good.payload), "payload");
      for (const code of [samples.fail, samples.syntaxError]) {
        const bad = (await client.execute(code)).reply.content;
        assert.equal(bad.status, "error", `the status of ${code}`);
        assert.ok(bad.ename, `the name of the error of ${code}`);
        assert.equal(typeof bad.evalue, "string", `the value of the error of ${code}`);
        assert.ok(bad.traceback.length > 0, `the traceback of ${code} is empty`);
      }
    },
  },
];
