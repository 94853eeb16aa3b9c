// The cells as TypeScript sees them, with the options that a cell has.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../places.js";
import { instructors, notebooks } from "./notebooks.js";

const options = {
  target: "esnext",
  lib: ["esnext"],
  module: "nodenext",
  moduleDetection: "force",
  strict: true,
  useUnknownInCatchVariables: false,
  noImplicitAny: false,
  noEmit: true,
  skipLibCheck: true,
  types: ["node"],
};

test("the types that the notebooks teach are right, and only the call with two arguments is refused", {
  timeout: 120_000,
}, () => {
  // Within the package, so that `wirebook/socket` is what students import.
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache", "types-"));
  try {
    const cellOf = new Map<string, string>();
    for (const { name, cells } of [...notebooks, ...instructors]) {
      const lines: string[] = [];
      for (const cell of cells.filter((one) => one.cell_type === "code")) {
        for (const line of [...cell.source.split("\n"), ";"]) {
          lines.push(line);
          cellOf.set(`${name}.ts:${lines.length}`, cell.id);
        }
      }
      writeFileSync(join(folder, `${name}.ts`), lines.join("\n"));
    }
    writeFileSync(join(folder, "globals.d.ts"), "declare function check(id: string): Promise<void>;\n");
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, include: ["*.ts"] }),
    );
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], {
      encoding: "utf8",
      cwd: folder,
    });
    const refused = stdout.split("\n").flatMap((line) => {
      const [, file, number, message] = /^(?:.*[/\\])?([^/\\]+)\((\d+),\d+\): (error .*)$/.exec(line) ?? [];
      return file ? [`${cellOf.get(`${file}:${number}`)} ${message}`] : [];
    });
    expect(refused.map((one) => one.split(" ")[0])).toEqual(["bind-two-arguments"]);
    expect(status).not.toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
