// Many machines: jobs through NATS, and workers that die.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Grade } from "../../src/grading/needs.js";
import { GradeQueue } from "../../src/grading/queue.js";
import { noNats, skippedNats, startNats } from "../middleware/nats.js";
import { dist } from "../places.js";
import { handedIn, right, secret, writeCourse, writeSubmission } from "./course.js";

const shutIn = spawnSync("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "true"]).status === 0;
const unsafe = shutIn ? [] : ["--unsafe-no-sandbox"];

function start(args: string[]): ChildProcess & { said(): string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [join(dist, "cli.js"), ...args, ...unsafe], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk));
  const ended = new Promise<number | null>((done) => child.once("close", done));
  return Object.assign(child, { said: () => said, ended });
}

test.skipIf(noNats !== undefined)(
  `workers that die lose no job, nothing is counted twice, and executed notebooks come back${skippedNats}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-queue-"));
    await using nats = await startNats();
    const { source, visible, hidden } = writeCourse(folder);
    const inbox = join(folder, "submitted");
    mkdirSync(inbox);
    for (let i = 0; i < 6; i++) writeSubmission(inbox, `s${i}`, handedIn(i % 2 === 0 ? right : {}));
    const worker = ["grade-worker", "--nats", nats.url, "--jobs", "1"];
    const first = start(worker);
    const out = join(folder, "grades");
    const grading = start([
      "grade",
      inbox,
      "--source",
      source,
      "--checks",
      visible,
      hidden,
      "--output-dir",
      out,
      "--nats",
      nats.url,
    ]);
    // In the middle of a job, as soon as it has one behind it.
    for (let i = 0; i < 600 && !/s\d: /.test(first.said()); i++)
      await new Promise((done) => setTimeout(done, 50));
    await new Promise((done) => setTimeout(done, 500));
    first.kill("SIGKILL");
    const others = [start(worker), start(worker)];
    expect(await grading.ended, grading.said()).toBe(0);
    for (const other of others) other.kill("SIGTERM");
    for (const other of others) expect(await other.ended).toBe(0);
    const text = readFileSync(join(out, "results.jsonl"), "utf8");
    const grades = text
      .split("\n")
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { grade: Grade }).grade);
    expect(grades.map(({ student }) => student).sort()).toEqual(["s0", "s1", "s2", "s3", "s4", "s5"]);
    for (const { student, total } of grades) expect(total).toBe(Number(student.slice(1)) % 2 === 0 ? 10 : 0);
    expect(text).not.toContain(secret);
    for (const { student } of grades) {
      const executed = readFileSync(join(out, "executed", student, "lab", "lab.ipynb"), "utf8");
      expect(executed).toContain("vnd.wirebook.check");
      expect(executed).not.toContain(secret);
    }
    rmSync(folder, { recursive: true, force: true });
  },
  180_000,
);

test.skipIf(noNats !== undefined)(
  `what is larger than a message comes back whole, of the run that it belongs to${skippedNats}`,
  async () => {
    await using nats = await startNats();
    const queue = await GradeQueue.open(nats.url);
    try {
      const job = { digest: "a", key: "b" };
      const all = [randomBytes(3_000_000), randomBytes(10)];
      const places = [];
      for (const bytes of all) places.push(await queue.putBeside(job, bytes));
      for (const [index, place] of places.entries())
        expect(all[index]?.equals(await queue.beside(job, place))).toBe(true);
      const lost = { run: "another", parts: 1 };
      await expect(queue.beside(job, lost)).rejects.toThrow("the queue has forgotten them");
    } finally {
      await queue.close();
    }
  },
  60_000,
);
