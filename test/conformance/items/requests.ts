// Items 44 to 49 and 52: what is asked of a kernel beside running cells.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import type { Exchange } from "../client.js";
import { changed, deaf, misread, named, onChannel } from "../mutations.js";
import { needed } from "../samples/samples.js";
import { plain } from "../wire.js";

const codePoints = (text: string): string[] => [...text];

/** The text with a match put in. */
function applied(code: string, { reply }: Exchange, match: string): string {
  const points = codePoints(code);
  const { cursor_start, cursor_end } = reply.content;
  return [...points.slice(0, cursor_start), match, ...points.slice(cursor_end)].join("");
}

export const requestChecks: Check[] = [
  {
    item: 44,
    title: "kernel_info says protocol, implementation, language and features, on shell and on control alike",
    mutants: [
      {
        name: "says no file extension",
        wire: changed(named("kernel_info_reply"), (draft) => {
          delete draft.content.language_info?.file_extension;
        }),
      },
      {
        name: "says no features",
        wire: changed(named("kernel_info_reply"), (draft) => {
          delete draft.content.supported_features;
        }),
      },
      { name: "says nothing on control", wire: deaf(onChannel("control", "kernel_info_request")) },
    ],
    async run({ join, spec }) {
      const client = await join();
      const shell = (await client.request("kernel_info_request")).reply.content;
      const control = (await client.request("kernel_info_request", {}, { channel: "control" })).reply.content;
      assert.equal(shell.status, "ok");
      // A banner may be another one every time.
      assert.deepEqual({ ...control, banner: "" }, { ...shell, banner: "" });
      assert.match(shell.protocol_version, /^5\.\d+/);
      const [said] = /^\d+\.\d+/.exec(shell.protocol_version) ?? [];
      assert.equal(said, spec.kernel_protocol_version ?? said, "the kernelspec says another protocol");
    },
  },
  {
    item: 45,
    title: "completions fit the text between cursor_start and cursor_end",
    mutants: [
      {
        name: "says no end",
        wire: changed(named("complete_reply"), (draft) => {
          delete draft.content.cursor_end;
        }),
      },
      {
        name: "replaces the wrong text",
        wire: changed(named("complete_reply"), (draft) => {
          draft.content.cursor_start += 1;
        }),
      },
      {
        name: "gives types without text",
        wire: changed(named("complete_reply"), (draft) => {
          draft.content.metadata = { _jupyter_types_experimental: [{ type: "function" }] };
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { before, stem, whole } = samples.completion;
      const code = before + stem;
      const exchange = await client.request("complete_request", { code, cursor_pos: code.length });
      const { content } = exchange.reply;
      assert.equal(content.status, "ok");
      const results = content.matches.map((match: string) => applied(code, exchange, match));
      assert.ok(
        results.some((text: string) => text.startsWith(before + whole)),
        `completed to ${results.slice(0, 5)}`,
      );
      for (const at of [-5, 1000]) {
        const { reply } = await client.request("complete_request", { code, cursor_pos: at });
        assert.ok(["ok", "error"].includes(reply.content.status), `at ${at}`);
      }
    },
  },
  {
    item: 46,
    title: "positions count characters, not UTF-16 units",
    mutants: [
      {
        name: "answers in UTF-16 units",
        wire: changed(named("complete_reply"), (draft) => {
          draft.content.cursor_start += 2;
          draft.content.cursor_end += 2;
        }),
      },
      {
        name: "reads UTF-16 units",
        wire: misread(named("complete_request"), (draft) => {
          draft.content.cursor_pos -= 2;
        }),
      },
      {
        name: "reads UTF-16 units where it inspects",
        wire: misread(named("inspect_request"), (draft) => {
          draft.content.cursor_pos -= 2;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { before, stem, whole } = samples.completion;
      const code = samples.astral + before + stem;
      const exchange = await client.request("complete_request", {
        code,
        cursor_pos: codePoints(code).length,
      });
      const { matches, cursor_end } = exchange.reply.content;
      assert.equal(cursor_end, codePoints(code).length);
      const results = matches.map((match: string) => applied(code, exchange, match));
      assert.ok(
        results.some((text: string) => text.startsWith(samples.astral + before + whole)),
        `completed to ${results.slice(0, 5)}`,
      );
      // At the first character of the name: two further to the left it would be another one.
      const inspected = await client.request("inspect_request", {
        code: samples.astral + samples.inspect.code,
        cursor_pos: codePoints(samples.astral).length + 1,
        detail_level: 0,
      });
      assert.equal(inspected.reply.content.found, true, "inspected");
    },
  },
  {
    item: 47,
    title: "inspect finds what is there; what is not there is not found, which is no error",
    mutants: [
      {
        name: "fails where nothing is found",
        wire: changed(named("inspect_reply"), (draft) => {
          if (draft.content.found === false)
            draft.content = { status: "error", ename: "Error", evalue: "nothing", traceback: [] };
        }),
      },
      {
        name: "finds nothing",
        wire: changed(named("inspect_reply"), (draft) => {
          draft.content = { status: "ok", found: false, data: {}, metadata: {} };
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { code, cursor } = samples.inspect;
      for (const detail_level of [0, 1]) {
        const { content } = (
          await client.request("inspect_request", { code, cursor_pos: cursor, detail_level })
        ).reply;
        assert.equal(content.status, "ok");
        assert.equal(content.found, true);
        assert.equal(typeof content.data["text/plain"], "string");
      }
      const nothing = await client.request("inspect_request", {
        ...{ code: samples.unknown, cursor_pos: 3, detail_level: 0 },
      });
      assert.equal(nothing.reply.content.status, "ok");
      assert.equal(nothing.reply.content.found, false, JSON.stringify(nothing.reply.content.data));
    },
  },
  {
    item: 48,
    title:
      "is_complete tells complete, incomplete and invalid code apart, and indents only what is incomplete",
    mutants: [
      {
        name: "indents what is complete",
        wire: changed(named("is_complete_reply"), (draft) => {
          draft.content.indent = "  ";
        }),
      },
      {
        name: "never knows",
        wire: changed(named("is_complete_reply"), (draft) => {
          draft.content = { status: "unknown" };
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      for (const [status, code] of Object.entries(samples.isComplete)) {
        const { content } = (await client.request("is_complete_request", { code })).reply;
        assert.equal(content.status, status, code);
      }
    },
  },
  {
    item: 49,
    title: "history by tail, range and search, with outputs where they are asked for",
    mutants: [
      {
        name: "gives outputs to nobody",
        wire: changed(named("history_reply"), (draft) => {
          draft.content.history = draft.content.history.map(
            ([session, line, entry]: [number, number, unknown]) => [
              session,
              line,
              Array.isArray(entry) ? entry[0] : entry,
            ],
          );
        }),
      },
      {
        name: "gives all for a tail",
        wire: misread(named("history_request"), (draft) => {
          draft.content.n = 100;
        }),
      },
      {
        name: "takes this session for the one before it",
        wire: misread(named("history_request"), (draft) => {
          if (draft.content.session === -1) draft.content.session = 0;
        }),
      },
      {
        name: "takes a pattern for text",
        wire: misread(named("history_request"), (draft) => {
          if (draft.content.pattern) draft.content.pattern = draft.content.pattern.replaceAll("*", "[*]");
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const [one, two] = ["1001", "1002"].map((digits) => samples.print(digits)) as [string, string];
      const line = (await client.execute(one)).reply.content.execution_count;
      await client.execute(two);
      await client.execute(two);
      await client.execute(samples.value);
      const ask = async (content: object): Promise<[number, number, string | [string, string]][]> =>
        (await client.request("history_request", { output: false, raw: true, ...content })).reply.content
          .history;
      const inputs = async (content: object): Promise<unknown[]> =>
        (await ask(content)).map(([, , input]) => input);
      assert.deepEqual(await inputs({ hist_access_type: "tail", n: 2 }), [two, samples.value]);
      const range = { hist_access_type: "range", session: 0, start: line, stop: line + 2 };
      assert.deepEqual(await inputs(range), [one, two]);
      const pattern = `*${"1002"}*`;
      assert.deepEqual(await inputs({ hist_access_type: "search", pattern, n: 5 }), [two, two]);
      assert.deepEqual(await inputs({ hist_access_type: "search", pattern, n: 5, unique: true }), [two]);
      assert.deepEqual(await inputs({ hist_access_type: "search", pattern, n: 1 }), [two]);
      const earlier = await inputs({ ...range, session: -1 });
      assert.ok(!earlier.includes(one), "this session is not the one before it");
      const [last] = await ask({ hist_access_type: "tail", n: 1, output: true });
      const [input, output] = last?.[2] ?? [];
      assert.equal(input, samples.value);
      assert.ok(output === null || plain(output) === "42", `the output is ${output}`);
    },
  },
  {
    item: 52,
    title: "what a cell writes to stdout and to stderr is told apart",
    mutants: [
      {
        name: "calls stderr stdout",
        wire: changed(named("stream"), (draft) => {
          draft.content.name = "stdout";
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      assert.equal((await client.execute(samples.hello)).text("stdout"), "hello, world\n");
      assert.equal((await client.execute(samples.stderr)).text("stderr"), "to stderr\n");
    },
  },
  {
    item: 52,
    title: "connect_request is answered with the ports, or not at all",
    mutants: [
      {
        name: "says other ports",
        wire: changed(named("connect_reply"), (draft) => {
          draft.content.iopub_port += 1;
        }),
      },
    ],
    async run({ join, kernel }) {
      const client = await join();
      const id = await client.send("shell", "connect_request", {});
      await client.fence();
      for (const { content } of client.replies(id))
        for (const name of ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const)
          assert.equal(content[name] ?? kernel.connection[name], kernel.connection[name], name);
    },
  },
  {
    item: 52,
    title: "clear_output says whether it waits",
    mutants: [
      {
        name: "does not say whether it waits",
        wire: changed(named("clear_output"), (draft) => {
          delete draft.content.wait;
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const cleared = await client.execute(needed(samples.clear, "clear outputs"));
      assert.equal(cleared.of("clear_output")[0]?.content.wait, true);
    },
  },
];
