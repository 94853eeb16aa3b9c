import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { adopted, orphaned, parentPid, watchParent } from "../../src/session/parent.js";

test.each([
  [{}, undefined],
  [{ JPY_PARENT_PID: "0" }, undefined],
  [{ JPY_PARENT_PID: "1" }, undefined],
  [{ JPY_PARENT_PID: "nonsense" }, undefined],
  [{ JPY_PARENT_PID: "99999999" }, undefined],
  [{ JPY_PARENT_PID: String(process.pid) }, process.pid],
  // It has gone while the kernel started.
  [{ JPY_PARENT_PID: "99999999", WIREBOOK_STARTED_BY: "99999999" }, 99_999_999],
  [{ JPY_PARENT_PID: "99999999", WIREBOOK_STARTED_BY: "4711" }, undefined],
])("of %o the process to watch is %s", (env, pid) => {
  expect(parentPid(env, "linux")).toBe(pid);
});

test("on Windows, where JPY_PARENT_PID is a handle, the parent itself is watched", () => {
  expect(parentPid({ JPY_PARENT_PID: "1234" }, "win32")).toBe(process.ppid);
  expect(parentPid({}, "win32")).toBeUndefined();
});

test.each([
  ["Linux and macOS", adopted],
  ["Windows", orphaned],
])("the way of %s tells once when the watched process has ended, and not before", async (_, watch) => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  const onGone = vi.fn();
  watchParent(child.pid as number, onGone, { every: 5, watch });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(onGone).not.toHaveBeenCalled();
  child.kill("SIGKILL");
  await expect.poll(() => onGone.mock.calls.length).toBe(1);
});
