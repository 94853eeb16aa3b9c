// Who works here, which notebook this is, of which course, and where the lab keeps what it notes of them.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Beside the notebooks. */
export const NOTES = ".wirebook";
const FILE = join(NOTES, "student.json");

/** The student's id: `WIREBOOK_STUDENT`, a hub's user, or what was told to {@link iAm} or `wirebook submit` once. */
export function studentId(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return saidFor(env) ?? kept();
}

const saidFor = (env: NodeJS.ProcessEnv): string | undefined =>
  env.WIREBOOK_STUDENT || env.JUPYTERHUB_USER || undefined;

function kept(): string | undefined {
  const { student } = (json(FILE) ?? {}) as { student?: unknown };
  return typeof student === "string" && student !== "" ? student : undefined;
}

/** What Windows refuses in the name of a folder, what nobody sees, and patterns: submissions are collected in folders of that name. */
const UNFIT = /[<>:"/\\|?*[\]\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|^[.\s]|[.\s]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu;

/** Could somebody be called so? `wirebook submit` asks for the same. */
export function isStudentId(id: string): boolean {
  return id !== "" && id.length <= 100 && id === id.normalize("NFC") && !UNFIT.test(id);
}

/**
 * Tells the lab who works here, so that its numbers are yours; they are kept beside the notebooks, for `wirebook submit` as well.
 * Where the course has said who you are, that counts.
 * @param id as your course names you, often your login; an empty text asks who it is
 * @throws RangeError where it cannot be an id
 */
export function iAm(id: string): void {
  const said = saidFor(process.env);
  const given = id.trim().normalize("NFC");
  if (said !== undefined)
    console.log(`Your course calls you ${said}. The numbers of this lab are made for you.`);
  else if (given === "") {
    const known = kept();
    console.log(
      known === undefined
        ? "Nobody has said who you are: the numbers of this lab are then the same for all who do not say it."
        : `You are ${known}. The numbers of this lab are made for you.`,
    );
  } else if (!isStudentId(given))
    throw new RangeError(
      `iAm("${given.slice(0, 100)}"): an id has at most 100 characters and none of < > : " / \\ | ? * [ ], does not begin or end with a dot, and is no word that Windows keeps for itself (CON, NUL), as in "ada42"`,
    );
  else {
    mkdirSync(NOTES, { recursive: true });
    writeFileSync(FILE, `${JSON.stringify({ student: given })}\n`);
    console.log(`You are ${given}. The numbers of this lab are made for you.`);
  }
}

/** The file of this notebook, as far as somebody says. */
const notebookFile = (env: NodeJS.ProcessEnv): string | undefined =>
  env.WIREBOOK_NOTEBOOK ?? env.JPY_SESSION_NAME;

/** Without its ending; `notebook` where nobody says. */
export function notebookName(env: NodeJS.ProcessEnv = process.env): string {
  return basename(notebookFile(env) ?? "notebook").replace(/\.ipynb$/, "");
}

/** `WIREBOOK_COURSE`, or what the notebook says it belongs to; `wirebook` where nobody says. */
export function courseName(env: NodeJS.ProcessEnv = process.env): string {
  if (env.WIREBOOK_COURSE) return env.WIREBOOK_COURSE;
  const notebook = json(basename(notebookFile(env) ?? "")) as
    | { metadata?: { wirebook?: { assignment?: { course?: unknown } } } }
    | undefined;
  const course = notebook?.metadata?.wirebook?.assignment?.course;
  return typeof course === "string" && course !== "" ? course : "wirebook";
}

function json(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch {
    // Not there, or spoilt: then nobody has said it.
    return undefined;
  }
}
