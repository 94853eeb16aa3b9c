// Can submissions be shut in on this machine?

import { spawnSync } from "node:child_process";
import { CommandProblem } from "./problem.js";

/**
 * Which walls submissions have on this machine.
 * @throws CommandProblem where there are none, and nobody said that none are needed
 */
export function sandboxOf({ unsafeNoSandbox = false }: { unsafeNoSandbox?: boolean }): "bubblewrap" | "none" {
  const trial = ["--unshare-all", "--ro-bind", "/", "/", "true"];
  const missing = ["prlimit", "nsenter"].filter((name) => spawnSync(name, ["--version"]).error !== undefined);
  const { error, stderr, status } = spawnSync("bwrap", trial, { encoding: "utf8" });
  if (!error && status === 0 && missing.length === 0) return unsafeNoSandbox ? "none" : "bubblewrap";
  if (unsafeNoSandbox) return "none";
  const why = error
    ? "bubblewrap (bwrap) is not installed"
    : missing.length > 0
      ? `${missing.join(" and ")} is not installed`
      : stderr.trim();
  throw new CommandProblem(
    `Submissions cannot be shut in here: ${why}. Install bubblewrap and util-linux (Linux). ` +
      "To run them as yourself, with all that you can read and write: --unsafe-no-sandbox; each result says so",
  );
}
