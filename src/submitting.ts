// The kernel's part in a front end's button "Submit": it knows the notebook's folder, and starts `wirebook submit` there as a
// process of its own. So no extension of the Jupyter server is needed, and no student's code takes part.
//
//   { ask: "ready" }                       → { state: "ready", student?, notebooks: [{ name, assignment? }] }
//   { ask: "submit", student, notebooks }  → { state: "running", notebook, done, of } …, then
//                                            { state: "done", file, beside?, bytes, found, notes } or { state: "failed", message }
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { readNotebook } from "./client/notebook.js";
import type { Json } from "./flow.js";
import type { OwnComm } from "./session/needs.js";
import { assignmentOf } from "./submission/graded-cells.js";
import { findStudent } from "./submission/student.js";

type Say = (data: Json) => void;

/**
 * @param options.cli the command
 * @param options.folder where the notebook lies
 */
export function startSubmitting({ cli, folder }: { cli: string; folder: string }): OwnComm {
  const here = realpathSync(folder);
  let running: ChildProcess | undefined;
  const end = (): void => void running?.kill("SIGTERM");
  process.once("exit", end);

  const submit = (student: string, notebooks: string[], say: Say): void => {
    const words = ["submit", "--json", "--progress", "--saved", "--student", student, "--remember"];
    const { JPY_PARENT_PID: _, JPY_SESSION_NAME: __, WIREBOOK_NOTEBOOK: ___, ...env } = process.env;
    const child = spawn(process.execPath, [cli, ...words, "--", ...notebooks], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    running = child;
    let out = "";
    let last = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      const progress = parsed(line);
      if (progress) say({ state: "running", ...progress });
      else last = line;
    });
    const failed = (message: string): void => say({ state: "failed", message });
    child.once("error", (error) => failed(`wirebook submit could not be started: ${error.message}`));
    child.once("close", (code) => {
      running = undefined;
      const made = parsed(out);
      if (!made)
        return failed(last.replace(/^wirebook: /, "") || `wirebook submit ended with exit code ${code}`);
      const file = String(made.file);
      say({
        state: "done",
        file,
        ...(dirname(file) === here && { beside: basename(file) }),
        bytes: made.bytes ?? 0,
        found: made.found ?? [],
        notes: (made.manifest as Json | undefined)?.notes ?? [],
      });
    });
  };

  return {
    async receive(data, say) {
      if (data.ask === "ready") {
        const student = await findStudent({ env: process.env, folder, remember: false }).catch(
          () => undefined,
        );
        const notebooks = notebooksIn(folder).map((name) => ({ name, ...belongsTo(join(folder, name)) }));
        say({ state: "ready", ...(student && { student: student.id }), notebooks });
      } else if (data.ask === "submit" && !running) {
        const there = new Set(notebooksIn(folder));
        const wanted = (Array.isArray(data.notebooks) ? data.notebooks : []).map(String);
        const missing = wanted.find((name) => !there.has(name));
        if (missing !== undefined || wanted.length === 0)
          say({ state: "failed", message: `There is no notebook ${missing ?? "chosen"} in ${folder}.` });
        else
          submit(
            String(data.student ?? ""),
            wanted.map((name) => join(folder, name)),
            say,
          );
      }
    },
    close() {
      process.off("exit", end);
      end();
    },
  };
}

function notebooksIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ipynb") && !name.startsWith("."))
    .sort();
}

/** The course and assignment that it is a part of, as one word to compare. */
function belongsTo(path: string): { assignment?: string } {
  try {
    const { course, name } = assignmentOf(readNotebook(path));
    return name === undefined ? {} : { assignment: `${course} ${name}` };
  } catch {
    // It cannot be read; it can be handed in all the same.
    return {};
  }
}

function parsed(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
