// Joins checks for the supervisor. A file of its own, because nothing of it is loaded before a cell is a check.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { type Checks, createChecks } from "./check/checks.js";
import type { CheckerProcess, ChecksOptions, FromChecker } from "./check/needs.js";
import type { CheckSettings } from "./check/settings.js";

interface Given extends Pick<ChecksOptions, "executions" | "place"> {
  settings: CheckSettings;
  /** What a program is to be started with, to be in the engine's network. */
  intoNetwork(): string[];
}

export function startChecks({ settings, intoNetwork, ...given }: Given): Checks {
  return createChecks({ ...given, ...settings, start: () => startChecker(intoNetwork()) });
}

function startChecker(prefix: string[]): CheckerProcess {
  const file = join(import.meta.dirname, "checker.js");
  const command = [...prefix, process.execPath, "--max-old-space-size=256", file];
  const child = spawn(command[0] as string, command.slice(1), {
    // What definitions print is no output of the student's.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    windowsHide: true,
  });
  let listener: (message: FromChecker) => void = () => {};
  child.on("message", (message) => listener(message as FromChecker));
  return {
    send(message) {
      if (child.connected) child.send(message, () => {});
    },
    onMessage(next) {
      listener = next;
    },
    ended: new Promise((resolve) => {
      child.once("error", () => resolve());
      child.once("exit", () => resolve());
    }),
    kill: () => void child.kill("SIGKILL"),
  };
}
