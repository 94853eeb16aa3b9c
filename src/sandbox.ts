// Joins the sandbox for the supervisor, where one is asked for.

import { bubblewrap } from "./sandbox/bubblewrap.js";
import type { Sandbox } from "./sandbox/needs.js";
import type { SandboxSettings } from "./sandbox/settings.js";

export function createSandbox({ limits, uid }: SandboxSettings): Sandbox {
  return bubblewrap({ limits, uid, dist: import.meta.dirname, root: process.getuid?.() === 0 });
}
