// Finding a Python that is new enough.

import { Problem } from "./problem.mjs";
import { ask } from "./programs.mjs";

const OLDEST = [3, 11];
const QUESTION = "import sys; print('%d.%d' % sys.version_info[:2]); import venv, ensurepip";

/** Looks through PATH, or takes the one that WIREBOOK_PYTHON names. @returns the command (and its first arguments) of a Python that will do */
export function findPython(env = process.env) {
  const chosen = env.WIREBOOK_PYTHON;
  const minors = [14, 13, 12, 11].map((minor) => [`python3.${minor}`]);
  const candidates = chosen
    ? [[chosen]]
    : [["python3"], ["python"], ...minors, ...(process.platform === "win32" ? [["py", "-3"]] : [])];
  const old = [];
  let lacking;
  for (const [command, ...args] of candidates) {
    const version = ask(command, [...args, "-c", QUESTION.split(";").slice(0, 2).join(";")]);
    if (!version) continue;
    const [major, minor] = version.split(".").map(Number);
    if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
      old.push(`${command} is ${version}`);
      continue;
    }
    if (ask(command, [...args, "-c", QUESTION])) return [command, ...args];
    lacking ??= { command, version };
  }
  const wanted = `Python ${OLDEST.join(".")} or newer`;
  if (lacking) {
    throw new Problem(
      `${lacking.command} (${lacking.version}) lacks the modules venv and ensurepip.`,
      `On Debian and Ubuntu they are a package of their own: sudo apt install python${lacking.version}-venv`,
    );
  }
  if (chosen)
    throw new Problem(
      `WIREBOOK_PYTHON names ${chosen}, which is not ${wanted}${old.length > 0 ? ` (${old.join(", ")})` : ""}.`,
    );
  throw new Problem(
    old.length > 0 ? `${wanted} is needed; ${old.join(", ")}.` : `${wanted} is needed, and none was found.`,
    "Install it from python.org or with your system's packages.",
    "If it is there under another name: set WIREBOOK_PYTHON to its path.",
  );
}
