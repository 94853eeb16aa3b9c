import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { NoPython, python } from "../../../kernel-helpers/lesson/index.js";
import { commands } from "../../../kernel-helpers/lesson/python.js";

test("a Python program's output is printed and returned, stderr too, with its exit status", async () => {
  const printed = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const run = await python(
    "import sys\nprint('Tea: £2')\nsys.stdout.flush()\nprint('oh', file=sys.stderr)\nsys.exit(3)",
  );
  const shown = printed.mock.calls.map(([text]) => text).join("");
  printed.mockRestore();
  expect(run).toEqual({ status: 3, output: expect.stringMatching(/Tea: £2\r?\noh/) });
  expect(shown).toBe(run.output);
});

test("a program that does not end is ended, and says no status", async () => {
  expect((await python("import time\ntime.sleep(60)", { timeout: 0.3 })).status).toBeUndefined();
});

test("the interrupt of a cell ends the program and is what the caller gets", async () => {
  const interrupt = new AbortController();
  const key = Symbol.for("wirebook.host");
  Object.assign(globalThis, { [key]: { signal: () => interrupt.signal } });
  try {
    const running = python("import time\ntime.sleep(60)");
    interrupt.abort(new Error("Interrupted"));
    await expect(running).rejects.toThrow("Interrupted");
    await expect(python("print(1)")).rejects.toThrow("Interrupted");
  } finally {
    delete (globalThis as { [key: symbol]: unknown })[key];
  }
});

test("Python is looked for where it was named, in the kernel's own environment, then by the names of the system", () => {
  const env = { WIREBOOK_PYTHON: "/opt/py", VIRTUAL_ENV: "/active" };
  expect(commands("linux", env, "/venv")).toEqual([
    ["/opt/py"],
    [join("/venv", "bin", "python")],
    [join("/active", "bin", "python")],
    ["python3"],
    ["python"],
  ]);
  expect(commands("win32", {}, "/venv")).toEqual([
    [join("/venv", "Scripts", "python.exe")],
    ["py", "-3"],
    ["python"],
  ]);
  expect(new NoPython(["python3", "python"]).message).toContain("tried python3, python");
});
