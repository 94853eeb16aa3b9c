// Notebooks 1 to 6 under the stock tslab kernel: all that differs stands in docs/tslab.md, and nothing stands there that does not.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { python, root } from "../places.js";
import { folder, notebooks } from "./notebooks.js";

interface Seen {
  notebook: string;
  id: string;
  tags: string[];
  status: "ok" | "error" | "aborted" | null;
  text: string;
}

async function executeUnderTslab(paths: string[]): Promise<Seen[]> {
  const home = mkdtempSync(join(tmpdir(), "wirebook-tslab-"));
  const spec = join(home, "kernels", "tslab");
  mkdirSync(spec, { recursive: true });
  const argv = [
    ...[process.execPath, join(root, "node_modules", "tslab", "bin", "tslab")],
    ...["kernel", "--config-path={connection_file}"],
  ];
  writeFileSync(
    join(spec, "kernel.json"),
    JSON.stringify({ argv, display_name: "tslab", language: "typescript" }),
  );
  const child = spawn(python, [join(import.meta.dirname, "tslab.py"), ...paths], {
    env: { ...process.env, JUPYTER_PATH: home, WIREBOOK_TARGET: "stand-in", WIREBOOK_PORT_BASE: "26000" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let log = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  await new Promise((resolve) => child.once("close", resolve));
  rmSync(home, { recursive: true, force: true });
  try {
    return JSON.parse(out) as Seen[];
  } catch {
    throw new Error(`tslab did not come through: ${log}`);
  }
}

/** What a cell does otherwise than under Wirebook. */
function difference({ tags, status, text }: Seen): string | undefined {
  const fails = tags.includes("raises-exception");
  // tslab's own words for mistakes in types.
  const refused = status === "error" && /^\d+:\d+ - /m.test(text);
  if (refused !== tags.includes("type-error"))
    return refused ? "is refused before it runs" : "is not refused";
  if (status === "error" && !fails) return "fails";
  if (status === "ok" && fails) return "does not fail";
  if (status !== "ok" && status !== "error") return "is not run";
  if (text.trim() === "" && !tags.includes("no-output")) return "shows nothing";
  return undefined;
}

test("docs/tslab.md lists each cell that is different under tslab, and no other", {
  timeout: 240_000,
}, async () => {
  const names = notebooks.map(({ name }) => name).filter((name) => /^[1-6]/.test(name));
  const seen = await executeUnderTslab(names.map((name) => join(folder, name)));
  const expected = notebooks
    .filter(({ name }) => names.includes(name))
    .flatMap(({ name, cells }) =>
      cells.filter((cell) => cell.cell_type === "code").map(({ id }) => `${name} ${id}`),
    );
  expect(seen.map(({ notebook, id }) => `${notebook} ${id}`)).toEqual(expected);
  const listed = [
    ...readFileSync(join(root, "docs", "tslab.md"), "utf8").matchAll(
      /^\| (\S+\.ipynb) +\| (\S+) +\| ([^|]+?) +\| [^|]+\|$/gm,
    ),
  ].map(([, notebook, id, how]) => `${notebook} ${id} ${how}`);
  const different = seen.flatMap((cell) => {
    const how = difference(cell);
    return how ? [`${cell.notebook} ${cell.id} ${how}`] : [];
  });
  expect(different.sort()).toEqual(listed.sort());
});
