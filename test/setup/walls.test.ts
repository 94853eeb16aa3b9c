// The walls between the folders are rules of the linter; these show that each of them stands.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

const SHUT: [folder: string, specifier: string, why: string][] = [
  ["src/session", "../wire/sign.js", "a stage does not import another stage"],
  ["src/engine", "../supervisor.js", "a stage does not import the file that joins it"],
  ["src/translate", "../output/bundle.js", "translation does not import output"],
  ["src/wire", "../../kernel-helpers/socket/index.js", "a stage does not import the helpers"],
  ["src/session", "zeromq", "only wire/ imports zeromq"],
  ["src", "zeromq", "the joining files do not import zeromq"],
  ["src", "../kernel-helpers/socket/index.js", "the joining files do not import the helpers"],
  ["src/engine", "oxc-parser", "only translate/ imports oxc"],
  ["src/output", "esbuild", "only translate/ imports esbuild"],
  ["src/session", "@jupyterlab/services", "only client/ imports @jupyterlab/services"],
  ["src/session", "vscode-jsonrpc/node", "only language/ speaks to the language server"],
  ["src/language", "oxc-parser", "the type checker does not parse"],
  ["src/language", "../translate/outline.js", "the type checker is handed outlines"],
  ["src/debug", "../engine/positions.js", "the debugger is handed positions"],
  ["src/debug", "oxc-parser", "the debugger does not parse"],
  ["src/commands", "commander", "only cli.ts imports commander"],
  ["src/commands", "../../kernel-helpers/socket/index.js", "commands do not import the helpers"],
  ["src/commands", "fflate", "only submission/ imports fflate"],
  ["src/check", "../session/execute.js", "checks are handed what they read by"],
  ["src/sandbox", "../engine/process.js", "the walls do not know what is within"],
  ["src/grading", "../commands/grade.js", "grading does not import commands"],
  ["src/grading", "commander", "only cli.ts imports commander"],
  ["src/submission", "../commands/check.js", "submissions do not import commands"],
  ["src/submission", "commander", "only cli.ts imports commander"],
  ["src/engine", "koffi", "the engine does not import koffi"],
  ["kernel-helpers/serve", "../../src/flow.js", "helpers import nothing of src/"],
  ["kernel-helpers/serve", "koffi", "of the helpers only the sockets import koffi"],
  ["kernel-helpers/scan", "koffi", "of the helpers only the sockets import koffi"],
];

const OPEN: [folder: string, specifier: string][] = [
  ["src/session", "../flow.js"],
  ["src/session", "./lane.js"],
  ["src/wire", "zeromq"],
  ["src/translate", "oxc-parser"],
  ["src/client", "@jupyterlab/services"],
  ["src/language", "vscode-jsonrpc/node"],
  ["src", "./wire/sockets.js"],
  ["src/commands", "../client/run.js"],
  ["src/commands", "../../kernel-helpers/scan/index.js"],
  ["src/submission", "fflate"],
  ["src/submission", "../client/notebook.js"],
  ["src/grading", "../submission/zip.js"],
  ["kernel-helpers/socket/backends", "koffi"],
  ["kernel-helpers/serve", "../socket/index.js"],
];

const fileOf = (index: number, folder: string): string => `${folder}/wall-${index}.ts`;
const all = [...SHUT, ...OPEN];
const refused = new Set<string>();

beforeAll(() => {
  const copy = mkdtempSync(join(tmpdir(), "wirebook-walls-"));
  cpSync(join(root, "biome.json"), join(copy, "biome.json"));
  all.forEach(([folder, specifier], index) => {
    const file = join(copy, fileOf(index, folder));
    mkdirSync(dirname(file), { recursive: true });
    const style =
      index % 2 === 0 ? `import { a } from "${specifier}";` : `const { a } = await import("${specifier}");`;
    writeFileSync(file, `${style}\n\nexport const b: number = a;\n`);
  });
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const only = "--only=style/noRestrictedImports";
  const args = [
    biome,
    "lint",
    only,
    "--vcs-enabled=false",
    "--max-diagnostics=none",
    "--reporter=github",
    ".",
  ];
  const { stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
  for (const [, file] of stdout.matchAll(/noRestrictedImports.*?file=[^,]*?((?:src|kernel-helpers)\/[^,]+)/g))
    refused.add(file as string);
  rmSync(copy, { recursive: true });
  expect(refused.size, stdout).toBeGreaterThan(0);
});

test.each(SHUT.map(([folder, ...rest], index): string[] => [folder, ...rest, fileOf(index, folder)]))(
  "%s may not import %s: %s",
  (...wall) => {
    expect([...refused]).toContain(wall.at(-1));
  },
);

test.each(
  OPEN.map(([folder, ...rest], index): string[] => [folder, ...rest, fileOf(SHUT.length + index, folder)]),
)("%s may import %s", (...way) => {
  expect([...refused]).not.toContain(way.at(-1));
});
