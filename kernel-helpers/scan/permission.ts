// Scans of other machines are told of: on stderr, and in a file of the user's.
import { appendFileSync, mkdirSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { escapeBytes } from "./escape.js";
import { ScanError } from "./problem.js";

interface OtherScan {
  target: string;
  addresses: string[];
  protocol: string;
  /** How many. */
  ports: number;
  permission: string;
}

/** Where the log is: the folder that each system has for what programs note. Linux: XDG base directories. */
export function logFile(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const home = homedir();
  const folder =
    platform === "win32"
      ? join(env.LOCALAPPDATA ?? join(home, "AppData", "Local"), "wirebook")
      : platform === "darwin"
        ? join(home, "Library", "Logs", "wirebook")
        : join(env.XDG_STATE_HOME || join(home, ".local", "state"), "wirebook");
  return join(folder, "scan.log");
}

/** @throws ScanError where the log cannot be written: then nothing is scanned */
export function noteOtherScan(scan: OtherScan, file: string = logFile()): void {
  const line = { time: new Date().toISOString(), user: userName(), ...scan };
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new ScanError(
      `scans of other machines are logged, and the log cannot be written: ${(error as Error).message}.`,
      {
        cause: error,
      },
    );
  }
  console.error(
    `scan: ${scan.ports} ${scan.protocol} ports of ${escapeBytes(Buffer.from(scan.target))} (${scan.addresses.length} ${scan.addresses.length === 1 ? "address" : "addresses"}); permission: ${escapeBytes(Buffer.from(scan.permission))}; logged in ${file}`,
  );
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In some containers the user has a number and no name.
    return String(process.getuid?.());
  }
}
