// The lists that a machine keeps as text: hosts(5), services(5), protocols(5).
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The words of each line, comments left out; no lines where there is no such list. */
export function linesOf(list: "hosts" | "services" | "protocols"): string[][] {
  const windows = process.platform === "win32";
  const folder = windows
    ? join(process.env.SystemRoot ?? "C:\\Windows", "System32", "drivers", "etc")
    : "/etc";
  // There the list of protocols has a name of eight characters at most.
  const name = windows && list === "protocols" ? "protocol" : list;
  try {
    const lines = readFileSync(join(folder, name), "utf8").split("\n");
    return lines.map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
  } catch {
    return [];
  }
}
