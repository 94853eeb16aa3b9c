// The door to fflate: writes zip files, piece by piece, so that large notebooks need no memory; and reads those of others, of which
// nothing is unpacked anywhere.

import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { unzipSync, Zip, ZipDeflate } from "fflate";

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

/**
 * Reads a zip file that somebody else has made.
 * @param wanted which entries; the others are not even unpacked
 * @returns their bytes by name; a name that comes twice has the bytes of each
 * @throws RangeError where it is larger than `limits` allow, whatever it says of itself
 * @throws Error where it is no zip file
 */
export function readZip(
  bytes: Uint8Array,
  { wanted, limits }: { wanted(name: string): boolean; limits: { entries: number; bytes: number } },
): { files: [name: string, bytes: Uint8Array][]; others: string[] } {
  const files: [string, Uint8Array][] = [];
  const others: string[] = [];
  let entries = 0;
  let total = 0;
  const take = (name: string, size: number): boolean => {
    if (++entries > limits.entries) throw new RangeError(`it has more than ${limits.entries} entries`);
    if (name.endsWith("/")) return false;
    if (!wanted(name)) {
      others.push(name);
      return false;
    }
    total += size;
    if (!(total <= limits.bytes)) throw new RangeError(`unpacked it has more than ${limits.bytes} bytes`);
    if (files.some(([other]) => other.toLowerCase() === name.toLowerCase()))
      throw new RangeError(`the name ${JSON.stringify(name)} is there twice`);
    files.push([name, new Uint8Array()]);
    return true;
  };
  // An entry gets no more room than it says, so what says less than it is fails.
  const unpacked = unzipSync(bytes, { filter: ({ name, originalSize }) => take(name, originalSize) });
  for (const file of files) file[1] = unpacked[file[0]] ?? file[1];
  return { files, others };
}
