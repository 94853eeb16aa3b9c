// Submissions, and what they are marked by, as text that travels to other machines.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Notebook } from "../client/notebook.js";
import type { Submission } from "./needs.js";

type PackedFiles = { name: string; base64: string }[];
export type PackedSubmission = Omit<Submission, "notebooks" | "companions"> & {
  notebooks: PackedFiles;
  companions: PackedFiles;
};

const pack = (files: Submission["notebooks"]): PackedFiles =>
  files.map(({ name, bytes }) => ({ name, base64: gzipSync(bytes).toString("base64") }));
const unpack = (files: PackedFiles): Submission["notebooks"] =>
  files.map(({ name, base64 }) => ({ name, bytes: gunzipSync(Buffer.from(base64, "base64")) }));

export function packSubmission(submission: Submission): PackedSubmission {
  return { ...submission, notebooks: pack(submission.notebooks), companions: pack(submission.companions) };
}

export function unpackSubmission(packed: PackedSubmission): Submission {
  return { ...packed, notebooks: unpack(packed.notebooks), companions: unpack(packed.companions) };
}

/** Executed notebooks, by name. */
export type Executed = ReadonlyMap<string, Notebook>;

export function packExecuted(executed: Executed): Uint8Array {
  return gzipSync(JSON.stringify([...executed]));
}

/** @param options.most bytes that it may have in all */
export function unpackExecuted(packed: Uint8Array, { most }: { most: number }): Executed {
  return new Map(
    JSON.parse(gunzipSync(packed, { maxOutputLength: most }).toString()) as [string, Notebook][],
  );
}

/** What is said to workers, beside the folders of checks themselves. */
export interface MarkingFields {
  given: ReadonlyMap<string, Notebook>;
  checks: readonly string[];
}

export function packMarking<T extends MarkingFields>({ given, checks, ...rest }: T): Uint8Array {
  const folders = checks.map((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => ({ name, base64: readFileSync(join(folder, name)).toString("base64") })),
  );
  return gzipSync(JSON.stringify({ ...rest, given: [...given], folders }));
}

/** @param into a folder of the worker's own, for the checks */
export function unpackMarking<T extends MarkingFields>(packed: Uint8Array, into: string): T {
  const { given, folders, ...rest } = JSON.parse(gunzipSync(packed).toString()) as {
    given: [string, Notebook][];
    folders: PackedFiles[];
  };
  const checks = folders.map((files, index) => {
    const folder = join(into, String(index));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const { name, base64 } of files)
      writeFileSync(join(folder, basename(name)), Buffer.from(base64, "base64"));
    return folder;
  });
  return { ...rest, given: new Map(given), checks } as unknown as T;
}
