// What the session makes of a cell's types, with a checker that says what the test wants.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import type { TypeProblem } from "../../src/flow.js";
import type { Types } from "../../src/session/needs.js";
import { print } from "../kernel/fake-engine.js";
import { startFixture } from "./fixture.js";

interface FakeTypes extends Types {
  /** Whether a check was wanted, cell by cell. */
  wanted: boolean[];
  /** What became of the cells, in order. */
  fates: string[];
}

function fakeTypes(
  problems: TypeProblem[],
  more: { delay?: number; notice?: string; told?: string } = {},
): FakeTypes {
  const fates: string[] = [];
  const wanted: boolean[] = [];
  return {
    wanted,
    fates,
    async check(_outline, options) {
      wanted.push(options.wanted);
      await sleep(more.delay ?? 0);
      return {
        problems: options.wanted ? problems : [],
        ...(more.notice !== undefined && { notice: more.notice }),
        enter() {
          fates.push("entered");
          return more.told;
        },
        discard: () => fates.push("discarded"),
      };
    },
    complete: async () => undefined,
    inspect: async () => undefined,
    diagnose: async () => problems,
    reset: () => fates.push("reset"),
  };
}

const problem = (code: number, line: number, column: number): TypeProblem => ({
  code,
  message: `message ${code}\nmore of it`,
  start: { line, column },
  end: { line, column: column + 2 },
});

test("a cell with a type error does not run: code, place, code frame, and how to run it anyway", async () => {
  const types = fakeTypes([problem(2322, 1, 3)]);
  await using fixture = await startFixture({ types });
  const { reply, iopub } = await fixture.client.execute("[] as wrong");
  expect(reply.content).toMatchObject({ status: "error", ename: "TypeScriptError" });
  expect(reply.content.evalue).toMatch(/^message 2322 \(TS2322\)/);
  const shown = iopub.find((m) => m.type === "error")?.content.traceback.join("\n");
  expect(shown).toMatch(/message 2322 \(TS2322\).*\nmore of it/);
  expect(shown).toContain("Cell [1], line 1, column 3");
  expect(shown).toMatch(/> 1 \| \[\] as wrong\n.*\| {3}\^\^/);
  expect(shown).toContain("%%types warn");
  expect(fixture.engine.commands.some((command) => command.type === "run")).toBe(false);
  expect(types.fates).toEqual(["discarded"]);
});

test("all of a cell's problems are shown at once, the first ten of many", async () => {
  const problems = Array.from({ length: 15 }, (_, index) => problem(2300 + index, 1, index + 1));
  await using fixture = await startFixture({ types: fakeTypes(problems) });
  const { iopub, reply } = await fixture.client.execute(" ".repeat(30));
  const shown = iopub.find((m) => m.type === "error")?.content.traceback.join("\n");
  expect(shown).toContain("15 problems, of which these are the first 10");
  expect(shown).toContain("TS2309");
  expect(shown).not.toContain("TS2310");
  expect(reply.content.evalue).toContain("15 problems");
});

test("in the mode `warn` the cell runs and its problems are one display, never stderr; `off` looks for none", async () => {
  const types = fakeTypes([problem(2322, 1, 1), problem(2339, 1, 2)]);
  await using fixture = await startFixture({ types, notebook: { mode: "warn" } });
  const { client } = fixture;
  const { reply, types: seen, iopub } = await client.execute(print("ran"));
  expect(reply.content.status).toBe("ok");
  expect(seen).toEqual(["busy", "execute_input", "display_data", "stream", "idle"]);
  const data: Record<string, string> = iopub[2]?.content.data ?? {};
  expect(data["text/plain"]).toMatch(/^TypeScriptWarning: 2 problems\n/);
  expect(data["text/plain"]).not.toContain(String.fromCharCode(27));
  expect(data["text/html"]).toMatch(/^<pre/);
  expect(types.fates).toEqual(["entered"]);
});

test("what a front end asks silently is not checked, but its names are known", async () => {
  const types = fakeTypes([problem(2322, 1, 1)]);
  await using fixture = await startFixture({ types });
  const { reply } = await fixture.client.execute(print("x"), { silent: true });
  expect(reply.content.status).toBe("ok");
  // Nobody waits for that.
  await expect.poll(() => types).toMatchObject({ wanted: [false], fates: ["entered"] });
});

test("an interrupt during the check keeps the cell from running", async () => {
  const types = fakeTypes([], { delay: 300 });
  await using fixture = await startFixture({ types });
  const { client, engine } = fixture;
  const id = await client.send("shell", "execute_request", { code: print("never") });
  await client.wait((message) => message.type === "execute_input");
  await client.request("interrupt_request", {}, { channel: "control" });
  const { reply } = await client.answered(id);
  expect(reply.content).toMatchObject({ status: "error", ename: "Interrupted" });
  expect(engine.commands.some((command) => command.type === "run")).toBe(false);
  expect(types.fates).toEqual(["discarded"]);
});

test("what the checker has to say is a notice of the cell", async () => {
  await using fixture = await startFixture({ types: fakeTypes([], { notice: "not checked for now" }) });
  const { types, iopub } = await fixture.client.execute(print("x"));
  expect(types).toEqual(["busy", "execute_input", "display_data", "stream", "idle"]);
  expect(iopub[2]?.content.data["text/plain"]).toBe("not checked for now");
});

test("what the checker says of names whose types have changed stands below the cell's output", async () => {
  await using fixture = await startFixture({ types: fakeTypes([], { told: "x is string now" }) });
  const { types, iopub } = await fixture.client.execute(print("x"));
  expect(types).toEqual(["busy", "execute_input", "stream", "display_data", "idle"]);
  expect(iopub[3]?.content.data["text/plain"]).toBe("x is string now");
});

test("a checker that cannot be loaded is told of once, and cells run", async () => {
  const types = fakeTypes([]);
  types.check = () => Promise.reject(new Error("no checker here"));
  await using fixture = await startFixture({ types });
  const first = await fixture.client.execute(print("a"));
  expect(first.reply.content.status).toBe("ok");
  expect(first.iopub[2]?.content.data["text/plain"]).toContain("no checker here");
  const second = await fixture.client.execute(print("b"));
  expect(second.types).toEqual(["busy", "execute_input", "stream", "idle"]);
});

test("when the engine dies the checker forgets all names", async () => {
  const types = fakeTypes([]);
  await using fixture = await startFixture({ types });
  const { client, engine } = fixture;
  const id = await client.send("shell", "execute_request", { code: "wait" });
  await expect.poll(() => engine.commands.some((command) => command.type === "run")).toBe(true);
  engine.die("it was killed");
  await client.answered(id);
  expect(types.fates).toEqual(["reset", "discarded"]);
});

test("a cell whose breakpoints cannot be set is over: cells that mention its names are checked", async () => {
  const broken = { request: async () => ({}), beforeRun: () => Promise.reject(new Error("no inspector")) };
  vi.doMock("../../src/debug.js", () => ({ startDebugger: () => broken }));
  const types = fakeTypes([]);
  await using fixture = await startFixture({ types });
  const { client } = fixture;
  await client.request("debug_request", { command: "initialize" }, { channel: "control" });
  const { reply } = await client.execute("let x");
  expect(reply.content).toMatchObject({ status: "error", evalue: "no inspector" });
  await client.execute(print("x"));
  expect(types.wanted).toEqual([true, true]);
  expect(types.fates).toEqual(["discarded", "discarded"]);
});
