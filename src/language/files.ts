// What lies on disk and changes while the kernel runs: local files that cells import, packages that are installed, the
// configuration. Looked at before each check, so that nothing has to watch.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { LOCAL, withEndings } from "./endings.js";

const ENDINGS = ["", ".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".mjs", ".cjs", "/index.ts", "/index.js"];

export interface Change {
  path: string;
  how: "created" | "changed" | "deleted";
}

/** The local files that cells depend on. */
export class LocalFiles {
  readonly #directory: string;
  readonly #stamps = new Map<string, string>();
  /** The files that name others without their endings, with these. */
  readonly #completed = new Map<string, string>();
  readonly #news = new Set<string>();

  constructor(directory: string, files: string[] = []) {
    this.#directory = directory;
    for (const path of files) this.#stamps.set(path, stamp(path));
  }

  /** From now on, also what this text imports, and what that imports. */
  follow(text: string, directory: string = this.#directory): void {
    for (const [, specifier = ""] of text.matchAll(LOCAL)) {
      const path = resolve(directory, specifier);
      const base = path.replace(/\.([mc]?)js$/, "");
      for (const candidate of new Set([
        ...ENDINGS.map((ending) => path + ending),
        ...ENDINGS.map((ending) => base + ending),
      ])) {
        if (this.#stamps.has(candidate)) continue;
        this.#stamps.set(candidate, stamp(candidate));
        this.#read(candidate);
      }
    }
  }

  /** The files that were made, changed or removed since the last time. */
  changes(): Change[] {
    const changes: Change[] = [];
    for (const [path, before] of this.#stamps) {
      const now = stamp(path);
      if (now === before) continue;
      this.#stamps.set(path, now);
      changes.push({ path, how: before === "" ? "created" : now === "" ? "deleted" : "changed" });
    }
    for (const { path } of changes) this.#read(path);
    return changes;
  }

  /** What is to be read instead of files, where that has changed; `undefined`: the file again. */
  completed(): [path: string, text: string | undefined][] {
    const news = [...this.#news].map((path): [string, string | undefined] => [
      path,
      this.#completed.get(path),
    ]);
    this.#news.clear();
    return news;
  }

  #read(path: string): void {
    const directory = dirname(path);
    const gone = this.#stamps.get(path) === "";
    if (!/\.[mc]?[jt]sx?$/.test(path) || (gone && !this.#completed.has(path))) return;
    const written = gone ? "" : readFileSync(path, "utf8");
    this.follow(written, directory);
    const { text, insertions } = withEndings(written, { directory });
    if (insertions.length > 0) this.#completed.set(path, text);
    else if (!this.#completed.delete(path)) return;
    this.#news.add(path);
  }
}

/** Where a package lies that a cell in this folder may import. */
export function packageFolder(name: string, directory: string): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    for (const place of [name, `@types/${name.replace(/^@/, "").replace("/", "__")}`]) {
      const found = join(folder, "node_modules", place);
      if (existsSync(found)) return found;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? `${found.mtimeMs}:${found.size}` : "";
}
