// What a stop shows of values: a level at a time, nothing called that was not asked for, long lists in ranges.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DebugFrontEnd } from "./front-end.js";

const code = `class Base {
  #secret = 1;
  get host() { return 'computed ' + this.#secret; }
}
class Peer extends Base {
  port = 12345;
}
let called = 0;
function look(list: number[], seen: Map<string, object>) {
  const peer = new Peer();
  const own = { get lazy() { called++; return 7; }, 'a-b': [1, 2] };
  const bytes = Buffer.from('hello');
  const long = Array.from({ length: 12_345 }, (_, i) => i * 2);
  {
    const list = 'shadow';
    void list;
    return [peer, own, bytes, long, list];
  }
}
const kept = look([1, 2, 3], new Map([['k', { v: 1 }]]));
kept.length`;

describe("the values at a stop", { timeout: 60_000 }, () => {
  let front: DebugFrontEnd;
  let id: string;
  let frame: number;
  beforeAll(async () => {
    front = await DebugFrontEnd.start();
    await front.breakAt(code, 17);
    id = await front.run(code);
    await front.stopped();
    frame = (await front.ask("stackTrace", { threadId: 1 })).stackFrames[0].id;
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
  });
  const list = async (args: object): Promise<DebugProtocol.Variable[]> =>
    (await front.ask("variables", args)).variables;
  const local = async (name: string): Promise<DebugProtocol.Variable> =>
    (await front.variablesOf("Locals")).find((one) => one.name === name) as DebugProtocol.Variable;
  const inside = async (name: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await list({ variablesReference: (await local(name)).variablesReference })).map((one) => [
        one.name,
        one.value,
      ]),
    );

  it("are those of the function, the inner ones before the outer ones of the same name", async () => {
    expect(await front.scope("Locals")).toMatchObject({
      list: "'shadow'",
      seen: "Map(1) {'k' => {…}}",
      peer: "Peer {#secret: 1, port: 12345}",
      bytes: "Buffer(5) [104, 101, 108, 108, 111]",
      long: expect.stringMatching(/^\(12345\) \[0, 2, 4, /),
    });
    expect(await front.scope("Globals")).toMatchObject({
      called: "0",
      look: "ƒ look(list, seen)",
      Peer: "class Peer",
    });
    expect(
      (await front.ask("stackTrace", { threadId: 1, startFrame: 1, levels: 1 })).stackFrames,
    ).toHaveLength(1);
  });

  it("do not call getters, until one is asked for", async () => {
    expect(await inside("own")).toMatchObject({ lazy: "(…)", "a-b": "(2) [1, 2]" });
    expect(await inside("peer")).toMatchObject({ port: "12345", "#secret": "1", host: "(…)" });
    const { variablesReference } = await local("peer");
    const host = (await list({ variablesReference })).find(
      ({ name }) => name === "host",
    ) as DebugProtocol.Variable;
    expect(host.presentationHint).toEqual({ lazy: true });
    expect(await list({ variablesReference: host.variablesReference })).toMatchObject([
      { name: "host", value: "'computed 1'" },
    ]);
    expect((await front.scope("Globals")).called).toBe("0");
  });

  it("come in ranges where they are many, or as the front end asks", async () => {
    const long = await local("long");
    expect(long.indexedVariables).toBe(12_345);
    const ranges = await list({ variablesReference: long.variablesReference });
    expect(ranges[0]?.name).toBe("[0…9999]");
    const hundreds = await list({ variablesReference: ranges[1]?.variablesReference });
    expect(hundreds[0]?.name).toBe("[10000…10099]");
    const last = await list({ variablesReference: hundreds.at(-1)?.variablesReference });
    expect(last.at(-1)).toMatchObject({ name: "12344", value: "24688", evaluateName: "long[12344]" });
    const page = { variablesReference: long.variablesReference, filter: "indexed", start: 500, count: 2 };
    expect((await list(page)).map(({ name, value }) => `${name}=${value}`)).toEqual(["500=1000", "501=1002"]);
  });

  it("show the entries of a map by their keys", async () => {
    expect(await inside("seen")).toMatchObject({ "'k'": "{v: 1}" });
  });

  it("can be computed with, in TypeScript, and a hover has no effect", async () => {
    const value = async (expression: string, context = "repl"): Promise<string> =>
      (await front.ask("evaluate", { expression, frameId: frame, context })).result;
    expect(await value("(peer as Peer).port + seen.size")).toBe("12346");
    expect(await value("bytes.length", "hover")).toBe("5");
    expect(
      await front.raw("evaluate", { expression: "called = 99", frameId: frame, context: "hover" }),
    ).toMatchObject({
      success: false,
      message: expect.stringContaining("side-effect"),
    });
    expect(await front.raw("evaluate", { expression: "nowhere.at.all", frameId: frame })).toMatchObject({
      success: false,
      message: "ReferenceError: nowhere is not defined",
    });
    const endless = await front.raw("evaluate", { expression: "while (true) {}", frameId: frame });
    expect(endless).toMatchObject({ success: false, message: expect.stringContaining("terminated") });
    expect(await value("peer.port")).toBe("12345");
  });

  it("can be changed: variables, properties, elements", async () => {
    const { stackFrames } = await front.ask("stackTrace", { threadId: 1 });
    const { scopes } = await front.ask("scopes", { frameId: stackFrames[0].id });
    const locals = scopes.find(({ name }: DebugProtocol.Scope) => name === "Locals").variablesReference;
    expect(
      await front.ask("setVariable", {
        variablesReference: locals,
        name: "seen",
        value: "new Map<string, number>()",
      }),
    ).toMatchObject({ value: "Map(0) {}" });
    const peer = await local("peer");
    await front.ask("setVariable", {
      variablesReference: peer.variablesReference,
      name: "port",
      value: "1 + 1",
    });
    expect(await front.scope("Locals")).toMatchObject({
      seen: "Map(0) {}",
      peer: "Peer {#secret: 1, port: 2}",
    });
  });

  it("are out of date once the code has gone on, and say so", async () => {
    const peer = await local("peer");
    await front.goOn();
    await front.client.answered(id);
    expect(await front.raw("variables", { variablesReference: peer.variablesReference })).toMatchObject({
      success: false,
      message: "this value is out of date: look at it again",
    });
  });

  it("of the notebook are there while a cell loops, too", async () => {
    const loop = await front.run("let spin = 0;\nwhile (spin >= 0) spin++;");
    await front.client.wait((m) => m.type === "execute_input" && m.parent.msg_id === loop);
    await expect
      .poll(async () => {
        const { variables } = await front.ask("inspectVariables");
        return variables.find(({ name }: DebugProtocol.Variable) => name === "spin")?.value;
      })
      .toMatch(/^[1-9]\d*$/);
    await front.client.request("interrupt_request", {}, { channel: "control" });
    await front.client.answered(loop);
  });

  it("are asked for in vain while a cell waits in native code; the answer is empty, and the interrupt comes through", async () => {
    const sleep = await front.run("import { execSync } from 'node:child_process';\nexecSync('sleep 60');");
    await front.client.wait((m) => m.type === "execute_input" && m.parent.msg_id === sleep);
    await expect.poll(async () => (await front.ask("inspectVariables")).variables).toEqual([]);
    await front.client.request("interrupt_request", {}, { channel: "control" });
    expect((await front.client.answered(sleep)).reply.content.ename).toBe("Interrupted");
  });

  it("of the notebook leave out what a compiler has added to a cell", async () => {
    await front.client.execute(
      "function plain(value: any, _: any) { return value; }\nclass Marked { @plain go() { return 1; } }",
    );
    const { variables } = await front.ask("inspectVariables");
    const names: string[] = variables.map(({ name }: DebugProtocol.Variable) => name);
    expect(names).toContain("Marked");
    expect(names.filter((name) => name.startsWith("_"))).toEqual([]);
  });

  it("have no type beside them for JupyterLab, which would show it instead", async () => {
    expect((await front.ask("inspectVariables")).variables[0]).toHaveProperty("type");
    await front.turnOn("jupyterlab");
    expect((await front.ask("inspectVariables")).variables[0]).not.toHaveProperty("type");
  });
});
