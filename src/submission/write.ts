// The submission as one file.
import { createHash } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { compactTime, type Manifest } from "./manifest.js";
import { portableName } from "./names.js";
import { SubmissionProblem } from "./problem.js";
import { writeZip, type ZipEntry } from "./zip.js";

/**
 * Writes the file where it is wanted, or else where it can be.
 * @param staging has the folders that go into it
 * @throws SubmissionProblem where it can be written nowhere
 */
export async function writeSubmission(
  manifest: Manifest,
  staging: string,
  { created, wanted }: { created: Date; wanted: string },
): Promise<{ file: string; moved?: string }> {
  const entries: ZipEntry[] = [
    { name: "manifest.json", from: Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`) },
  ];
  for (const folder of ["submitted", "executed", "html"])
    for (const name of readdirSync(join(staging, folder)).sort())
      entries.push({ name: `${folder}/${name}`, from: { file: join(staging, folder, name) } });
  const stem = [manifest.course, manifest.student, compactTime(created)].map(portableName).join("-");
  let moved: string | undefined;
  for (const folder of new Set([resolve(wanted), process.cwd(), homedir(), tmpdir()])) {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
      const part = join(folder, `.${stem}.${process.pid}.part`);
      try {
        await writeZip(part, entries, { modified: created });
        const file = fresh(folder, stem);
        renameSync(part, file);
        return { file, ...(moved !== undefined && { moved: `${moved} The file is in ${folder} instead.` }) };
      } finally {
        rmSync(part, { force: true });
      }
    } catch (error) {
      moved ??= `Nothing can be written in ${folder} (${(error as NodeJS.ErrnoException).code ?? error}).`;
    }
  }
  throw new SubmissionProblem(`${moved} Neither can it in other places. Name one: --output-dir DIR`);
}

/** A name that is nobody's: it is taken at once, since somebody may submit at the same time. */
function fresh(folder: string, stem: string): string {
  for (let n = 1; ; n++) {
    const file = join(folder, `${stem}${n === 1 ? "" : `-${n}`}.zip`);
    try {
      closeSync(openSync(file, "wx"));
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || n > 1000) throw error;
    }
  }
}

/** SHA-256 of a file, in hexadecimal. */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
