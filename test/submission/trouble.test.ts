// `wirebook submit` and `check` where something is in the way: the disk, another submission at the same time, an old Node, an odd name.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { problemOfStudent } from "../../src/submission/names.js";
import { findChromium } from "../../src/submission/pages.js";
import { Folder } from "../client/command.js";
import { dist, python } from "../places.js";
import { unzip } from "./zips.js";

const TIME = { timeout: 400_000 };
const FAST = ["--no-html", "--no-run", "--student", "ada"];
const isRoot = process.getuid?.() === 0;

const zipsIn = (folder: Folder, path = "."): string[] =>
  folder.names(path).filter((name) => name.endsWith(".zip"));

/** A disk of one megabyte; nothing where none can be had. */
function smallDisk(): string | undefined {
  if (!isRoot || process.platform !== "linux") return undefined;
  const place = mkdtempSync(join(tmpdir(), "wirebook-small-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place]).status === 0) return place;
  rmSync(place, { recursive: true });
  return undefined;
}

const disk = smallDisk();
const noDisk = disk === undefined ? " (skipped: only root can mount a small disk here)" : "";

test.skipIf(disk === undefined)(
  `where the disk is full the file goes elsewhere, and a full temporary folder is named${noDisk}`,
  TIME,
  async () => {
    const small = disk ?? "";
    onTestFinished(() => {
      execFileSync("umount", [small]);
      rmSync(small, { recursive: true });
    });
    using folder = new Folder();
    // What does not compress, so that its submission is as large.
    const noise = Buffer.from(Array.from({ length: 450_000 }, () => Math.random() * 256)).toString("base64");
    folder.notebook("a.ipynb", [{ id: "noise", type: "markdown", source: noise }]);
    writeFileSync(join(small, "filler"), Buffer.alloc(700_000));
    const moved = await folder.wirebook("submit", ...FAST, "--output-dir", small, "a.ipynb");
    expect(moved.stdout).toContain(
      `Nothing can be written in ${small} (ENOSPC). The file is in ${folder.path} instead.`,
    );
    expect(moved.code).toBe(0);
    folder.env = { TMPDIR: small };
    const before = folder.names();
    const nothing = await folder.wirebook("submit", ...FAST, "a.ipynb");
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toMatch(/The disk is full, so nothing was made.*\(.*wirebook-small-.*\).*TMPDIR/);
    expect(folder.names()).toEqual(before);
  },
);

/** Nothing can be written there any more; root can do that only to a file system. */
function freeze(folder: string): void {
  if (isRoot) {
    execFileSync("mount", ["--bind", folder, folder]);
    execFileSync("mount", ["-o", "remount,bind,ro", folder]);
  } else chmodSync(folder, 0o555);
}

function thaw(folder: string): void {
  if (isRoot) execFileSync("umount", [folder]);
  else chmodSync(folder, 0o755);
}

const noFreezing = isRoot ? noDisk : "";

test.skipIf(noFreezing !== "")(
  `a notebook in a folder that is read-only is handed in from another place${noFreezing}`,
  TIME,
  async () => {
    using folder = new Folder();
    const shared = join(folder.path, "shared");
    mkdirSync(shared);
    folder.notebook(join("shared", "a.ipynb"), { one: "1" });
    freeze(shared);
    try {
      const { code, stdout } = await folder.wirebook(
        "submit",
        ...FAST,
        "--remember",
        join("shared", "a.ipynb"),
      );
      expect(stdout).toMatch(/Your id could not be kept for the next time: .*The file is in .* instead\./s);
      expect(code).toBe(0);
      expect(zipsIn(folder)).toHaveLength(1);
    } finally {
      thaw(shared);
    }
  },
);

test("a pattern that the shell has left alone stands for the notebooks that it fits", TIME, async () => {
  using folder = new Folder();
  folder.notebook("b.ipynb", { one: "1" }).notebook("a.ipynb", { one: "1" });
  await folder.wirebook("submit", ...FAST, "*.ipynb");
  const files = unzip(join(folder.path, zipsIn(folder)[0] ?? ""));
  expect([...files.keys()]).toEqual(["manifest.json", "submitted/a.ipynb", "submitted/b.ipynb"]);
  const none = await folder.wirebook("submit", ...FAST, "*.txt");
  expect(none.stderr).toMatch(/There is no notebook .*\*\.txt/);
});

test("submissions that are made at the same time are files of their own", TIME, async () => {
  using folder = new Folder();
  folder.notebook("a.ipynb", { one: "1" });
  const made = await Promise.all([1, 2, 3, 4].map(() => folder.wirebook("submit", ...FAST, "a.ipynb")));
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  const zips = zipsIn(folder);
  expect(zips).toHaveLength(4);
  for (const name of zips) expect(unzip(join(folder.path, name)).has("submitted/a.ipynb")).toBe(true);
});

test("an id may have spaces and any letters, but nothing that a folder cannot be called", () => {
  for (const id of ["ad a.ü-42", "名前", "o'neil", "a+b@example.org", "-dash", "x".repeat(100)])
    expect([id, problemOfStudent(id)]).toEqual([id, undefined]);
  for (const id of [
    "",
    " ",
    "../x",
    "a/b",
    "a\\b",
    'q"',
    "CON",
    "aux.txt",
    " lead",
    "trail.",
    "a:b",
    "a*b",
    "a[1]",
    "a\nb",
    "x".repeat(101),
  ])
    expect([id, typeof problemOfStudent(id)]).toEqual([id, "string"]);
});

test.skipIf(process.platform === "win32")(
  "in a terminal the id is asked for until it can be one, and kept for the next time",
  TIME,
  async () => {
    using folder = new Folder();
    folder.notebook("a.ipynb", { one: "1" });
    const terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    const words = [join(dist, "cli.js"), "submit", "--no-run", "--no-html", "a.ipynb"];
    const { WIREBOOK_STUDENT: _, JUPYTERHUB_USER: __, ...env } = process.env;
    const child = spawn(python, ["-c", terminal, process.execPath, ...words], { cwd: folder.path, env });
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
    });
    const ended = new Promise((done) => child.once("close", done));
    await expect.poll(() => said, { timeout: 60_000 }).toContain("Your id, as your course names you");
    child.stdin.write("../eve\n");
    await expect
      .poll(() => said, { timeout: 60_000 })
      .toMatch(/That cannot be an id: .*Your id, as your course/s);
    child.stdin.write("ada 42\n");
    expect(await ended).toBe(0);
    expect(said).toContain("Made for ada 42");
    expect(JSON.parse(readFileSync(join(folder.path, ".wirebook", "student.json"), "utf8"))).toEqual({
      student: "ada 42",
    });
    expect((await folder.wirebook("submit", "--no-run", "--no-html", "a.ipynb")).stdout).toContain(
      "Made for ada 42",
    );
  },
);

const noBrowser = findChromium() === undefined;
test.skipIf(noBrowser)(
  `the page is there as PDF, too, under names with spaces and umlauts${noBrowser ? " (skipped: there is no Chromium)" : ""}`,
  TIME,
  async () => {
    using folder = new Folder();
    const long = `console.log("from here ${"on and ".repeat(40)}to the end")`;
    folder.notebook("Übung 1 – Lösung.ipynb", { one: long });
    const { code, stdout } = await folder.wirebook("submit", "--student", "ad a.ü", "Übung 1 – Lösung.ipynb");
    expect(stdout).toContain("Made for ad a.ü");
    expect(code).toBe(0);
    const pdf = unzip(join(folder.path, zipsIn(folder)[0] ?? "")).get("html/Übung 1 – Lösung.pdf");
    expect(pdf?.subarray(0, 5).toString()).toBe("%PDF-");
    writeFileSync(join(folder.path, "a.pdf"), pdf ?? "");
    const text = spawnSync("pdftotext", [join(folder.path, "a.pdf"), "-"], { encoding: "utf8" });
    // What is too wide for the paper is on the next line, and not cut off.
    if (!text.error) expect(text.stdout.replace(/\s+/g, " ").match(/to the end/g)).toHaveLength(2);
  },
);

/** A Node on this machine that is too old for the kernel. */
const old = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"]
  .map((place) => join(place, "node"))
  .find((node) => {
    const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout ?? "";
    return /^v(20|22)\./.test(version);
  });
test.skipIf(old === undefined)(
  `whoever calls it with an older Node gets the Node of the set-up${old ? "" : " (skipped: there is no older Node)"}`,
  TIME,
  async () => {
    using folder = new Folder();
    folder.notebook("a.ipynb", { one: "process.versions.node" });
    const said = spawnSync(old ?? "", [join(dist, "cli.js"), "check", "a.ipynb"], {
      cwd: folder.path,
      encoding: "utf8",
    });
    expect(said.stdout, said.stderr).toContain("ready to hand in");
    expect(said.status).toBe(0);
  },
);
