// The notebooks as they are handed out.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { python } from "../places.js";
import { folder, type NotebookCell, notebooks } from "./notebooks.js";

// Each run of build.py loads Jupytext, which takes seconds on a busy machine.
const LONG = { timeout: 120_000 };

const numbered = notebooks.slice(1);
const headed = (cells: NotebookCell[]): NotebookCell[][] => {
  const sections: NotebookCell[][] = [];
  for (const cell of cells) {
    if (/^## \d/m.test(cell.source) && cell.cell_type === "markdown") sections.push([]);
    sections.at(-1)?.push(cell);
  }
  return sections;
};

const scratch = mkdtempSync(join(tmpdir(), "wirebook-sources-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs build.py on sources of our own. */
function build(
  sources: Record<string, string>,
  ...args: string[]
): { status: number | null; said: string; cells(name: string): NotebookCell[] } {
  const source = join(scratch, "source");
  mkdirSync(source, { recursive: true });
  copyFileSync(join(folder, "source", "build.py"), join(source, "build.py"));
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(source, name), text);
  const { status, stdout, stderr } = spawnSync(python, [join(source, "build.py"), ...args], {
    encoding: "utf8",
  });
  return {
    status,
    said: stdout + stderr,
    cells: (name) => JSON.parse(readFileSync(join(scratch, name), "utf8")).cells,
  };
}

test("the notebooks are what their sources say", LONG, () => {
  const { status, stdout, stderr } = spawnSync(python, [join(folder, "source", "build.py"), "--check"], {
    encoding: "utf8",
  });
  expect(stdout + stderr).toBe("");
  expect(status).toBe(0);
});

test(
  "a cell keeps its id when others are put before it, and a notebook that was not made anew is named",
  LONG,
  () => {
    expect(
      build({ "a.ts": '// %% id="one"\n1\n' })
        .cells("a.ipynb")
        .map((cell) => cell.id),
    ).toEqual(["one"]);
    const changed = { "a.ts": '// %% [markdown] id="zero"\n// # New\n\n// %% id="one"\n2\n' };
    const check = build(changed, "--check");
    expect(check).toMatchObject({
      status: 1,
      said: expect.stringContaining("a.ipynb is not what a.ts says"),
    });
    expect(
      build(changed)
        .cells("a.ipynb")
        .map((cell) => [cell.id, cell.cell_type]),
    ).toEqual([
      ["zero", "markdown"],
      ["one", "code"],
    ]);
    expect(build(changed, "--check").status).toBe(0);
  },
);

test(
  "a source whose cell has no id, or the id of another, is refused by file, cell and first line",
  LONG,
  () => {
    expect(build({ "b.ts": '// %% id="one"\n1\n\n// %%\nconst x = 2\n' })).toMatchObject({
      status: 1,
      said: expect.stringMatching(/b\.ts, cell 2 \(const x = 2\).*id=/),
    });
    expect(build({ "b.ts": '// %% id="one"\n1\n\n// %% id="one"\n2\n' })).toMatchObject({
      status: 1,
      said: expect.stringContaining('the id "one" is taken'),
    });
    rmSync(join(scratch, "source", "b.ts"));
  },
);

test(
  "there are an index and seven notebooks, in the kernel's format, with ids and without outputs",
  LONG,
  () => {
    expect(notebooks.map((one) => one.name)).toEqual([
      "0-index.ipynb",
      "1-creating-a-socket.ipynb",
      "2-error-handling.ipynb",
      "3-connecting-to-a-server.ipynb",
      "4-sending-and-receiving.ipynb",
      "5-creating-a-server.ipynb",
      "6-creating-a-client.ipynb",
      "7-questions.ipynb",
    ]);
    for (const notebook of notebooks) {
      expect(notebook).toMatchObject({ nbformat: 4, nbformat_minor: 5 });
      expect(notebook.metadata.kernelspec).toEqual({
        name: "wirebook",
        display_name: "TypeScript (Wirebook)",
        language: "typescript",
      });
      expect(notebook.metadata.language_info).toMatchObject({ name: "typescript", file_extension: ".ts" });
      const ids = notebook.cells.map((cell) => cell.id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const cell of notebook.cells.filter((one) => one.cell_type === "code"))
        expect(cell.outputs).toEqual([]);
    }
    const validate =
      "import sys, nbformat\nfor path in sys.argv[1:]: nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))";
    const { status, stderr } = spawnSync(
      python,
      ["-W", "error", "-c", validate, ...notebooks.map((one) => join(folder, one.name))],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
  },
);

const minutesOf = (text: string | undefined): number =>
  Number(/\*\*Time\*\*: about (\d+) minutes/.exec(text ?? "")?.[1]);

test.each(numbered)(
  "$name says how long it takes, what one needs and learns, recalls it at the end, and names the next notebook",
  ({ name, cells }) => {
    const next = notebooks[notebooks.findIndex((one) => one.name === name) + 1];
    const head = cells[0]?.source ?? "";
    expect(head).toContain("What you will learn");
    expect(head).toContain("**You need**:");
    const contents = notebooks[0]?.cells.find(({ id }) => id === "contents")?.source ?? "";
    const row = contents.split("\n").find((line) => line.includes(`](${name})`));
    expect(row).toContain(`| ${minutesOf(head)} min |`);
    if (next) expect(cells.at(-1)?.source).toContain("## What you have seen");
    expect(cells.at(-1)?.source).toContain(`](${(next ?? notebooks[0])?.name})`);
  },
);

test("the notebooks together take less than three hours", () => {
  const total = numbered.reduce((sum, { cells }) => sum + minutesOf(cells[0]?.source), 0);
  expect(total).toBeGreaterThan(120);
  expect(total).toBeLessThan(180);
});

test.each(numbered.slice(0, -1))(
  "every section of $name that runs code ends with a place for notes",
  ({ cells }) => {
    const sections = headed(cells).filter((section) => section.some((cell) => cell.cell_type === "code"));
    expect(sections.length).toBeGreaterThanOrEqual(4);
    const without = sections.filter((section) => {
      const lastCode = section.findLastIndex((cell) => cell.cell_type === "code");
      return !section.slice(lastCode).some((cell) => cell.tags.includes("notes"));
    });
    const bare = without.map((section) => section[0]?.source.split("\n")[0]);
    expect(bare).toEqual([]);
  },
);

test("a prediction stands before the code that it is about, and a place to explain comes after it", () => {
  for (const { name, cells } of numbered) {
    for (const [index, cell] of cells.entries()) {
      if (!cell.tags.includes("prediction")) continue;
      const rest = cells.slice(index + 1);
      const code = rest.findIndex((one) => one.cell_type === "code");
      const explain = rest.findIndex((one) => one.tags.includes("notes") || one.tags.includes("answer"));
      expect(code, `${name}: code after ${cell.id}`).toBeGreaterThanOrEqual(0);
      expect(explain, `${name}: explanation after ${cell.id}`).toBeGreaterThan(code);
    }
  }
});

test.each(numbered)(
  "what is predicted in $name stands beside what came of it, in a later cell",
  ({ cells }) => {
    const places = (call: "predict" | "seen"): [id: string, at: number][] =>
      cells.flatMap(({ cell_type, source }, at) =>
        cell_type === "code"
          ? [...source.matchAll(new RegExp(`^\\s*${call}\\('([^']+)'`, "gm"))].map(
              (match) => [match[1] ?? "", at] as [string, number],
            )
          : [],
      );
    const seen = new Map(places("seen"));
    const predicted = places("predict");
    expect(predicted.length).toBeGreaterThan(2);
    expect([...seen.keys()].sort()).toEqual(predicted.map(([id]) => id).sort());
    for (const [id, at] of predicted) expect(seen.get(id), id).toBeGreaterThan(at);
  },
);

test("each of the four questions has experiments, and places for an answer in text and in code", () => {
  const questions = headed(notebooks.at(-1)?.cells ?? []);
  expect(questions).toHaveLength(4);
  for (const [index, cells] of questions.entries()) {
    const answers = cells.filter((cell) => cell.tags.includes("answer"));
    expect(answers.map((cell) => cell.cell_type).sort()).toEqual(["code", "markdown"]);
    const code = answers.find((cell) => cell.cell_type === "code");
    expect(code?.source).toContain(`throw new NotAnswered('7.${index + 1}');`);
    expect(code?.tags).toContain("raises-exception");
    expect(
      cells.filter((cell) => cell.cell_type === "code" && !cell.tags.includes("answer")).length,
    ).toBeGreaterThanOrEqual(2);
  }
});

test("the places for answers hold prompts only, and no text gives an answer away", () => {
  const last = notebooks.at(-1)?.cells ?? [];
  for (const cell of last.filter((one) => one.tags.includes("answer") && one.cell_type === "markdown")) {
    for (const line of cell.source.split("\n").filter((one) => one.trim() !== ""))
      expect(line).toMatch(/^(### Your answer|\*\*|\|)/);
    for (const row of cell.source
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .slice(2))
      expect(row).toMatch(/^[|\s]+$/);
  }
  const text = (cells: NotebookCell[]): string => cells.map((cell) => cell.source).join("\n");
  expect(text(last)).not.toMatch(
    /\bRST\b|name service|registry|lease|idempoten|at-(most|least)-once|failover|self-connect|semaphore|deduplicat/i,
  );
  // What kinds of transparency there are is asked in 7.2; the experiments of 7.3 are made for each of them.
  const before = last.slice(
    0,
    last.findIndex(({ id }) => id === "q3"),
  );
  expect(text(before)).not.toMatch(
    /access transparency|location transparency|migration|relocation|replication|persistence/i,
  );
  // A scanner would connect in a loop over ports.
  expect(
    last
      .filter((cell) => cell.cell_type === "code")
      .filter((cell) => /for\b[^\n]*\bport\b/.test(cell.source) && /connect/.test(cell.source)),
  ).toEqual([]);
  // What a claim is worth is not said before the experiment, nor what the queue holds.
  const everything = notebooks
    .flatMap((one) => one.cells.filter((cell) => cell.cell_type === "markdown").map((cell) => cell.source))
    .join("\n");
  expect(everything).not.toMatch(
    /this (claim )?is (false|wrong|a myth)|backlog *\+ *1|one more than the backlog|NameError/i,
  );
});
