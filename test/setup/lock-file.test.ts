import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

interface Entry {
  version: string;
  optionalDependencies?: Record<string, string>;
}

const text = readFileSync(resolve(import.meta.dirname, "../../package-lock.json"), "utf8");
const packages: Record<string, Entry> = JSON.parse(text).packages;

/** The entry that the package at `from` would load, as Node looks for it: in its own folder, then outwards. */
function resolved(from: string, name: string): Entry | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf("/node_modules/"), 0))) {
    const found = packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`];
    if (found || at === "") return found;
  }
}

// Where a registry lacks some of them, npm drops them from the lock without a word, and other systems cannot install.
test("the lock file has the native packages of every system", () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, range]) => {
        const found = resolved(path, name);
        return !found || (/^\d/.test(range) && found.version !== range);
      })
      .map(([name, range]) => `${path}: ${name} ${range}`),
  );
  expect(missing).toEqual([]);
});

test("the lock file names no host that packages are fetched from", () => {
  expect(text).not.toContain('"resolved"');
});

test("the Python packages are pinned, and none is fetched from a named host", () => {
  const lines = readFileSync(resolve(import.meta.dirname, "../../setup/requirements.txt"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines.length).toBeGreaterThan(50);
  for (const line of lines) expect(line).toMatch(/^[\w.-]+==[\w.]+(; sys_platform [!=]= "\w+")?$/);
});
