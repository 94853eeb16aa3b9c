// Notebooks that were written for tslab, jslab and Deno, executed by `wirebook run`, and as unchanged ones by nbconvert where this
// kernel stands in place of theirs.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { Folder, type Written } from "../client/command.js";
import { python, root } from "../places.js";
import { deno, type ForeignCell, files, jslab, tslab } from "./cells.js";

const notebooks: [kernel: string, cells: ForeignCell[]][] = [
  ["tslab", tslab],
  ["jslab", jslab],
  ["deno", deno],
];
const name = "foreign.ipynb";

function folderWith(kernel: string, cells: ForeignCell[]): Folder {
  const folder = new Folder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  const list = cells.map(({ source }, index) => ({ id: `c${index}`, source, tags: ["raises-exception"] }));
  return folder.notebook(name, list, {
    kernelspec: {
      name: kernel,
      display_name: kernel,
      language: kernel === "jslab" ? "javascript" : "typescript",
    },
  });
}

/** What a reader sees first of each output. */
function shownBy(cell: Written["cells"][number] | undefined): string[] {
  const shown: string[] = [];
  let before = "";
  for (const { output_type, text, data = {}, ename, evalue, name: stream } of cell?.outputs ?? []) {
    const [mime = "", content] =
      Object.entries(data).find(([type]) => type !== "text/plain") ?? Object.entries(data)[0] ?? [];
    const plain = [data["text/plain"]].flat().join("");
    if (output_type === "stream") {
      const words = [text]
        .flat()
        .join("")
        .replace(/ \(\d+ms\)/g, "");
      // Where one output ends and the next begins is a matter of time.
      if (before === stream) shown.push(shown.pop() + words);
      else shown.push(`${stream} ${words}`);
    } else if (output_type === "error") shown.push(`${ename}: ${evalue}`);
    else if (plain.startsWith("TypeScriptWarning")) shown.push(plain);
    else {
      const words = Array.isArray(content) || typeof content === "string" ? [content].flat().join("") : "{";
      shown.push(`${output_type === "execute_result" && mime === "text/plain" ? "value" : mime} ${words}`);
    }
    before = output_type === "stream" ? (stream ?? "") : "";
  }
  return shown;
}

/** The notebook stays one of its kernel. */
function metadataOf(kernel: string): object {
  const name = kernel === "jslab" ? "javascript" : "typescript";
  return { kernelspec: { name: kernel }, language_info: { name } };
}

/** Problems are compared as far as they are written down, everything else wholly. */
function expectShown(cell: Written["cells"][number] | undefined, { source, shown }: ForeignCell): void {
  const seen = shownBy(cell).map((words, index) => {
    const wanted = shown[index] ?? "";
    return /^(\w*(Error|Warning): |stderr Error|application\/)/.test(wanted) && words.startsWith(wanted)
      ? wanted
      : words;
  });
  expect(seen, source).toEqual(shown);
}

test.each(notebooks)(
  "a notebook for %s shows in each cell what it shows there, or the difference that is documented",
  { timeout: 120_000 },
  async (kernel, cells) => {
    using folder = folderWith(kernel, cells);
    const { code, stdout, stderr } = await folder.wirebook("run", "--inplace", name);
    expect(stderr).toBe("");
    expect(stdout).toContain(`${cells.length} cells`);
    expect(code).toBe(0);
    const written = folder.read(name);
    for (const [index, cell] of cells.entries()) expectShown(written.cells[index], cell);
    expect(written.metadata).toMatchObject(metadataOf(kernel));
  },
);

test.each(notebooks)(
  "docs/compatibility.md tells of each kind of cell of %s's, and of no other",
  (kernel, cells) => {
    const docs = readFileSync(join(root, "docs", "compatibility.md"), "utf8");
    const section = docs.split(/^## /m).find((part) => part.startsWith(`Cells of ${kernel}'s`)) ?? "";
    const kinds = [...section.matchAll(/^\| (?!kind |-)(.+?) +\|/gm)].map(([, kind]) => kind);
    expect(kinds).toEqual(cells.map(({ kind }) => kind));
  },
);

test.each(notebooks)(
  "in place of %s, nbconvert executes its notebooks unchanged, and they stay notebooks of that kernel",
  { timeout: 120_000 },
  async (kernel, cells) => {
    using folder = folderWith(kernel, cells);
    const prefix = join(folder.path, "prefix");
    expect(await folder.wirebook("install", "--prefix", prefix, "--as", kernel)).toMatchObject({ code: 0 });
    const { status, stderr } = spawnSync(
      python,
      ["-m", "nbconvert", "--to", "notebook", "--inplace", "--execute", join(folder.path, name)],
      {
        cwd: folder.path,
        env: {
          ...process.env,
          JUPYTER_PATH: join(prefix, "share", "jupyter"),
          JUPYTER_DATA_DIR: join(folder.path, "data"),
          JUPYTER_CONFIG_DIR: join(folder.path, "config"),
          TMPDIR: folder.temporary,
        },
        encoding: "utf8",
      },
    );
    expect(status, stderr).toBe(0);
    const written = folder.read(name);
    for (const [index, cell] of cells.entries()) expectShown(written.cells[index], cell);
    expect(written.metadata).toMatchObject(metadataOf(kernel));
  },
);
