// Item 55, which a kernel may leave out: the debugger.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import type { Client } from "../client.js";
import { changed, dropped, misread, named } from "../mutations.js";
import type { Content } from "../wire.js";

const noDebugger: Check["notOffered"] = ({ info }) =>
  info.debugger === true || info.supported_features?.includes("debugger")
    ? undefined
    : "kernel_info's supported_features do not name the debugger";

type Ask = (command: string, args?: Content) => Promise<Content>;

/** Speaks the Debug Adapter Protocol over control. */
function debuggerOf(client: Client): Ask {
  let seq = 0;
  return async (command, args = {}) => {
    const request = { type: "request", seq: ++seq, command, arguments: args };
    const { reply } = await client.request("debug_request", request, { channel: "control" });
    assert.equal(reply.content.request_seq, request.seq, `${command}: request_seq`);
    assert.equal(reply.content.success, true, `${command}: ${reply.content.message ?? "no success"}`);
    return reply.content.body ?? {};
  };
}

/** Runs a cell up to a breakpoint. */
async function stopAt(
  client: Client,
  { ask, code, line }: { ask: Ask; code: string; line: number },
): Promise<{ id: string; sourcePath: string; threadId: number }> {
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
  return { id, sourcePath, threadId: stopped.content.body.threadId };
}

const introduction = {
  ...{ clientID: "conformance", clientName: "conformance", adapterID: "", locale: "en" },
  ...{ pathFormat: "path", linesStartAt1: true, columnsStartAt1: true, supportsVariableType: true },
};

const leaving = { restart: false, terminateDebuggee: false };

export const debuggerChecks: Check[] = [
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
        const { id, sourcePath, threadId } = await stopAt(client, { ask, code, line });
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
        const { id, threadId } = await stopAt(client, { ask, code, line });
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
];
