// Two set-ups at once would tread on each other: the second waits for the first. Making a folder is atomic on every system.
// The owner touches it every second; a lock whose owner is gone, or was not touched for a minute, is nobody's.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";
import { fromSystem, Problem } from "./problem.mjs";

const lock = join(root, ".cache", "setup-lock");
const owner = join(lock, "pid");
const PATIENCE_MS = 15 * 60_000;
const SILENCE_MS = 60_000;

/** Runs `work` while no other set-up of this folder runs. @throws Problem after 15 minutes of waiting */
export async function locked(work) {
  try {
    mkdirSync(join(root, ".cache"), { recursive: true });
  } catch (error) {
    throw fromSystem(error, "Setting up");
  }
  const end = Date.now() + PATIENCE_MS;
  for (let told = false; !(await take()); ) {
    if (Date.now() > end) {
      throw new Problem(
        "Another set-up of this folder has been running for 15 minutes.",
        `If there is none, delete ${lock}`,
      );
    }
    if (!told) console.log("Another set-up of this folder is running; waiting for it …");
    told = true;
    await pause(300);
  }
  const alive = setInterval(touch, 1000);
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.on("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(alive);
    process.off("exit", release);
    release();
  }
}

async function take() {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code !== "EEXIST") throw fromSystem(error, "Setting up");
    if (inUse()) return false;
    setAside();
    return false; // and try again after the pause, as everybody else who waits
  }
  writeFileSync(owner, String(process.pid));
  return true;
}

function inUse() {
  const touched = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (touched === undefined) return true; // just released: the next try takes it
  const silent = Date.now() - touched;
  if (silent > SILENCE_MS) return false;
  let pid;
  try {
    pid = Number(readFileSync(owner, "utf8"));
  } catch {
    return silent < 2000; // just made, or its maker was cut short
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function setAside() {
  const aside = `${lock}-${process.pid}`;
  try {
    renameSync(lock, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch {
    // Another one who waits was quicker.
  }
}

function touch() {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch {
    // Deleted by hand; the work goes on.
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
