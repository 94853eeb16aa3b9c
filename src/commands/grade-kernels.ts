// Kernels for submissions, one after another at one place. The next one starts while a notebook runs: walls, engine and checker are then
// up when the next notebook comes. Until that moment it has seen nothing of any student; their files come in as its first act.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Notebook, writeNotebook } from "../client/notebook.js";
import type { RunResult } from "../client/run-notebook.js";
import { assignmentOf } from "../submission/graded-cells.js";
import { type FreshKernel, startFreshKernel } from "./fresh-kernel.js";
import type { Marking } from "./grade-one.js";

/** What lies in the notebook's folder, the notebook among it. */
export type NotebookFiles = readonly { name: string; bytes: Uint8Array }[];

type RunOptions = Parameters<FreshKernel["run"]>[1] & {
  /** Whose it is: the student's own numbers are made of that. */
  student: string;
  /** The notebook that will probably come next; left out: none. */
  next?: string | undefined;
};

interface Started {
  name: string;
  kernel: Promise<FreshKernel>;
  stop(): Promise<void>;
}

/** Users that submissions run as, where this is root. */
const firstUser = 60_100;
/** One runs, one waits, one is ending: each with a user of its own, so that they share no limit. */
const atOnce = 3;
/** More than that does not come in as a cell's text: the kernel is started anew, with the files there. */
const mostPrepared = 256 * 1024;

export class GradeKernels {
  readonly #marking: Marking;
  readonly #place: number;
  #waiting: Started | undefined;
  #count = 0;
  /** Ends of those that were started, by user. */
  readonly #ends: Promise<void>[] = Array.from({ length: atOnce }, () => Promise.resolve());

  /** @param place number of the worker, from 0 */
  constructor(marking: Marking, place: number) {
    this.#marking = marking;
    this.#place = place;
  }

  /**
   * Executes a notebook of the assignment in a kernel that nobody had before.
   * @throws NotebookProblem where no kernel starts
   */
  async run(name: string, notebook: Notebook, files: NotebookFiles, options: RunOptions): Promise<RunResult> {
    const { next, ...rest } = options;
    const [mine, prepare] = this.#take(name, files, rest.student);
    try {
      if (next !== undefined) this.#waiting = this.#start(next);
      const kernel = await mine.kernel;
      // Also where there is nothing to prepare: cells that nothing runs are no answers that are wrong.
      await kernel.prepare(prepare);
      return await kernel.run(notebook, rest);
    } finally {
      // Nobody waits for that: the marks are there.
      void mine.stop();
    }
  }

  async close(): Promise<void> {
    void this.#waiting?.stop();
    this.#waiting = undefined;
    await Promise.all(this.#ends);
  }

  /** The one that waits, if it is right for this, and what puts the files where its engine works. */
  #take(name: string, files: NotebookFiles, student: string): [Started, string] {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (waiting?.name === name && size <= mostPrepared) return [waiting, preparing(files, student)];
    void waiting?.stop();
    return [this.#start(name, files), preparing([], student)];
  }

  #start(name: string, files: NotebookFiles = []): Started {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-grade-"));
    const path = join(folder, name);
    const given = this.#marking.given.get(name) as Notebook;
    // What it says of itself is the instructor's in any case.
    writeNotebook(path, { ...given, cells: [] });
    for (const file of files) writeFileSync(join(folder, file.name), file.bytes);
    const user = this.#count++ % atOnce;
    const { course } = assignmentOf(given);
    const env = {
      ...environmentOf(this.#marking, firstUser + this.#place * atOnce + user),
      ...(typeof course === "string" && { WIREBOOK_COURSE: course }),
    };
    const kernel = (this.#ends[user] as Promise<void>).then(() => startFreshKernel(path, given, { env }));
    // Whoever takes it is told; until then nobody may be listening.
    kernel.catch(() => {});
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#ends[user] = ended;
    const stop = async (): Promise<void> => {
      await kernel.then((one) => one.stop()).catch(() => {});
      rmSync(folder, { recursive: true, force: true });
      resolve();
    };
    let stopping: Promise<void> | undefined;
    return {
      name,
      kernel,
      stop() {
        stopping ??= stop();
        return stopping;
      },
    };
  }
}

/** Code that writes them into the folder in which it runs, says whose they are, and leaves nothing else behind. */
function preparing(files: NotebookFiles, student: string): string {
  const list = files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString("base64")]);
  return `{
  const { writeFileSync } = await import("node:fs");
  for (const [name, base64] of ${JSON.stringify(list)}) writeFileSync(name, Buffer.from(base64, "base64"));
  process.env.WIREBOOK_STUDENT = ${JSON.stringify(student)};
}`;
}

function environmentOf({ sandbox, limits, checks }: Marking, user: number): Record<string, string> {
  return {
    WIREBOOK_GRADING: "1",
    WIREBOOK_CHECKS: checks.join(delimiter),
    WIREBOOK_SANDBOX: sandbox,
    WIREBOOK_SANDBOX_LIMITS: JSON.stringify(limits),
    WIREBOOK_SANDBOX_UID: String(user),
    // There is no Internet within the walls.
    WIREBOOK_TARGET: "stand-in",
  };
}
