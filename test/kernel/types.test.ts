// Types in the real kernel: what stops a cell, what does not, who decides, and that nothing is left of the checker.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Client } from "./client.js";
import { startKernelProcess } from "./kernel.js";

const status = async (client: Client, code: string): Promise<string> => {
  const { reply } = await client.execute(code);
  return reply.content.status === "ok" ? "ok" : String(reply.content.ename);
};
const shown = async (client: Client, code: string): Promise<string> => {
  const { iopub } = await client.execute(code);
  return iopub.map(({ content }) => content.data?.["text/plain"] ?? content.text ?? "").join("");
};
const children = (pid: number | undefined): number[] => {
  try {
    return execFileSync("pgrep", ["-P", String(pid)])
      .toString()
      .trim()
      .split("\n")
      .map(Number);
  } catch {
    return [];
  }
};
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("a type error stops the cell before anything runs, and what was right stays as it was", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  expect(await status(client, "let n: number = 1")).toBe("ok");
  const { reply, iopub } = await client.execute("console.log('ran');\nn = 'text';\nlet m = n.foo");
  expect(reply.content).toMatchObject({ status: "error", ename: "TypeScriptError" });
  expect(iopub.some((message) => message.type === "stream")).toBe(false);
  const trace = iopub.find((message) => message.type === "error")?.content.traceback.join("\n");
  expect(trace).toContain("Cell [2], line 2, column 1");
  expect(trace).toContain("Cell [2], line 3, column 11");
  expect(await status(client, "m")).toBe("TypeScriptError");
  expect(await shown(client, "n + 1")).toBe("2");
});

test("what cannot be compiled is told of before types are, and nothing of that cell stays", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const broken = "@((c: any, _: unknown) => c) class A {}\nfor (;;) break nowhere;";
  for (const mode of ["error", "warn", "off"]) {
    const { reply, iopub } = await client.execute(`%%types ${mode}\n${broken}\nlet wrong: number = 'text'`);
    expect(reply.content).toMatchObject({ status: "error", ename: "SyntaxError" });
    expect(iopub.filter(({ type }) => type === "error" || type === "stream")).toHaveLength(1);
    expect(await status(client, "wrong")).toBe("TypeScriptError");
    expect(await status(client, `const fine${mode} = 1`)).toBe("ok");
  }
});

test("%%types is for one cell, %types for all that follow; both leave lines where they are", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  expect(await shown(client, "%%types warn\nconst a: number = 'x'; a")).toMatch(
    /^TypeScriptWarning: .*line 2, column 7.*'x'$/s,
  );
  expect(await status(client, "const b: number = 'x'")).toBe("TypeScriptError");
  expect(await status(client, "%%types off\nconst c: number = 'x'")).toBe("ok");
  expect(await status(client, "// %types off\nconst d: number = 'x'")).toBe("ok");
  expect(await shown(client, "const e: number = 'x'; e")).toBe("'x'");
  expect(await status(client, "%types error\nd.foo")).toBe("TypeScriptError");
  const { iopub } = await client.execute("%types on\n1");
  const trace = iopub.find((message) => message.type === "error")?.content.traceback.join("\n");
  expect(trace).toContain("%types has to be followed by error, warn or off");
  const { reply } = await client.request("is_complete_request", { code: "%%types off\nlet x = 1" });
  expect(reply.content.status).toBe("complete");
});

test("the notebook's metadata, its kernel's name and whoever grades it decide where no cell does", async () => {
  const cases: [metadata: object, env: Record<string, string>, seen: RegExp][] = [
    [{}, {}, /^TypeScriptError$/],
    [{ wirebook: { types: "warn" } }, {}, /^TypeScriptWarning/],
    [{ wirebook: { types: "off" } }, {}, /^'x'$/],
    [{ kernelspec: { name: "tslab" } }, {}, /^TypeScriptWarning/],
    [{}, { WIREBOOK_AS: "deno" }, /^TypeScriptWarning/],
    [{ wirebook: { types: "error" } }, { WIREBOOK_AS: "tslab" }, /^TypeScriptError$/],
    [{}, { NBGRADER_EXECUTION: "autograde" }, /^TypeScriptWarning/],
    [{ wirebook: { types: "off" } }, { NBGRADER_EXECUTION: "autograde" }, /^'x'$/],
  ];
  for (const [metadata, env, seen] of cases) {
    await using kernel = await startKernelProcess({ env: { ...env, WIREBOOK_NOTEBOOK: "lab.ipynb" } });
    writeFileSync(join(kernel.folder, "lab.ipynb"), JSON.stringify({ metadata, cells: [] }));
    const { iopub } = await kernel.client.execute("const x: number = 'x'; x");
    const text = iopub.find(({ type }) => /display_data|execute_result|error/.test(type))?.content;
    expect(text?.data?.["text/plain"] ?? text?.ename, JSON.stringify([metadata, env])).toMatch(seen);
    expect(iopub.some((message) => message.type === "stream")).toBe(false);
  }
});

test("cells of tslab and jslab are not strict, those of others are; what kernel it stands for, no cell is told", async () => {
  const code =
    "%%types off\nfunction kind() { return typeof this }\n[kind.call('x'), process.env.WIREBOOK_AS]";
  for (const [as, seen] of [
    ["tslab", "[ 'object', undefined ]"],
    ["jslab", "[ 'object', undefined ]"],
    ["deno", "[ 'string', undefined ]"],
  ] as const) {
    await using kernel = await startKernelProcess({ env: { WIREBOOK_AS: as } });
    expect(await shown(kernel.client, code), as).toBe(seen);
  }
});

test("what the notebook says of types counts from the next cell on, when it is saved while the kernel runs", async () => {
  await using kernel = await startKernelProcess({ env: { WIREBOOK_NOTEBOOK: "lab.ipynb" } });
  const save = (types: string): void =>
    writeFileSync(join(kernel.folder, "lab.ipynb"), JSON.stringify({ metadata: { wirebook: { types } } }));
  const cell = "const x: number = 'x'; x";
  save("error");
  expect(await status(kernel.client, cell)).toBe("TypeScriptError");
  save("off");
  expect(await shown(kernel.client, cell)).toBe("'x'");
  save("warn");
  expect(await shown(kernel.client, cell)).toMatch(/^TypeScriptWarning/);
  save("nonsense");
  expect(await status(kernel.client, cell)).toBe("TypeScriptError");
  // A cell that has said otherwise has the last word.
  expect(await status(kernel.client, `%types off\n${cell}`)).toBe("ok");
  save("error");
  expect(await shown(kernel.client, cell)).toBe("'x'");
});

test.each([
  ["%types foo", "%types has to be followed by error, warn or off", "line 1, column 1"],
  ["\n  %%types", "%%types has to be followed by error, warn or off", "line 2, column 3"],
  ["%types off warn\n1", "%types has to be followed by error, warn or off", "line 1, column 1"],
])("a directive that cannot be understood (%j) is an error at its place", async (code, message, place) => {
  await using kernel = await startKernelProcess();
  const { iopub } = await kernel.client.execute(code);
  const trace = iopub.find(({ type }) => type === "error")?.content.traceback.join("\n");
  expect(trace).toContain(message);
  expect(trace).toContain(place);
});

test("the diagnostics comm tells a cell's problems at their places, without running it", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute("let n = 1; const t = '😀'");
  const comm_id = "d1";
  await client.send("shell", "comm_open", { comm_id, target_name: "wirebook.diagnostics", data: {} });
  const diagnose = async (id: number, code: string): Promise<unknown> => {
    await client.send("shell", "comm_msg", { comm_id, data: { code, id } });
    const { content } = await client.wait(
      ({ type, content }) => type === "comm_msg" && content.data.id === id,
    );
    return content.data.diagnostics.map(({ code, start }: { code: number; start: object }) => ({
      code,
      ...start,
    }));
  };
  expect(await diagnose(1, "n.foo;\nn = 's'")).toEqual([
    { code: 2339, line: 1, column: 3 },
    { code: 2322, line: 2, column: 1 },
  ]);
  expect(await diagnose(2, "n + 1")).toEqual([]);
  expect(await diagnose(3, "const x = = 1")).toEqual([{ code: 1000, line: 1, column: 11 }]);
  expect(await diagnose(4, "%%types off\nn.foo")).toEqual([]);
  expect(await diagnose(5, "// @ts-nocheck\nn.foo")).toEqual([]);
  expect(await shown(client, "n")).toBe("1");
});

test("user expressions, CRLF, a lone object and a cell of nothing are checked like any other", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  expect(await shown(client, "{ a: 1 }")).toBe("{ a: 1 }");
  expect(await status(client, "{ a: nothing }")).toBe("TypeScriptError");
  expect(await status(client, "\r\n\r\n")).toBe("ok");
  expect(await status(client, "")).toBe("ok");
  const { reply } = await client.execute("const k = 2", { user_expressions: { twice: "k * 2" } });
  expect(reply.content.user_expressions.twice).toMatchObject({ data: { "text/plain": "4" } });
});

test("nothing is left of the checker when the kernel ends, whichever way", async () => {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const kernel = await startKernelProcess();
    await kernel.client.execute("1");
    const before = children(kernel.process.pid);
    expect(before.length).toBeGreaterThanOrEqual(2);
    kernel.process.kill(signal);
    await expect.poll(() => before.filter(lives), { timeout: 5000 }).toEqual([]);
    await kernel[Symbol.asyncDispose]();
  }
});

test("completion and inspection know types, documentation and values, also while a cell runs", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(
    "import * as socket from 'wirebook/socket';\nconst s = socket.socket();\n/** How many. */\nlet n = 5, any: any = { odd: 1 }, text = '😀';",
  );
  const ask = async (type: "complete" | "inspect", marked: string, more = {}) => {
    const code = marked.replace("|", "");
    const cursor = [...marked.slice(0, marked.indexOf("|"))].length;
    const content = { code, cursor_pos: cursor, ...more };
    return (await client.request(`${type}_request`, content, { channel: "control" })).reply.content;
  };
  const loop = await client.send("shell", "execute_request", { code: "console.log('in'); for (;;);" });
  await client.wait((message) => message.parent.msg_id === loop && message.content.text === "in\n");

  const members = await ask("complete", "text = '😀'; s.rec|");
  expect(members.matches).toContain("recv");
  expect([members.cursor_start, members.cursor_end]).toEqual([14, 17]);
  const { _jupyter_types_experimental: items } = members.metadata;
  expect(items[0]).toMatchObject({ text: "recv", type: "method", start: 14, end: 17 });
  expect(items[0].signature).toMatch(/^\(.*\): Promise</);
  // Types know nothing of `any`; the value does.
  expect((await ask("complete", "any.|")).matches).toContain("odd");

  const n = await ask("inspect", "n|");
  expect(n.data["text/markdown"]).toMatch(/let n: number[\s\S]*How many\.[\s\S]*\*\*Value\*\*[\s\S]*5/);
  expect(n.data["text/plain"]).toMatch(/let n: number\n[\s\S]*How many\./);
  expect(n.data["text/plain"]).not.toMatch(/```|\*\*/);
  expect((await ask("inspect", "socket.gethostname(|")).data["text/markdown"]).toContain("gethostname(): ");
  expect((await ask("inspect", "s.recv|", { detail_level: 1 })).data["text/markdown"]).toMatch(
    /recv[\s\S]*\*\*Source\*\*/,
  );
  expect(await ask("inspect", "  |  ")).toEqual({ status: "ok", found: false, data: {}, metadata: {} });

  await client.request("interrupt_request", {}, { channel: "control" });
  await client.answered(loop);
});
