// Two set-ups at once would tread on each other: the second waits for the first.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromSystem, Problem } from "./problem.mjs";
import { root } from "./places.mjs";

const lock = join(root, ".setup-lock");
const owner = join(lock, "pid");
const PATIENCE_MS = 15 * 60_000;

export async function locked(work) {
  const end = Date.now() + PATIENCE_MS;
  for (let told = false; !take(); ) {
    if (Date.now() > end) throw new Problem("Another set-up of this folder has been running for 15 minutes.", `If there is none, delete ${lock}`);
    if (!told) console.log("Another set-up of this folder is running; waiting for it …");
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.on("exit", release);
  try {
    return await work();
  } finally {
    release();
    process.off("exit", release);
  }
}

function take() {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code !== "EEXIST") throw fromSystem(error, "Setting up");
    if (ownerLives()) return false;
    rmSync(lock, { recursive: true, force: true });
    return take();
  }
  writeFileSync(owner, String(process.pid));
  return true;
}

function ownerLives() {
  let pid;
  try {
    pid = Number(readFileSync(owner, "utf8"));
  } catch {
    // Just made, or cut short: give its maker a moment, then it is nobody's.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    try {
      pid = Number(readFileSync(owner, "utf8"));
    } catch {
      return false;
    }
  }
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return error.code === "EPERM";
  }
}
