// Items 37 to 39: errors, results, displays and expressions.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import { both, changed, dropped, named, preceded, repeated, withStatus } from "../mutations.js";
import { needed } from "../samples/samples.js";
import { plain } from "../wire.js";

const outputs = new Set(["stream", "display_data", "execute_result", "error", "update_display_data"]);
const failed = { status: "error", ename: "Error", evalue: "no", traceback: [] };

export const resultChecks: Check[] = [
  {
    item: 37,
    title:
      "a cell that only throws publishes one error and nothing else, with the reply's name, value and traceback",
    mutants: [
      {
        name: "prints the error as well",
        wire: preceded(named("error"), "stream", { name: "stderr", text: "oh" }),
      },
      { name: "publishes no error", wire: dropped(named("error")) },
      { name: "publishes it twice", wire: repeated(named("error")) },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { names, of, reply } = await client.execute(samples.fail);
      assert.deepEqual(
        names.filter((name) => outputs.has(name)),
        ["error"],
      );
      const { ename, evalue, traceback } = of("error")[0]?.content ?? {};
      assert.deepEqual(
        { ename, evalue, traceback },
        { ename: reply.content.ename, evalue: reply.content.evalue, traceback: reply.content.traceback },
      );
    },
  },
  {
    item: 38,
    title: "results and displays have text/plain, MIME types without parameters, and JSON as JSON",
    mutants: [
      {
        name: "has no text/plain",
        wire: changed(named("execute_result"), (draft) => {
          delete draft.content.data["text/plain"];
        }),
      },
      {
        name: "sends JSON as text",
        wire: changed(named("display_data"), (draft) => {
          const { data } = draft.content;
          if ("application/json" in data) data["application/json"] = JSON.stringify(data["application/json"]);
        }),
      },
      {
        name: "adds a parameter to a MIME type",
        wire: changed(named("display_data"), (draft) => {
          draft.content.data["text/html; charset=utf-8"] = "";
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const value = await client.execute(samples.value);
      assert.equal(plain(value.of("execute_result")[0]?.content.data["text/plain"]), "42");
      const shown = await client.execute(needed(samples.display, "display HTML"));
      assert.match(shown.of("display_data")[0]?.content.data["text/html"], /hi/);
      const json = await client.execute(needed(samples.json, "display JSON"));
      assert.deepEqual(json.of("display_data")[0]?.content.data["application/json"], { a: [1] });
    },
  },
  {
    item: 38,
    title: "an output with a display_id is replaced under that id",
    mutants: [
      {
        name: "forgets the id",
        wire: changed(named("display_data"), (draft) => {
          draft.content.transient = {};
        }),
      },
      {
        name: "replaces under another id",
        wire: changed(named("update_display_data"), (draft) => {
          draft.content.transient = { display_id: "another" };
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const first = await client.execute(needed(samples.displayId, "display under an id"));
      const id = first.of("display_data").at(-1)?.content.transient?.display_id;
      assert.equal(typeof id, "string", "display_id");
      const second = await client.execute(needed(samples.updateDisplay, "replace a display"));
      assert.equal(second.of("update_display_data")[0]?.content.transient.display_id, id);
    },
  },
  {
    item: 38,
    title: "a value whose formatter throws makes the cell fail",
    mutants: [
      {
        name: "says ok",
        wire: changed(both(named("execute_reply"), withStatus("error")), (draft) => {
          const { execution_count } = draft.content;
          draft.content = { status: "ok", execution_count, payload: [], user_expressions: {} };
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { reply } = await client.execute(needed(samples.badFormatter, "bring a formatter"));
      assert.equal(reply.content.status, "error");
    },
  },
  {
    item: 39,
    title: "user_expressions are evaluated after the cell, each for itself: one that fails fails alone",
    mutants: [
      {
        name: "fails all with one",
        wire: changed(named("execute_reply"), (draft) => {
          for (const key of Object.keys(draft.content.user_expressions ?? {}))
            draft.content.user_expressions[key] = failed;
        }),
      },
      {
        name: "evaluates after an error",
        wire: changed(both(named("execute_reply"), withStatus("error")), (draft) => {
          draft.content.user_expressions = { good: failed };
        }),
      },
      {
        name: "gives values without a status",
        wire: changed(named("execute_reply"), (draft) => {
          for (const value of Object.values(draft.content.user_expressions ?? {}))
            delete (value as Record<string, unknown>).status;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { good, bad } = samples.expressions;
      const { reply } = await client.execute(samples.assign("seen", 5), {
        user_expressions: { good, bad, after: "seen" },
      });
      assert.equal(reply.content.status, "ok");
      const { user_expressions: values } = reply.content;
      assert.equal(values.good.status, "ok");
      assert.equal(plain(values.good.data["text/plain"]), "42");
      assert.equal(plain(values.after.data["text/plain"]), "5", "evaluated before the cell");
      assert.equal(values.bad.status, "error");
      assert.ok(values.bad.ename);
      const failing = await client.execute(samples.fail, { user_expressions: { good } });
      assert.deepEqual(failing.reply.content.user_expressions ?? {}, {}, "evaluated though the cell failed");
    },
  },
];
