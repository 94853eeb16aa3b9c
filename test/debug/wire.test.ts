// The debugger over the wire: what ipykernel's own tests ask of a debugger, of this kernel.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DebugFrontEnd } from "./front-end.js";

const sum = `function f(a: number, b: number) {
  const c = a + b;
  return c;
}

f(2, 3)`;

describe("a debugger that is on", { timeout: 60_000 }, () => {
  let front: DebugFrontEnd;
  beforeAll(async () => {
    front = await DebugFrontEnd.start();
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
  });

  it("is announced by the kernel", async () => {
    const { reply } = await front.client.request("kernel_info_request");
    expect(reply.content).toMatchObject({ debugger: true });
    expect(reply.content.supported_features).toContain("debugger");
  });

  it("evaluates among the notebook's variables while nothing runs", async () => {
    const body = await front.ask("evaluate", { expression: "('a' as string) + 'b'", context: "repl" });
    expect(body.result).toBe("'ab'");
  });

  it("sets breakpoints before the cell has run, and tells of them in debugInfo", async () => {
    const { path, breakpoints } = await front.breakAt(sum, 2);
    expect(breakpoints).toMatchObject([{ verified: true, line: 2, column: 13, source: { path } }]);
    const info = await front.ask("debugInfo");
    expect(info.breakpoints).toContainEqual({ source: path, breakpoints: [{ line: 2 }] });
    await front.ask("configurationDone");
  });

  it("stops there, shows the values, and goes on", async () => {
    const id = await front.run(sum);
    expect(await front.stopped()).toMatchObject({
      reason: "breakpoint",
      threadId: 1,
      allThreadsStopped: true,
    });
    expect(await front.frames()).toEqual(["f:2", expect.stringMatching(/^Cell \[\d+\]:6$/)]);
    expect(await front.scope("Locals")).toEqual({ a: "2", b: "3", c: "undefined" });
    expect(await front.step("next")).toContain("f:3");
    expect(await front.scope("Locals")).toMatchObject({ c: "5" });
    await front.goOn();
    const { reply, iopub } = await front.client.answered(id);
    expect(reply.content.status).toBe("ok");
    expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("5");
  });

  it("stops again when the same cell runs again", async () => {
    const id = await front.run(sum);
    expect((await front.stoppedAt())[0]).toBe("f:2");
    await front.goOn();
    expect((await front.client.answered(id)).reply.content.status).toBe("ok");
    await front.breakAt(sum);
    expect((await front.ask("debugInfo")).breakpoints).toEqual([]);
  });

  it("counts lines as the student does where a cell begins with blank ones", async () => {
    const code = `\n\n${sum}`;
    const { breakpoints } = await front.breakAt(code, 8);
    expect(breakpoints[0]).toMatchObject({ verified: true, line: 8 });
    const id = await front.run(code);
    expect(await front.stoppedAt()).toEqual([expect.stringMatching(/^Cell \[\d+\]:8$/)]);
    await front.goOn();
    await front.client.answered(id);
    await front.breakAt(code);
  });

  it("shows a variable as a cell would, while nothing runs and at a stop", async () => {
    await front.client.execute("const greeting = 'Hello the world'");
    const { variables } = await front.ask("inspectVariables");
    expect(variables).toContainEqual(
      expect.objectContaining({ name: "greeting", value: "'Hello the world'" }),
    );
    expect(await front.ask("richInspectVariables", { variableName: "greeting" })).toEqual({
      data: { "text/plain": "'Hello the world'" },
      metadata: {},
    });
    await front.breakAt(sum, 3);
    const id = await front.run(sum);
    await front.stopped();
    const { stackFrames } = await front.ask("stackTrace", { threadId: 1 });
    const body = await front.ask("richInspectVariables", { variableName: "c", frameId: stackFrames[0].id });
    expect(body.data).toEqual({ "text/plain": "5" });
    expect(await front.ask("richInspectVariables", { variableName: "nowhere" })).toEqual({
      data: {},
      metadata: {},
    });
    await front.goOn();
    await front.client.answered(id);
    await front.breakAt(sum);
  });

  it("copies a local variable to the notebook's, where later cells may use it", async () => {
    const code = "function mine() {\n  const inside = { deep: 1 };\n  return inside;\n}\nmine();";
    await front.breakAt(code, 3);
    const id = await front.run(code);
    await front.stopped();
    const { stackFrames } = await front.ask("stackTrace", { threadId: 1 });
    await front.ask("copyToGlobals", {
      srcVariableName: "inside",
      dstVariableName: "inside",
      srcFrameId: stackFrames[0].id,
    });
    const [local, globals] = [await front.scope("Locals"), await front.scope("Globals")];
    expect(globals.inside).toBe(local.inside);
    await front.goOn();
    await front.client.answered(id);
    const { iopub } = await front.client.execute("inside.deep");
    expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("1");
    await front.breakAt(code);
  });

  it("ends a stop by an interrupt, and keeps the variables", async () => {
    const code = "let reached = 1;\nreached = 2;\nreached = 3;";
    await front.breakAt(code, 2);
    const id = await front.run(code);
    await front.stopped();
    const { reply } = await front.client.request("interrupt_request", {}, { channel: "control" });
    expect(reply.content.status).toBe("ok");
    await front.event("continued");
    expect((await front.client.answered(id)).reply.content).toMatchObject({
      status: "error",
      ename: "Interrupted",
    });
    const { iopub } = await front.client.execute("reached");
    expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("1");
    await front.breakAt(code);
  });

  it("says no in words to what it does not know", async () => {
    expect(await front.raw("goto")).toMatchObject({
      success: false,
      message: "this debugger does not know the request goto",
    });
  });

  it("tells a page that was loaded anew all there is to know", async () => {
    const { path } = await front.breakAt(sum, 2);
    const id = await front.run(sum);
    await front.stopped();
    const page = new DebugFrontEnd(front.kernel, front.kernel.join());
    const info = await page.ask("debugInfo");
    expect(info).toMatchObject({
      isStarted: true,
      hashMethod: "Murmur2",
      stoppedThreads: [1],
      richRendering: true,
      copyToGlobals: true,
      breakpoints: [{ source: path, breakpoints: [{ line: 2 }] }],
    });
    expect((await page.frames())[0]).toBe("f:2");
    expect((await page.ask("source", { source: { path } })).content).toBe(sum);
    await page.goOn();
    await front.client.answered(id);
    await front.breakAt(sum);
  });
});
