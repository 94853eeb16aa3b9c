// Processes beside the one that measures. They end when it does: whatever becomes of it, their channel to it closes.
import { fork } from "node:child_process";
import { join } from "node:path";

/** Starts a program that lies here. @returns the process, and the first thing that it says */
export async function start(program, ...args) {
  const child = fork(join(import.meta.dirname, program), args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return { child, said: await next(child) };
}

/** What a process says next. */
export function next(child) {
  return new Promise((resolve, reject) => {
    const ended = (code, signal) =>
      reject(new Error(`a process of the benchmark has ended with ${code ?? signal}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
}

/** Kills it. @returns when it is gone */
export function gone(child, signal = "SIGKILL") {
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  return exit;
}
