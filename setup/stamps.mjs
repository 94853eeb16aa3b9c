// What was done, and from what: a step whose inputs are the same is not done again. A stamp is written when its step is
// over, so a step that was cut short has none and is done again.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export function hashOf(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 24);
}

export function hashOfFile(path) {
  return hashOf(readFileSync(path));
}

/** Names, sizes and times of all files at these places in a folder: quick, enough to know that something was edited, and the
 * same after the folder has moved. */
export function hashOfTree(folder, ...places) {
  const seen = [];
  const look = (path) => {
    const found = statSync(join(folder, path), { throwIfNoEntry: false });
    if (!found) return;
    if (found.isDirectory())
      for (const name of readdirSync(join(folder, path)).sort()) look(join(path, name));
    else seen.push(`${path} ${found.size} ${found.mtimeMs}`);
  };
  places.forEach(look);
  return hashOf(...seen);
}

export function readStamp(path) {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

export function writeStamp(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${value}\n`);
  renameSync(`${path}.new`, path);
}

export function dropStamp(path) {
  rmSync(path, { force: true });
}
