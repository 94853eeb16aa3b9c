// Where Jupyter keeps what is a user's own.

import { homedir } from "node:os";
import { join } from "node:path";

/** As `jupyter --data-dir` answers, without asking Python. */
export function dataFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  const home = homedir();
  if (platform === "darwin") return join(home, "Library", "Jupyter");
  if (platform === "win32") return join(env.APPDATA ?? join(home, "AppData", "Roaming"), "jupyter");
  return join(env.XDG_DATA_HOME ?? join(home, ".local", "share"), "jupyter");
}

/** As `jupyter --runtime-dir` answers: where clients look for connection files. */
export function runtimeFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  return env.JUPYTER_RUNTIME_DIR || join(dataFolder(env, platform), "runtime");
}
