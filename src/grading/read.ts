// Submissions, wherever they lie: our zip files, nbgrader's `submitted/STUDENT/ASSIGNMENT/`, and folders with notebooks. What somebody
// else has made is read with suspicion: links are not followed, names are not used as paths, and sizes have limits.

import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { FORMAT } from "../submission/manifest.js";
import { problemOfStudent } from "../submission/names.js";
import { readZip } from "../submission/zip.js";
import type { Submission } from "./needs.js";

/** There is no submission. */
export class NoSubmission extends Error {}

const megabyte = 1024 * 1024;
const mostZip = 64 * megabyte;
const limits = { entries: 2000, bytes: 64 * megabyte };
const mostNotebook = 32 * megabyte;
const mostCompanions = 16 * megabyte;
const notebookName = /^[^/\\:\0]{1,120}\.ipynb$/;

/** Not read yet: there may be thousands. */
export interface Found {
  path: string;
  read(): Submission;
}

/** @throws NoSubmission where nothing of that kind is there */
export function findSubmissions(path: string, { assignment }: { assignment: string }): Found[] {
  const zip = (file: string): Found => ({ path: file, read: () => fromZip(file, assignment) });
  const folder = (at: string, student: string): Found => ({
    path: at,
    read: () => fromFolder(at, student, assignment),
  });
  if (!existsSync(path)) throw new NoSubmission(`${path}: there is nothing`);
  if (!statSync(path).isDirectory()) return [zip(path)];
  // STUDENT/ASSIGNMENT, as nbgrader has it, or the student's folder itself.
  const own = resolve(path);
  if (hasNotebooks(own)) return [folder(own, basename(basename(own) === assignment ? dirname(own) : own))];
  const found = readdirSync(path, { withFileTypes: true }).flatMap((entry): Found[] => {
    const at = join(path, entry.name);
    if (entry.isFile()) return extname(entry.name).toLowerCase() === ".zip" ? [zip(at)] : [];
    if (!entry.isDirectory()) return [];
    const nested = join(at, assignment);
    if (isDirectory(nested)) return [folder(nested, entry.name)];
    return hasNotebooks(at) ? [folder(at, entry.name)] : [];
  });
  if (found.length === 0)
    throw new NoSubmission(
      `${path}: no submission. Name zip files, folders with notebooks, or nbgrader's submitted/`,
    );
  return found;
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function hasNotebooks(folder: string): boolean {
  return readdirSync(folder).some((name) => notebookName.test(name));
}

function empty(origin: string, student: string, assignment: string, created: Date): Submission {
  const problem = problemOfStudent(student);
  return {
    student: problem
      ? student
          .replace(/[^\w@.+-]/g, "_")
          .replace(/^\.+/, "_")
          .slice(0, 100) || "_"
      : student,
    assignment,
    origin,
    created: created.toISOString(),
    notebooks: [],
    companions: [],
    notes: problem
      ? [`the student's id ${JSON.stringify(student.slice(0, 200))} was changed: ${problem}`]
      : [],
  };
}

function fromZip(path: string, assignment: string): Submission {
  const { size, mtime } = statSync(path);
  const named = /-(?<student>.+)-\d{8}T\d{6}Z(-\d+)?$/.exec(basename(path, extname(path)))?.groups?.student;
  const otherwise = empty(path, named ?? basename(path, extname(path)), assignment, mtime);
  const refuse = (why: string): Submission => ({ ...otherwise, refused: why });
  if (size > mostZip) return refuse(`the file has more than ${mostZip} bytes`);
  let read: ReturnType<typeof readZip>;
  try {
    read = readZip(readFileSync(path), {
      limits,
      wanted: (name) =>
        name === "manifest.json" || (name.startsWith("submitted/") && notebookName.test(name.slice(10))),
    });
  } catch (error) {
    return refuse(`it is no zip file that can be read: ${(error as Error).message}`);
  }
  const files = new Map(read.files);
  const manifest = readManifest(files.get("manifest.json"));
  if (!manifest) return refuse("it has no manifest.json of a submission");
  const submission = empty(path, manifest.student, assignment, new Date(manifest.created ?? mtime));
  files.delete("manifest.json");
  for (const [name, bytes] of files)
    submission.notebooks.push({ name: name.slice("submitted/".length), bytes });
  const strange = read.others.filter(
    (name) => !/^(executed|html)\/[^/\\:]+$/.test(name) || name.includes(".."),
  );
  if (strange.length > 0)
    submission.notes.push(
      `left where they are: ${strange
        .slice(0, 5)
        .map((name) => JSON.stringify(name.slice(0, 100)))
        .join(", ")}${strange.length > 5 ? " …" : ""}`,
    );
  if (named !== undefined && named !== submission.student)
    submission.notes.push(`the file's name says that it is of ${JSON.stringify(named)}`);
  return submission;
}

function readManifest(bytes: Uint8Array | undefined): { student: string; created?: string } | undefined {
  try {
    const { format, student, created } = JSON.parse(Buffer.from(bytes ?? []).toString()) as Record<
      string,
      unknown
    >;
    if (format !== FORMAT || typeof student !== "string") return undefined;
    const sound = typeof created === "string" && !Number.isNaN(Date.parse(created));
    return { student, ...(sound && { created: created as string }) };
  } catch {
    return undefined;
  }
}

function fromFolder(folder: string, student: string, assignment: string): Submission {
  const submission = empty(folder, student, assignment, statSync(folder).mtime);
  let room = mostCompanions;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isNotebook = notebookName.test(entry.name);
    if (!entry.isFile()) {
      if (entry.isSymbolicLink() || isNotebook)
        submission.notes.push(`${JSON.stringify(entry.name)} is a link or no file, and was not read`);
      continue;
    }
    const { size } = lstatSync(path);
    if (isNotebook && size <= mostNotebook)
      submission.notebooks.push({ name: entry.name, bytes: readFileSync(path) });
    else if (isNotebook)
      submission.notes.push(`${entry.name} has more than ${mostNotebook} bytes, and was not read`);
    else if (!entry.name.startsWith(".") && size <= room) {
      room -= size;
      submission.companions.push({ name: entry.name, bytes: readFileSync(path) });
    }
  }
  return submission;
}
