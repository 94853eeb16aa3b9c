// `wirebook grade-worker`: marks submissions that `wirebook grade --nats` has put into a queue, on this machine.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Notebook } from "../client/notebook.js";
import type { Grade } from "../grading/needs.js";
import { type PackedSubmission, packExecuted, unpackMarking, unpackSubmission } from "../grading/packed.js";
import { type Beside, GradeQueue, type Job } from "../grading/queue.js";
import { GradeKernels } from "./grade-kernels.js";
import { gradeOne, type Marking } from "./grade-one.js";
import { CommandProblem } from "./problem.js";
import { sandboxOf } from "./sandbox-there.js";
import { stoppable } from "./stoppable.js";

export interface GradeWorkerOptions {
  nats: string;
  jobs: number;
  unsafeNoSandbox?: boolean;
}

/** What comes back from a worker. */
export interface MarkedRemotely {
  grade: Grade;
  /** Its executed notebooks, packed; left out: they were too large. */
  executed?: Beside;
}

/** Bytes of a submission's executed notebooks, packed, that are sent. */
const mostExecuted = 8 * 1024 * 1024;

/** @returns the exit code: 0 after Ctrl-C */
export async function gradeWorkerCommand(options: GradeWorkerOptions): Promise<number> {
  const sandbox = sandboxOf(options);
  const queue = await openQueue(options.nats);
  const stopped = stoppable();
  const folder = mkdtempSync(join(tmpdir(), "wirebook-worker-"));
  const markings = new Map<string, Promise<Marking>>();
  const markingOf = (digest: string): Promise<Marking> => {
    let marking = markings.get(digest);
    if (!marking) {
      marking = queue.marking(digest).then((packed) => unpackMarking<Marking>(packed, join(folder, digest)));
      marking.catch(() => markings.delete(digest));
      markings.set(digest, marking);
    }
    return marking;
  };
  /** Of each place, with what they are for. */
  const places: { digest: string; kernels: GradeKernels }[] = [];
  const kernelsAt = async (place: number, digest: string, marking: Marking): Promise<GradeKernels> => {
    const there = places[place];
    if (there?.digest === digest) return there.kernels;
    await there?.kernels.close();
    const kernels = new GradeKernels(marking, place);
    places[place] = { digest, kernels };
    return kernels;
  };
  const work = async (job: Job<PackedSubmission>, place: number): Promise<MarkedRemotely> => {
    const { digest, work: packed } = job;
    const marking = await markingOf(digest);
    // Never less than was asked for.
    if (marking.sandbox !== "none" && sandbox === "none")
      throw new Error("this worker was started with --unsafe-no-sandbox, and the job was not");
    const { signal } = stopped;
    const kernels = await kernelsAt(place, digest, marking);
    const executed = new Map<string, Notebook>();
    const grade = await gradeOne(unpackSubmission(packed), marking, {
      kernels,
      signal,
      more: () => !signal.aborted,
      keep: (name, notebook) => executed.set(name, notebook),
    });
    console.log(
      `${grade.student}: ${grade.total} of ${grade.max} (${grade.status}, ${grade.seconds.toFixed(1)} s)`,
    );
    const bytes = packExecuted(executed);
    if (bytes.length <= mostExecuted) return { grade, executed: await queue.putBeside(job, bytes) };
    const note = `its executed notebooks were not sent back: they have ${bytes.length} bytes, and ${mostExecuted} are sent`;
    return { grade: { ...grade, notes: [...grade.notes, note] } };
  };
  console.log(`Marks what comes from ${options.nats}, ${options.jobs} at a time. End it with Ctrl-C.`);
  try {
    await Promise.all(
      Array.from({ length: options.jobs }, (_, place) =>
        queue.work<PackedSubmission, MarkedRemotely>((job) => work(job, place), stopped.signal),
      ),
    );
  } finally {
    stopped.end();
    await Promise.all(places.map(({ kernels }) => kernels.close()));
    await queue.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

/** @throws CommandProblem where nobody is there */
export async function openQueue(url: string): Promise<GradeQueue> {
  try {
    return await GradeQueue.open(url);
  } catch (error) {
    throw new CommandProblem(
      `--nats ${url}: ${(error as Error).message}. A server with JetStream is started by: wirebook nats`,
    );
  }
}
