// May the notebook on the page hold more than its file? JupyterLab does not say what it has not saved, but a Jupyter server
// says when its kernel last did something.
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

interface Session {
  path?: string;
  kernel?: { last_activity?: string } | null;
}

const PATIENCE_MS = 1000;
/** A page that was just saved tells its kernel this and that. */
const SLACK_MS = 2000;

/** How old the file is, in words. */
export function savedWhen(path: string, now: number = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - statSync(path).mtimeMs) / 1000));
  const [count, unit] =
    seconds < 90
      ? [seconds, "second"]
      : seconds < 5400
        ? [Math.round(seconds / 60), "minute"]
        : seconds < 129_600
          ? [Math.round(seconds / 3600), "hour"]
          : [Math.round(seconds / 86_400), "day"];
  return `saved ${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

/**
 * Looks for a Jupyter server of this user that has the notebook open.
 * @param runtime where running servers leave word
 * @returns when the kernel last did something, where that was after the file was saved
 */
export async function usedAfterSaving(path: string, runtime: string): Promise<Date | undefined> {
  const real = realpathSync(path);
  const saved = statSync(real).mtimeMs;
  for (const server of runningServers(runtime)) {
    for (const { path: relative, kernel } of await sessionsOf(server)) {
      const last = Date.parse(kernel?.last_activity ?? "");
      if (relative === undefined || !(last > saved + SLACK_MS)) continue;
      try {
        if (realpathSync(join(server.root_dir, relative)) === real) return new Date(last);
      } catch {
        // A notebook that is gone.
      }
    }
  }
  return undefined;
}

interface Server {
  url: string;
  token: string;
  root_dir: string;
  pid: number;
}

function runningServers(runtime: string): Server[] {
  try {
    const files = readdirSync(runtime).filter((name) => /^jpserver-\d+\.json$/.test(name));
    return files.flatMap((name) => {
      try {
        const server = JSON.parse(readFileSync(join(runtime, name), "utf8")) as Server;
        process.kill(server.pid, 0);
        return [server];
      } catch {
        // It has ended, or is another user's.
        return [];
      }
    });
  } catch {
    return [];
  }
}

async function sessionsOf({ url, token }: Server): Promise<Session[]> {
  try {
    const answer = await fetch(new URL("api/sessions", url), {
      headers: { Authorization: `token ${token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const sessions: unknown = await answer.json();
    return Array.isArray(sessions) ? sessions : [];
  } catch {
    // It does not answer, or asks for more than a token.
    return [];
  }
}
