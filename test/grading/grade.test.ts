// `wirebook grade` as a command: marks, tables, what is put right, and going on after the worst.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Grade } from "../../src/grading/needs.js";
import { dist, python } from "../places.js";
import { given, handedIn, right, secret, writeCourse, writeSubmission } from "./course.js";

const shutIn = spawnSync("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "true"]).status === 0;
const isRoot = process.getuid?.() === 0 && shutIn;
const unsafe = shutIn ? [] : ["--unsafe-no-sandbox"];
const gradebook = existsSync(python) && spawnSync(python, ["-c", "import nbgrader.api"]).status === 0;

interface Place {
  folder: string;
  inbox: string;
  out: string;
  args: string[];
}

function place(): Place {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-grading-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { source, visible, hidden } = writeCourse(folder);
  const [inbox, out] = [join(folder, "submitted"), join(folder, "grades")];
  mkdirSync(inbox);
  const args = [join(dist, "cli.js"), "grade", inbox, "--source", source, "--checks", visible, hidden];
  return { folder, inbox, out, args: [...args, "--output-dir", out, "--timeout", "5", ...unsafe] };
}

function start(args: string[], env: NodeJS.ProcessEnv = process.env): ChildProcess & { said(): string } {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk));
  return Object.assign(child, { said: () => said });
}

async function grade(
  { args }: Place,
  more: string[] = [],
  env?: NodeJS.ProcessEnv,
): Promise<{ code: number | null; said: string }> {
  const child = start([...args, ...more], env);
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, said: child.said() };
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

const journal = ({ out }: Place): Grade[] =>
  readFileSync(join(out, "results.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { grade: Grade }).grade);

test("right, half-right, empty, crashing and unreadable answers get their marks, and one line each in the table", async () => {
  const here = place();
  writeSubmission(here.inbox, "anna", handedIn(right));
  writeSubmission(here.inbox, "ben", handedIn({}));
  writeSubmission(
    here.inbox,
    "cleo",
    handedIn({ ...right, "sol-add": "const add = (a: number, b: number) => a * b;" }),
  );
  writeSubmission(
    here.inbox,
    "dan",
    handedIn({ ...right, "sol-server": "process.kill(process.pid, 'SIGKILL');" }),
  );
  writeSubmission(here.inbox, "eve", "no notebook");
  const { code, said } = await grade(here, ["--jobs", "2"]);
  expect(said).toContain("5 of 5 marked, 1 to be looked at");
  expect(code).toBe(1);
  const csv = readFileSync(join(here.out, "grades.csv"), "utf8").split("\r\n");
  expect(csv[0]).toBe(
    "student,assignment,total,max,status,test-add,test-add-more,test-server,test-words,notes",
  );
  expect(csv.slice(1, 5).map((row) => row.split(",").slice(0, 9).join())).toEqual([
    "anna,lab,10,10,graded,1,3,2,4",
    "ben,lab,0,10,graded,0,0,0,0",
    "cleo,lab,6,10,graded,0,0,2,4",
    // What came before the death of its process was marked, and what comes after it counts again.
    "dan,lab,8,10,graded,1,3,0,4",
  ]);
  expect(csv[5]).toMatch(/^eve,lab,0,10,look,/);
  expect(readFileSync(join(here.out, "executed", "anna", "lab", "lab.ipynb"), "utf8")).toContain(
    "vnd.wirebook.check",
  );
  for (const name of ["results.jsonl", "grades.csv", "grades.json"])
    expect(readFileSync(join(here.out, name), "utf8")).not.toContain(secret);
}, 120_000);

test("who is killed at any moment goes on where it was: nothing is marked twice, nothing is lost", async () => {
  const here = place();
  for (let i = 0; i < 6; i++) writeSubmission(here.inbox, `s${i}`, handedIn(i % 2 === 0 ? right : {}));
  for (const ms of [900, 2500, 4000]) {
    const child = start([...here.args, "--jobs", "2"]);
    const timer = setTimeout(() => child.kill("SIGKILL"), ms);
    await new Promise((done) => child.once("close", done));
    clearTimeout(timer);
  }
  // As if it had been killed in the middle of a line.
  writeFileSync(join(here.out, "results.jsonl"), '{"key":"half', { flag: "a" });
  const { code } = await grade(here, ["--jobs", "2"]);
  expect(code).toBe(0);
  const all = journal(here);
  expect(all.map(({ student }) => student).sort()).toEqual(["s0", "s1", "s2", "s3", "s4", "s5"]);
  for (const { student, total } of all) expect(total).toBe(Number(student.slice(1)) % 2 === 0 ? 10 : 0);
  const again = await grade(here);
  expect(again.said).toContain("(6 of them earlier)");
  expect(journal(here)).toHaveLength(6);
}, 180_000);

test("other checks mark anew", async () => {
  const here = place();
  writeSubmission(here.inbox, "anna", handedIn({}));
  await grade(here);
  const checks = join(here.folder, "checks", "h.ts");
  writeFileSync(
    checks,
    readFileSync(checks, "utf8")
      .replace("seen === 5", "seen !== 5")
      .replace("await student.call", "0; await student.value"),
  );
  await grade(here);
  expect(journal(here)).toHaveLength(2);
}, 60_000);

test("cells that were locked are the instructor's again, and what was wrong with them is noted", async () => {
  const here = place();
  const notebook = handedIn(right);
  const byId = new Map(notebook.cells.map((cell) => [cell.id, cell]));
  const edited = byId.get("test-add");
  if (edited) edited.source = "100";
  notebook.cells = notebook.cells.filter(({ id }) => id !== "test-server");
  notebook.cells.push(structuredClone(byId.get("test-words") as (typeof notebook.cells)[number]));
  writeSubmission(here.inbox, "anna", notebook);
  await grade(here);
  const [result] = journal(here);
  expect(result?.total).toBe(10);
  expect(result?.notes.join("\n")).toMatch(
    /test-add: it was edited[\s\S]*test-words: it was there 2 times[\s\S]*test-server: it was missing/,
  );
}, 60_000);

test("links are not followed, and what is beside a notebook can be imported", async () => {
  const here = place();
  const notebook = handedIn({ ...right, "sol-add": 'import { plus } from "./own.ts";\nconst add = plus;' });
  writeSubmission(here.inbox, "anna", notebook);
  writeFileSync(
    join(here.inbox, "anna", "lab", "own.ts"),
    "export const plus = (a: number, b: number): number => a + b;",
  );
  mkdirSync(join(here.inbox, "ben", "lab"), { recursive: true });
  symlinkSync(join(here.inbox, "anna", "lab", "lab.ipynb"), join(here.inbox, "ben", "lab", "lab.ipynb"));
  await grade(here);
  const of = (student: string): Grade | undefined => journal(here).find((one) => one.student === student);
  expect(of("anna")?.total).toBe(10);
  expect(of("ben")?.total).toBe(0);
  expect(of("ben")?.notes.join()).toContain("is a link");
}, 60_000);

test("where submissions cannot be shut in none is run, unless that is said; then each result says so", async () => {
  const here = place();
  // Without walls all share one network, in which another notebook may have that port.
  const server = right["sol-server"].replace("serve(12345,", "serve(0,").replace("= 12345", "= server.port");
  writeSubmission(here.inbox, "anna", handedIn({ ...right, "sol-server": server }));
  const tools = join(here.folder, "tools");
  mkdirSync(tools);
  const failing = join(tools, "bwrap");
  writeFileSync(failing, "#!/bin/sh\necho 'no user namespaces' >&2\nexit 1\n");
  chmodSync(failing, 0o755);
  const env = { ...process.env, PATH: [tools, dirname(process.execPath), process.env.PATH].join(delimiter) };
  const args = { ...here, args: here.args.filter((arg) => arg !== "--unsafe-no-sandbox") };
  const refused = await grade(args, [], env);
  expect(refused.code).toBe(1);
  expect(refused.said).toContain("no user namespaces");
  expect(refused.said).toContain("--unsafe-no-sandbox");
  expect(existsSync(join(here.out, "results.jsonl"))).toBe(false);
  const run = await grade(args, ["--unsafe-no-sandbox"], env);
  expect(run.code).toBe(0);
  expect(journal(here)[0]).toMatchObject({ total: 10, sandbox: "none" });
}, 60_000);

test.skipIf(!isRoot)(
  `where no engine can start nobody gets a mark, and the reason is said${isRoot ? "" : " (skipped: only root's engines run as somebody else)"}`,
  async () => {
    const here = place();
    writeSubmission(here.inbox, "anna", handedIn(right));
    const closed = join(here.folder, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const { code, said } = await grade(here, [], { ...process.env, TMPDIR: closed });
    expect(code).toBe(1);
    expect(said).toMatch(/✗ .*anna.*the kernel could not begin: /);
    expect(journal(here)).toEqual([]);
    expect((await grade(here)).code).toBe(0);
    expect(journal(here)[0]?.total).toBe(10);
  },
  60_000,
);

test.skipIf(process.platform !== "linux")(
  "where the machine stands still a submission is marked once more: limits that were over meanwhile cost nothing",
  async () => {
    const here = place();
    const slow =
      "let add: any; for (let i = 0; i < 25; i++) await new Promise((later) => setTimeout(later, 100)); add = (a: number, b: number) => a + b;";
    writeSubmission(here.inbox, "anna", handedIn({ ...right, "sol-add": slow }));
    const child = start([...here.args, "--timeout", "4", ...unsafe]);
    const ended = new Promise((done) => child.once("close", done));
    const processes = (): number[] => {
      const found = [child.pid as number];
      for (const pid of found) found.push(...childrenOf(pid));
      return found;
    };
    // The engine is the deepest of them.
    await expect.poll(() => processes().length, { timeout: 20_000 }).toBeGreaterThan(4);
    await new Promise((later) => setTimeout(later, 1500));
    const stopped = processes();
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    await new Promise((later) => setTimeout(later, 6000));
    for (const pid of stopped) process.kill(pid, "SIGCONT");
    await ended;
    expect(journal(here).map(({ total, status }) => [total, status])).toEqual([[10, "graded"]]);
  },
  90_000,
);

test.skipIf(!gradebook)(
  `marks are in nbgrader's gradebook${gradebook ? "" : " (skipped: nbgrader is not in .venv)"}`,
  async () => {
    const here = place();
    writeSubmission(here.inbox, "anna", handedIn({ ...right, "sol-words": "" }));
    const database = join(here.folder, "gradebook.db");
    const { said } = await grade(here, ["--gradebook", database]);
    expect(said).toContain("1 submissions are in");
    const script = `from nbgrader.api import Gradebook
with Gradebook("sqlite:///${database}") as book:
    s = book.find_submission("lab", "anna"); print(s.score, s.max_score)`;
    const env = { ...process.env, PATH: [dirname(python), process.env.PATH].join(delimiter) };
    expect(spawnSync(python, ["-c", script], { encoding: "utf8", env }).stdout.trim()).toBe("6.0 10.0");
  },
  180_000,
);

test("an instructor's notebook without answers gets no mark for them", async () => {
  const here = place();
  writeSubmission(here.inbox, "zoe", given());
  expect((await grade(here)).code).toBe(0);
  expect(journal(here)[0]).toMatchObject({ total: 0, max: 10, status: "graded" });
}, 60_000);
