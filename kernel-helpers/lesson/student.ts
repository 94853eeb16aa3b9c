// Who works here, which notebook this is, and where the lab keeps what it notes of both.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Beside the notebooks. */
export const NOTES = ".wirebook";

/** The student's id: `WIREBOOK_STUDENT`, a hub's user, or what was told to `wirebook submit` once. */
export function studentId(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env.WIREBOOK_STUDENT || env.JUPYTERHUB_USER;
  if (named) return named;
  try {
    const { student } = JSON.parse(readFileSync(join(NOTES, "student.json"), "utf8")) as {
      student?: unknown;
    };
    return typeof student === "string" && student !== "" ? student : undefined;
  } catch {
    return undefined;
  }
}

/** Without its ending; `notebook` where nobody says. */
export function notebookName(env: NodeJS.ProcessEnv = process.env): string {
  return basename(env.WIREBOOK_NOTEBOOK ?? env.JPY_SESSION_NAME ?? "notebook").replace(/\.ipynb$/, "");
}
