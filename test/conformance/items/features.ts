// Items 55 and 56, which a kernel may leave out: debugger and subshells.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import type { Client } from "../client.js";
import { both, changed, deaf, delayed, dropped, misread, named, withStatus } from "../mutations.js";
import type { Content } from "../wire.js";

const noDebugger: Check["notOffered"] = ({ info }) =>
  info.debugger === true || info.supported_features?.includes("debugger")
    ? undefined
    : "kernel_info's supported_features do not name the debugger";
const noSubshells: Check["notOffered"] = ({ info }) =>
  info.supported_features?.includes("kernel subshells")
    ? undefined
    : "kernel_info's supported_features do not name subshells";

/** Speaks the Debug Adapter Protocol over control. */
function debuggerOf(client: Client): (command: string, args?: Content) => Promise<Content> {
  let seq = 0;
  return async (command, args = {}) => {
    const request = { type: "request", seq: ++seq, command, arguments: args };
    const { reply } = await client.request("debug_request", request, { channel: "control" });
    assert.equal(reply.content.request_seq, request.seq, `${command}: request_seq`);
    assert.equal(reply.content.success, true, `${command}: ${reply.content.message ?? "no success"}`);
    return reply.content.body ?? {};
  };
}

const introduction = {
  ...{ clientID: "conformance", clientName: "conformance", adapterID: "", locale: "en" },
  ...{ pathFormat: "path", linesStartAt1: true, columnsStartAt1: true, supportsVariableType: true },
};

const leaving = { restart: false, terminateDebuggee: false };

export const featureChecks: Check[] = [
  {
    item: 55,
    title: "the debugger starts, says its state, and tells of variables without stopping",
    notOffered: noDebugger,
    mutants: [
      {
        name: "answers another request",
        wire: changed(named("debug_reply"), (draft) => {
          draft.content.request_seq += 1;
        }),
      },
      {
        name: "does not say how cells are named",
        wire: changed(named("debug_reply"), (draft) => {
          if (draft.content.body) delete draft.content.body.tmpFilePrefix;
        }),
      },
      {
        name: "knows no variables",
        wire: changed(named("debug_reply"), (draft) => {
          if (draft.content.body?.variables) draft.content.body.variables = [];
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const ask = debuggerOf(client);
      await client.execute(samples.assign("watched", 42));
      const before = await ask("debugInfo");
      assert.equal(before.isStarted, false);
      await ask("initialize", introduction);
      await ask("attach");
      try {
        const info = await ask("debugInfo");
        assert.equal(info.isStarted, true);
        for (const field of ["hashMethod", "tmpFilePrefix", "tmpFileSuffix"])
          assert.equal(typeof info[field], "string", field);
        assert.ok(Array.isArray(info.breakpoints) && Array.isArray(info.stoppedThreads));
        const { variables } = await ask("inspectVariables");
        const watched = variables.find(({ name }: Content) => name === "watched");
        assert.match(watched?.value ?? "", /42/);
        const rich = await ask("richInspectVariables", { variableName: "watched" });
        assert.match(String(rich.data?.["text/plain"]), /42/);
      } finally {
        await ask("disconnect", leaving).catch(() => {});
      }
    },
  },
  {
    item: 55,
    title:
      "a cell stops at a breakpoint, shows its stack and variables, and goes on; a reloaded page learns all of it",
    notOffered: noDebugger,
    mutants: [
      { name: "does not tell that it stopped", wire: dropped(named("debug_event")) },
      {
        name: "forgets breakpoints",
        wire: changed(named("debug_reply"), (draft) => {
          if (draft.content.command === "debugInfo") draft.content.body.breakpoints = [];
        }),
      },
      {
        name: "stops at another line",
        wire: changed(named("debug_reply"), (draft) => {
          for (const frame of draft.content.body?.stackFrames ?? []) frame.line += 1;
        }),
      },
    ],
    async run({ join, samples }) {
      // While a cell stands still, shell answers nobody: the other page is there before.
      const [client, page] = [await join(), await join()];
      const ask = debuggerOf(client);
      const { code, line, variable } = samples.debug;
      await ask("initialize", introduction);
      await ask("attach");
      try {
        const { sourcePath } = await ask("dumpCell", { code });
        const { breakpoints } = await ask("setBreakpoints", {
          source: { path: sourcePath },
          breakpoints: [{ line }],
          sourceModified: false,
        });
        assert.equal(breakpoints.length, 1);
        await ask("configurationDone");
        const id = await client.start(code);
        const stopped = await client.wait(
          (m) => m.name === "debug_event" && m.content.event === "stopped",
          "the stop at the breakpoint",
        );
        const { threadId } = stopped.content.body;
        const reloaded = await debuggerOf(page)("debugInfo");
        assert.ok(reloaded.stoppedThreads.includes(threadId), "stoppedThreads");
        assert.deepEqual(
          reloaded.breakpoints.map(({ source }: Content) => source),
          [sourcePath],
        );
        const { stackFrames } = await ask("stackTrace", { threadId });
        assert.equal(stackFrames[0]?.line, line);
        const { scopes } = await ask("scopes", { frameId: stackFrames[0].id });
        const { variables } = await ask("variables", { variablesReference: scopes[0].variablesReference });
        assert.ok(
          variables.some(({ name }: Content) => name === variable),
          variable,
        );
        await ask("continue", { threadId });
        assert.equal((await client.answered(id)).reply.content.status, "ok");
      } finally {
        await ask("disconnect", leaving).catch(() => {});
      }
    },
  },
  {
    item: 55,
    title:
      "a breakpoint holds in a cell that begins with blank lines, and a local value is copied to the globals",
    notOffered: noDebugger,
    mutants: [
      {
        name: "does not count blank lines",
        wire: changed(named("debug_reply"), (draft) => {
          for (const frame of draft.content.body?.stackFrames ?? []) frame.line -= 2;
        }),
      },
      {
        name: "copies nothing",
        wire: misread(
          ({ content }) => content.command === "copyToGlobals",
          (draft) => {
            draft.content.command = "debugInfo";
          },
        ),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const ask = debuggerOf(client);
      const { code: text, line: unshifted, variable } = samples.debug;
      const [code, line] = [`\n\n${text}`, unshifted + 2];
      await ask("initialize", introduction);
      await ask("attach");
      try {
        const { sourcePath: path } = await ask("dumpCell", { code });
        await ask("setBreakpoints", { source: { path }, breakpoints: [{ line }], sourceModified: false });
        await ask("configurationDone");
        const id = await client.start(code);
        const stopped = await client.wait(
          (m) => m.name === "debug_event" && m.content.event === "stopped",
          "the stop at the breakpoint",
        );
        const { threadId } = stopped.content.body;
        const { stackFrames } = await ask("stackTrace", { threadId });
        assert.equal(stackFrames[0]?.line, line);
        await ask("copyToGlobals", {
          ...{ srcVariableName: variable, dstVariableName: "copied", srcFrameId: stackFrames[0].id },
        });
        await ask("continue", { threadId });
        assert.equal((await client.answered(id)).reply.content.status, "ok");
        assert.equal((await client.execute(samples.printVariable("copied"))).text(), "2\n");
      } finally {
        await ask("disconnect", leaving).catch(() => {});
      }
    },
  },
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
