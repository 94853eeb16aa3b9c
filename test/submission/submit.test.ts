// `wirebook submit`: what a student hands in, also when something is in the way.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Manifest } from "../../src/submission/manifest.js";
import { Folder } from "../client/command.js";
import { python, root } from "../places.js";
import { unzip } from "./zips.js";

const TIME = { timeout: 400_000 };
const FAST = ["--no-html", "--student", "ada"];

const manifestIn = (files: Map<string, Buffer>): Manifest =>
  JSON.parse(String(files.get("manifest.json"))) as Manifest;
const zipsIn = (folder: Folder, path = "."): string[] =>
  folder.names(path).filter((name) => name.endsWith(".zip"));

function only(folder: Folder, path = "."): { name: string; files: Map<string, Buffer>; manifest: Manifest } {
  const [name = "", ...others] = zipsIn(folder, path);
  expect(others).toEqual([]);
  const files = unzip(join(folder.path, path, name));
  return { name, files, manifest: manifestIn(files) };
}

test(
  "one file holds the notebook byte for byte, its run, a page to read, and a manifest that keeps its schema",
  TIME,
  async () => {
    using folder = new Folder();
    folder.notebook("a.ipynb", { one: "const x = 20; x", two: "console.log('two', x)" });
    const saved = readFileSync(join(folder.path, "a.ipynb"));
    const { code, stdout } = await folder.wirebook(
      "submit",
      "--student",
      "ada",
      "--course",
      "nets",
      "a.ipynb",
    );
    expect(stdout).toMatch(/Made for ada: .*nets-ada-\d{8}T\d{6}Z\.zip \(\d+ KB\)/);
    expect(code).toBe(0);
    const { name, files, manifest } = only(folder);
    expect(name).toMatch(/^nets-ada-\d{8}T\d{6}Z\.zip$/);
    expect(files.get("submitted/a.ipynb")?.equals(saved)).toBe(true);
    expect(String(files.get("executed/a.ipynb"))).toContain("two 20");
    expect(String(files.get("html/a.html"))).toContain("two 20");
    expect(manifest).toMatchObject({
      format: "wirebook-submission",
      version: 1,
      course: "nets",
      student: "ada",
    });
    const [notebook] = manifest.notebooks;
    expect(notebook).toEqual({
      name: "a.ipynb",
      bytes: saved.length,
      sha256: createHash("sha256").update(saved).digest("hex"),
      executed: { status: "ok", failures: [], checks: [] },
    });
    expect(manifest.notes).toEqual([]);
    expect(problemsOf(manifest)).toBe("");
    expect(problemsOf({ ...manifest, version: 2 })).toContain("1 was expected");
    // Nothing stays behind but the file itself.
    expect(folder.names()).toEqual(["a.ipynb", name, "tmp"]);
    expect(folder.names("tmp")).toEqual([]);
  },
);

/** What the schema finds wrong. */
function problemsOf(manifest: object): string {
  const validate =
    "import json, sys, jsonschema\nschema, value = json.load(open(sys.argv[1])), json.loads(sys.argv[2])\nprint('\\n'.join(e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(value)), end='')";
  const schema = join(root, "docs", "submission.schema.json");
  return execFileSync(python, ["-c", validate, schema, JSON.stringify(manifest)], { encoding: "utf8" });
}

test(
  "a notebook that fails, one that hangs and one that is spoilt are handed in all the same, and it is said",
  TIME,
  async () => {
    using folder = new Folder();
    folder
      .notebook("fails.ipynb", { bad: "(null as any).x", after: "console.log('after')" })
      .notebook("hangs.ipynb", { loop: "while (true) {}", after: "console.log('after')" })
      .file("spoilt.ipynb", '{"cells": [')
      .notebook("dies.ipynb", {
        exit: "process.kill(process.pid, 'SIGKILL')",
        after: "console.log('after')",
      });
    const { code, stdout } = await folder.wirebook(
      ...["submit", ...FAST, "--timeout", "15", "fails.ipynb", "hangs.ipynb", "spoilt.ipynb", "dies.ipynb"],
    );
    expect(code).toBe(3);
    expect(stdout).toContain("cell 1 (bad) fails: TypeError");
    const { files, manifest } = only(folder);
    expect(manifest.notebooks.map(({ name, executed }) => [name, executed.status])).toEqual([
      ["fails.ipynb", "failed"],
      ["hangs.ipynb", "timed out"],
      ["spoilt.ipynb", "not run"],
      ["dies.ipynb", "failed"],
    ]);
    expect(manifest.notebooks[0]?.executed.failures).toMatchObject([{ cell: 1, ename: "TypeError" }]);
    for (const name of ["fails.ipynb", "hangs.ipynb", "dies.ipynb"])
      expect(String(files.get(`executed/${name}`)), name).toContain("after\\n");
    expect(String(files.get("submitted/spoilt.ipynb"))).toBe('{"cells": [');
    expect(manifest.notes.join("\n")).toMatch(/spoilt\.ipynb was not run: it is not a notebook: no JSON/);
  },
);

test("what there is no time for any more is handed in as it was saved", TIME, async () => {
  using folder = new Folder();
  folder
    .notebook("slow.ipynb", { one: "await new Promise((r) => setTimeout(r, 60_000))" })
    .notebook("next.ipynb", { one: "1" });
  await folder.wirebook("submit", ...FAST, "--total", "3", "slow.ipynb", "next.ipynb");
  const { manifest } = only(folder);
  expect(manifest.notebooks.map(({ executed }) => executed.status)).toEqual(["timed out", "not run"]);
  expect(manifest.notes).toEqual([
    "slow.ipynb took too long in all: what had not ended by then was stopped.",
    "next.ipynb was not run: the time for all of them was over (--total). It is in here as it was saved.",
  ]);
});

test("outputs without an end are cut in the run, and the submission stays small", TIME, async () => {
  using folder = new Folder();
  folder.notebook("flood.ipynb", {
    flood: "for (let i = 0; i < 300; i++) console.log('x'.repeat(100_000))",
    after: "console.log('after')",
  });
  expect((await folder.wirebook("submit", ...FAST, "flood.ipynb")).code).toBe(0);
  const executed = String(only(folder).files.get("executed/flood.ipynb"));
  expect(executed.length).toBeLessThan(2_000_000);
  expect(executed).toMatch(/… \d{8} characters more were left out here/);
  expect(executed).toContain("after\\n");
});

test(
  "names with spaces and umlauts are kept, and what some system refuses is renamed and told",
  TIME,
  async () => {
    using folder = new Folder();
    const names = ["Übung 1.ipynb", 'a:b?"c".ipynb', "AUX.ipynb"];
    for (const name of names) folder.notebook(name, { one: "1" });
    mkdirSync(join(folder.path, "other"));
    folder.notebook(join("other", "übung 1.ipynb"), { one: "2" });
    await folder.wirebook("submit", ...FAST, "--no-run", ...names, join("other", "übung 1.ipynb"));
    const { files, manifest } = only(folder);
    expect([...files.keys()]).toEqual([
      "manifest.json",
      ...["_AUX.ipynb", "a_b__c_.ipynb", "Übung 1.ipynb", "übung 1-2.ipynb"]
        .sort()
        .map((name) => `submitted/${name}`),
    ]);
    expect(manifest.notes).toContain('"AUX.ipynb" is called "_AUX.ipynb" in here, which every system takes.');
  },
);

test("a folder that cannot be written to gives another place, by name", TIME, async () => {
  using folder = new Folder();
  folder.notebook("a.ipynb", { one: "1" }).file("file", "");
  const { code, stdout } = await folder.wirebook(
    "submit",
    ...FAST,
    "--no-run",
    "--output-dir",
    "file/inside",
    "a.ipynb",
  );
  expect(stdout).toContain(`The file is in ${folder.path} instead.`);
  expect(code).toBe(0);
  expect(zipsIn(folder)).toHaveLength(1);
});

test(
  "who hands in is taken from the option, the environment, or what was kept; where nobody says, it is asked how",
  TIME,
  async () => {
    using folder = new Folder();
    folder.notebook("a.ipynb", { one: "1" });
    const submit = (...words: string[]) =>
      folder.wirebook("submit", "--no-run", "--no-html", ...words, "a.ipynb");
    const nobody = await submit();
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toMatch(/Who hands this in\?.*--student NAME --remember.*WIREBOOK_STUDENT/s);
    const bad = await submit("--student", "../eve");
    expect(bad.stderr).toContain('"../eve" (from --student) cannot be a student\'s id');
    expect(zipsIn(folder)).toEqual([]);
    folder.env = { JUPYTERHUB_USER: "hub" };
    await submit();
    folder.env.WIREBOOK_STUDENT = "env";
    await submit();
    await submit("--student", "kept", "--remember");
    folder.env = {};
    await submit();
    expect(zipsIn(folder).map((name) => name.split("-")[1])).toEqual(["env", "hub", "kept", "kept"]);
  },
);

test("Ctrl-C leaves nothing but the notebook", TIME, async () => {
  using folder = new Folder();
  folder.notebook("slow.ipynb", { one: "await new Promise((r) => setTimeout(r, 60_000))" });
  const { process: child, said, ended } = folder.start("submit", ...FAST, "slow.ipynb");
  for (let i = 0; !said().includes("slow.ipynb") && i < 200; i++)
    await new Promise((wait) => setTimeout(wait, 50));
  await new Promise((wait) => setTimeout(wait, 2000));
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toContain("nothing was made, and your notebooks are as they were");
  expect(folder.names()).toEqual(["slow.ipynb", "tmp"]);
  expect(folder.names("tmp")).toEqual([]);
});

test("a kernel that was in use after the file was saved is a warning", TIME, async () => {
  using folder = new Folder();
  folder.notebook("a.ipynb", { one: "1" });
  const session = { path: "a.ipynb", kernel: { last_activity: new Date(Date.now() + 10_000).toISOString() } };
  const server = createServer((request, answer) => {
    const known = request.url === "/api/sessions" && request.headers.authorization === "token secret";
    answer.end(JSON.stringify(known ? [session] : []));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const runtime = join(folder.path, "runtime");
  mkdirSync(runtime);
  const { port } = server.address() as { port: number };
  const entry = {
    url: `http://127.0.0.1:${port}/`,
    token: "secret",
    root_dir: folder.path,
    pid: process.pid,
  };
  writeFileSync(join(runtime, "jpserver-1.json"), JSON.stringify(entry));
  folder.env = { JUPYTER_RUNTIME_DIR: runtime };
  const { stdout } = await folder.wirebook("submit", ...FAST, "--no-run", "a.ipynb");
  server.close();
  expect(stdout).toMatch(/a\.ipynb may have changes that are not saved: .* Save it \(Ctrl\+S\)/);
  expect(only(folder).manifest.notes.join()).toContain("may have changes that are not saved");
});

test(
  "the same notebooks at the same time make the same bytes, and a large one is no trouble",
  TIME,
  async () => {
    const { writeZip } = await import("../../src/submission/zip.js");
    using folder = new Folder();
    const large = Buffer.alloc(110_000_000, "0123456789abcdef");
    writeFileSync(join(folder.path, "large"), large);
    const small = { name: "manifest.json", from: Buffer.from("{}") };
    const modified = new Date("2026-11-26T18:45:00Z");
    for (const name of ["a.zip", "b.zip"]) await writeZip(join(folder.path, name), [small], { modified });
    const [a, b] = ["a.zip", "b.zip"].map((name) => readFileSync(join(folder.path, name)));
    expect(a?.equals(b ?? Buffer.from(""))).toBe(true);
    const entries = [{ name: "submitted/ä.ipynb", from: { file: join(folder.path, "large") } }, small];
    await writeZip(join(folder.path, "c.zip"), entries, { modified });
    const hash =
      "import hashlib, sys, zipfile; print(hashlib.sha256(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2])).hexdigest(), end='')";
    const read = ["-c", hash, join(folder.path, "c.zip"), "submitted/ä.ipynb"];
    expect(execFileSync(python, read, { encoding: "utf8" })).toBe(
      createHash("sha256").update(large).digest("hex"),
    );
    await expect(writeZip(join(folder.path, "a.zip"), entries, { modified })).rejects.toMatchObject({
      code: "EEXIST",
    });
    expect(existsSync(join(folder.path, "a.zip"))).toBe(true);
  },
);
