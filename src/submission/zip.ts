// The door to fflate: writes zip files, piece by piece, so that large notebooks need no memory.

import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { Zip, ZipDeflate } from "fflate";

export interface ZipEntry {
  /** With slashes, relative. */
  name: string;
  /** The bytes, or the file that has them. */
  from: Uint8Array | { file: string };
}

/**
 * Writes a zip file. The same entries with the same time make the same bytes.
 * @param options.modified the time that all entries bear
 * @throws where the file cannot be written, with Node's `code`
 */
export async function writeZip(
  path: string,
  entries: readonly ZipEntry[],
  { modified }: { modified: Date },
): Promise<void> {
  const out = createWriteStream(path, { flags: "wx" });
  // Both fail where writing fails; nobody may be waiting at that moment.
  const quiet = <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => {});
    return promise;
  };
  const finished = quiet(once(out, "finish"));
  let drained: Promise<unknown> | undefined;
  const zip = new Zip((error, chunk, last) => {
    if (error) out.destroy(error);
    else if (!out.write(chunk)) drained = quiet(once(out, "drain"));
    if (last) out.end();
  });
  const push = async (entry: ZipDeflate, chunk: Uint8Array, last: boolean): Promise<void> => {
    entry.push(chunk, last);
    if (drained) await Promise.race([drained, finished]);
    drained = undefined;
  };
  for (const { name, from } of entries) {
    const entry = new ZipDeflate(name, { level: 6 });
    entry.mtime = modified;
    entry.os = 3;
    entry.attrs = 0o100644 << 16;
    zip.add(entry);
    if (from instanceof Uint8Array) await push(entry, from, true);
    else {
      for await (const chunk of createReadStream(from.file, { highWaterMark: 1 << 20 }))
        await push(entry, chunk, false);
      await push(entry, new Uint8Array(), true);
    }
  }
  zip.end();
  await finished;
}
