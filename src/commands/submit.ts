// `wirebook submit`: one file that any learning platform takes.
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import manifestOfPackage from "../../package.json" with { type: "json" };
import { assignmentOf } from "../submission/graded-cells.js";
import { FORMAT, type Manifest, type SubmittedNotebook } from "../submission/manifest.js";
import { distinctNames } from "../submission/names.js";
import { makePages } from "../submission/pages.js";
import { SubmissionProblem } from "../submission/problem.js";
import { savedWhen } from "../submission/saved.js";
import { findStudent } from "../submission/student.js";
import { hashOf, writeSubmission } from "../submission/write.js";
import { progressBar, unsaved } from "./check.js";
import { type Examined, examine, executedOf, linesOf, notesOf } from "./examine.js";
import { expandPatterns } from "./patterns.js";
import { CommandProblem } from "./problem.js";
import { stoppable } from "./stoppable.js";
import { venvPython } from "./venv.js";

export interface SubmitCommandOptions {
  student?: string;
  /** Keep it for the next time. */
  remember?: boolean;
  course?: string;
  assignment?: string;
  outputDir?: string;
  /** Seconds for one cell. */
  timeout: number;
  /** Seconds for all notebooks. */
  total: number;
  run: boolean;
  html: boolean;
  pdf: boolean;
  /** The outcome as JSON, on stdout. */
  json?: boolean;
  /** The page has been saved just now. */
  saved?: boolean;
  /** With `json`: how far it is, as lines of JSON on stderr. */
  progress?: boolean;
}

/** What `--json` prints. */
export interface Submission {
  /** Where it lies. */
  file: string;
  bytes: number;
  manifest: Manifest;
  /** What was found in the notebooks: failures, answers that are still empty, what would not be accepted. */
  found: string[];
  /** What a person should read, a line each. */
  lines: string[];
}

/** Larger ones are handed in as they are. */
const MOST_RUN = 200 * 1024 * 1024;

/** @returns the exit code: 0; 3 made, but something in it needs a look; 130 after Ctrl-C: not made */
export async function submitCommand(paths: string[], options: SubmitCommandOptions): Promise<number> {
  const stop = stoppable();
  const staging = stagingFolder();
  try {
    const made = await submit([...new Set(expandPatterns(paths).map(real))], options, {
      staging,
      stopped: stop.signal,
    });
    if (!made) {
      console.error(
        "Stopped: nothing was made, and your notebooks are as they were. Without running them first it takes a second: --no-run",
      );
      return 130;
    }
    if (options.json) console.log(JSON.stringify(made, undefined, 2));
    else for (const line of made.lines) console.log(line);
    return made.manifest.notes.length > 0 ? 3 : 0;
  } catch (error) {
    if (error instanceof SubmissionProblem) throw new CommandProblem(error.message);
    if ((error as NodeJS.ErrnoException).code === "ENOSPC")
      throw new CommandProblem(
        `The disk is full, so nothing was made; your notebooks are as they were. Make room where temporary files are (${tmpdir()}), or name another folder in TMPDIR (on Windows: TEMP).`,
      );
    throw error;
  } finally {
    stop.end();
    rmSync(staging, { recursive: true, force: true });
  }
}

function stagingFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "wirebook-submit-"));
  } catch (error) {
    throw new CommandProblem(
      `Nothing can be put together in ${tmpdir()} (${(error as NodeJS.ErrnoException).code}). Make room there, or name another folder in TMPDIR (on Windows: TEMP).`,
    );
  }
}

function real(path: string): string {
  try {
    const found = realpathSync(path);
    if (statSync(found).isFile()) return found;
  } catch {
    // Said below.
  }
  throw new CommandProblem(
    `There is no notebook ${resolve(path)}. Look at the name, or change to its folder first.`,
  );
}

async function submit(
  paths: string[],
  options: SubmitCommandOptions,
  { staging, stopped }: { staging: string; stopped: AbortSignal },
): Promise<Submission | undefined> {
  const [first = ""] = paths;
  const say = (line: string): void => (options.json ? undefined : void console.log(line));
  const { id: student, note } = await findStudent({
    given: options.student,
    env: process.env,
    folder: dirname(first),
    remember: options.remember ?? false,
    ask: process.stdin.isTTY && !options.json ? askInTerminal : undefined,
  });
  const names = distinctNames(paths.map((path) => basename(path)));
  const notes: string[] = [];
  const lines: string[] = note === undefined ? [] : [note];
  for (const folder of ["submitted", "executed", "html"]) mkdirSync(join(staging, folder));
  const within = AbortSignal.any([stopped, AbortSignal.timeout(options.total * 1000)]);

  const examined: Examined[] = [];
  const notebooks: SubmittedNotebook[] = [];
  for (const [index, path] of paths.entries()) {
    const name = names[index] ?? "";
    const copy = join(staging, "submitted", name);
    if (name !== basename(path))
      notes.push(`"${basename(path)}" is called "${name}" in here, which every system takes.`);
    say(`${path} (${savedWhen(path)})`);
    const warning = options.saved ? [] : await unsaved(path);
    notes.push(...warning.map((line) => line.replace(/^! /, "").replace(/ Save it .*/, "")));
    // What is handed in is what lies there now, whatever happens to the file while it runs.
    copyFileSync(path, copy);
    const bytes = statSync(copy).size;
    const obstacle = within.aborted
      ? "the time for all of them was over (--total)"
      : bytes > MOST_RUN
        ? `it is larger than ${MOST_RUN / 1024 / 1024} MB`
        : undefined;
    const bar = options.progress
      ? tellProgress(basename(path))
      : options.json
        ? undefined
        : progressBar(basename(path));
    const found = await examine(path, {
      file: copy,
      student,
      timeout: options.timeout,
      ...(options.run && obstacle === undefined && { signal: within }),
      onCell: (done, of) => bar?.(done, of),
    });
    bar?.(0, 0);
    if (stopped.aborted) return undefined;
    if (options.run && obstacle !== undefined) found.problem ??= obstacle;
    examined.push(found);
    for (const line of [...warning, ...linesOf(found)]) say(`  ${line}`);
    notes.push(...notesOf(name, found, within.aborted));
    if (found.notebook && found.status !== "not run")
      writeFileSync(join(staging, "executed", name), `${JSON.stringify(found.notebook, null, 1)}\n`);
    notebooks.push({ name, sha256: await hashOf(copy), bytes, executed: executedOf(found) });
  }

  if (options.html) {
    // Of one that did not run the student's own outputs are shown.
    const pages = names
      .map((name, index) => [name, examined[index]] as const)
      .filter(([, found]) => found?.notebook)
      .map(([name, found]) => join(staging, found?.status === "not run" ? "submitted" : "executed", name));
    notes.push(
      ...(await makePages(pages, {
        python: venvPython(),
        folder: join(staging, "html"),
        pdf: options.pdf,
        signal: stopped,
      })),
    );
    if (stopped.aborted) return undefined;
  }

  const said = examined.map((found) => (found.notebook ? assignmentOf(found.notebook) : {}));
  const created = new Date();
  const manifest: Manifest = {
    format: FORMAT,
    version: 1,
    course:
      options.course ?? process.env.WIREBOOK_COURSE ?? firstSaid(said.map((one) => one.course)) ?? "course",
    assignment: options.assignment ?? firstSaid(said.map((one) => one.name)) ?? basename(dirname(first)),
    student,
    created: created.toISOString(),
    tool: {
      wirebook: manifestOfPackage.version,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    },
    notebooks,
    notes,
  };
  const { file, moved } = await writeSubmission(manifest, staging, {
    created,
    wanted: options.outputDir ?? dirname(first),
  });
  if (moved) lines.push(moved);
  const { size } = statSync(file);
  lines.push(...notes.map((one) => `• ${one}`));
  lines.push(
    `Made for ${student}: ${file} (${kilobytes(size)}). Upload this file where your course collects submissions.`,
  );
  const found = examined.flatMap((one, index) =>
    linesOf(one)
      .filter((line) => !line.startsWith("✓"))
      .map((line) => `${names[index]}: ${line}`),
  );
  return { file, bytes: size, manifest, found, lines };
}

/** The first that says something. */
function firstSaid(values: (string | undefined)[]): string | undefined {
  return values.find((value) => typeof value === "string" && value !== "");
}

async function askInTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

function tellProgress(notebook: string): (done: number, of: number) => void {
  return (done, of) => {
    if (of > 0) console.error(JSON.stringify({ notebook, done, of }));
  };
}

function kilobytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
