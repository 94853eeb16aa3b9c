// Items 57 and 58: questions to who runs the cell.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import { changed, deaf, misread, named } from "../mutations.js";
import type { Draft } from "../proxy.js";
import { needed } from "../samples/samples.js";

const asking = { allow_stdin: true };

export const stdinChecks: Check[] = [
  {
    item: 57,
    title: "where questions are not allowed, asking fails at once and nobody is asked",
    mutants: [
      {
        name: "asks all the same",
        wire: misread(named("execute_request"), (draft) => {
          draft.content.allow_stdin = true;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const code = needed(samples.input, "ask for input");
      const { reply } = await client.execute(code, { allow_stdin: false });
      assert.equal(reply.content.status, "error");
      const byDefault = await client.request("execute_request", { code });
      assert.equal(byDefault.reply.content.status, "error", "allow_stdin is false by default");
      assert.deepEqual(
        client.seen.filter(({ channel }) => channel === "stdin"),
        [],
      );
    },
  },
  {
    item: 58,
    title:
      "the question comes on stdin to who runs the cell, with the cell as parent, and the answer is the value",
    mutants: [
      {
        name: "asks without a parent",
        wire: changed(named("input_request"), (draft) => {
          draft.parent = {};
        }),
      },
      {
        name: "loses the prompt",
        wire: changed(named("input_request"), (draft) => {
          draft.content.prompt = "";
        }),
      },
      {
        name: "asks everybody",
        wire: () => {
          const peers = new Map<string, Buffer>();
          return {
            toKernel(draft) {
              peers.set(draft.peer.toString("hex"), draft.peer);
              return undefined;
            },
            toClient(draft) {
              if (draft.name !== "input_request") return undefined;
              return [...peers.values()].map((peer): Draft => ({ ...draft, peer }));
            },
          };
        },
      },
    ],
    async run({ join, samples }) {
      const [client, other] = [await join(), await join()];
      const id = await client.start(needed(samples.input, "ask for input"), asking);
      const question = await client.wait(({ name }) => name === "input_request", "the question");
      assert.equal(question.parent.msg_id, id);
      assert.match(question.content.prompt, /name\?/);
      assert.equal(question.content.password, false);
      await client.send("stdin", "input_reply", { value: "Ada ä😀" }, { parent: question.header });
      assert.equal((await client.answered(id)).text(), "got Ada ä😀\n");
      await other.fence();
      assert.deepEqual(
        other.seen.filter(({ channel }) => channel === "stdin"),
        [],
        "another client was asked",
      );
    },
  },
  {
    item: 58,
    title: "what was printed comes before the question is answered, and a password is asked for as one",
    mutants: [
      {
        name: "keeps what was printed until the cell has ended",
        wire: () => {
          const held: Draft[] = [];
          return {
            toClient(draft) {
              if (draft.name === "idle") return [...held.splice(0), draft];
              if (draft.name !== "stream") return undefined;
              held.push(draft);
              return [];
            },
          };
        },
      },
      {
        name: "shows passwords",
        wire: changed(named("input_request"), (draft) => {
          draft.content.password = false;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const id = await client.start(needed(samples.password, "ask for a password"), asking);
      const question = await client.wait(({ name }) => name === "input_request", "the question");
      assert.equal(question.content.password, true);
      await client.print(id, "before\n");
      await client.send("stdin", "input_reply", { value: "s3cret" }, { parent: question.header });
      assert.match((await client.answered(id)).text(), /got s3cret\n$/);
    },
  },
  {
    item: 58,
    title: "answers that nobody asked for, and those of another client, are dropped",
    mutants: [
      {
        name: "takes anybody's answer",
        wire: () => {
          let asked: Buffer | undefined;
          return {
            toClient(draft) {
              if (draft.name === "input_request") asked = draft.peer;
              return undefined;
            },
            toKernel: (draft) =>
              draft.name === "input_reply" && asked ? [{ ...draft, peer: asked, parent: {} }] : undefined,
          };
        },
      },
    ],
    async run({ join, samples }) {
      const [client, other] = [await join(), await join()];
      const answer = async (who: typeof client, value: string, parent = {}): Promise<unknown> =>
        await who.send("stdin", "input_reply", { value }, { parent });
      await answer(client, "stale");
      await client.fence();
      const id = await client.start(needed(samples.input, "ask for input"), asking);
      const question = await client.wait(({ name }) => name === "input_request", "the question");
      await answer(other, "stranger", question.header);
      await client.fence("control");
      await other.fence("control");
      await answer(client, "right", question.header);
      assert.equal((await client.answered(id)).text(), "got right\n");
    },
  },
  {
    item: 58,
    title: "an interrupt ends the wait for an answer; a later answer harms nobody",
    mutants: [{ name: "goes on waiting", wire: deaf(named("interrupt_request")) }],
    async run({ join, samples }) {
      const client = await join();
      const id = await client.start(needed(samples.input, "ask for input"), asking);
      const question = await client.wait(({ name }) => name === "input_request", "the question");
      await client.request("interrupt_request", {}, { channel: "control" });
      assert.equal((await client.answered(id)).reply.content.status, "error");
      await client.send("stdin", "input_reply", { value: "late" }, { parent: question.header });
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
      const again = await client.start(needed(samples.input, "ask for input"), asking);
      const second = await client.wait(
        (m) => m.name === "input_request" && m.parent.msg_id === again,
        "the question",
      );
      await client.send("stdin", "input_reply", { value: "fresh" }, { parent: second.header });
      assert.equal((await client.answered(again)).text(), "got fresh\n");
    },
  },
  {
    item: 58,
    title: "the end of input (Ctrl-D) makes the cell fail",
    mutants: [
      {
        name: "takes Ctrl-D for text",
        wire: misread(named("input_reply"), (draft) => {
          draft.content.value = "text";
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const id = await client.start(needed(samples.input, "ask for input"), asking);
      const question = await client.wait(({ name }) => name === "input_request", "the question");
      await client.send("stdin", "input_reply", { value: "\x04" }, { parent: question.header });
      assert.equal((await client.answered(id)).reply.content.status, "error");
    },
  },
  {
    item: 58,
    title: "a shutdown ends the wait for an answer",
    mutants: [{ name: "goes on waiting", wire: deaf(named("shutdown_request")) }],
    async run({ start, samples }) {
      const kernel = await start();
      const client = await kernel.join();
      await client.start(needed(samples.input, "ask for input"), asking);
      await client.wait(({ name }) => name === "input_request", "the question");
      await client.send("control", "shutdown_request", { restart: false });
      await kernel.ended();
    },
  },
];
