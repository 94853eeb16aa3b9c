// Who hands in: said, in the environment, or kept from the last time.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { problemOfStudent } from "./names.js";
import { SubmissionProblem } from "./problem.js";

export interface StudentSources {
  /** As `--student` says. */
  given?: string | undefined;
  env: NodeJS.ProcessEnv;
  /** The notebooks' folder. */
  folder: string;
  /** Asks a person; left out: there is nobody to ask. */
  ask?: ((question: string) => Promise<string>) | undefined;
  /** Keep what is given for the next time. */
  remember: boolean;
}

export interface Student {
  id: string;
  /** What should be told. */
  note?: string;
}

const WAYS =
  'Say it once with --student NAME --remember, or in the environment variable WIREBOOK_STUDENT, as your course names you (often your login), as in "ada42".';

/** @throws SubmissionProblem */
export async function findStudent(sources: StudentSources): Promise<Student> {
  const { given, env, folder, ask, remember } = sources;
  const file = join(folder, ".wirebook", "student.json");
  const said: [id: string | undefined, where: string][] = [
    [given, "--student"],
    [env.WIREBOOK_STUDENT, "WIREBOOK_STUDENT"],
    [env.JUPYTERHUB_USER, "JUPYTERHUB_USER"],
    [kept(file), file],
  ];
  for (const [id, where] of said) {
    if (id === undefined || id === "") continue;
    const problem = problemOfStudent(id);
    if (problem)
      throw new SubmissionProblem(`"${id}" (from ${where}) cannot be a student's id: ${problem}. ${WAYS}`);
    return where === "--student" && remember ? keep(file, id) : { id };
  }
  if (!ask) throw new SubmissionProblem(`Who hands this in? Nobody has said. ${WAYS}`);
  for (let tries = 0; tries < 3; tries++) {
    const id = (await ask("Your id, as your course names you (it is kept for the next time): ")).trim();
    const problem = problemOfStudent(id);
    if (!problem) return keep(file, id);
    console.error(`That cannot be an id: ${problem}.`);
  }
  throw new SubmissionProblem(`Who hands this in is not known. ${WAYS}`);
}

function kept(file: string): string | undefined {
  try {
    const { student } = JSON.parse(readFileSync(file, "utf8")) as { student?: unknown };
    return typeof student === "string" ? student : undefined;
  } catch {
    // Not kept yet, or spoilt: then it is asked for.
    return undefined;
  }
}

function keep(file: string, id: string): Student {
  try {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ student: id })}\n`);
    return { id };
  } catch (error) {
    return { id, note: `Your id could not be kept for the next time: ${(error as Error).message}` };
  }
}
