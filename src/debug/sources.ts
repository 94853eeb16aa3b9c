// Cells and files as the student has them, and as V8 has them: names and positions, both ways.
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { murmur2 } from "./murmur2.js";
import type { DebuggerOptions, Execution, Generated, Place } from "./needs.js";

/** Any number will do; it is the one of ipykernel, which some front ends have built in. */
export const HASH_SEED = 0xc70f6907;
export const SUFFIX = ".ts";

/** A place in something that the student can look at. */
export interface SourcePlace extends Place {
  path: string;
  /** How people call it: `Cell [5]`, a file's name. */
  name: string;
  run?: number;
}

/** A local file as V8 knows it. */
interface LoadedFile {
  path: string;
  scriptId: string;
  toStudent(line: number, column: number): Place;
}

/** Cells that were not executed, as front ends tell of them with each change. */
const MOST_DUMPED = 500;
/** About as many executions are remembered. */
const MOST_PATHS = 20_000;

export class Sources {
  readonly #options: DebuggerOptions;
  readonly prefix: string;
  readonly #dumped = new Map<string, string>();
  /** By the text. */
  readonly #paths = new Map<string, string>();
  readonly #scripts = new Map<string, Generated[]>();
  readonly #files = new Map<string, LoadedFile>();

  constructor(options: DebuggerOptions) {
    this.#options = options;
    this.prefix = `${options.folder}${sep}`;
  }

  /** The path by which front ends know a cell of this text. */
  pathOf(code: string): string {
    let path = this.#paths.get(code);
    if (path === undefined) {
      path = `${this.prefix}${murmur2(code, HASH_SEED)}${SUFFIX}`;
      if (this.#paths.size > MOST_PATHS) this.#paths.clear();
      this.#paths.set(code, path);
    }
    return path;
  }

  isCell(path: string): boolean {
    return path.startsWith(this.prefix);
  }

  /** Remembers the text of a cell. */
  dump(code: string): string {
    const path = this.pathOf(code);
    this.#dumped.delete(path);
    this.#dumped.set(path, code);
    if (this.#dumped.size > MOST_DUMPED) this.#dumped.delete(this.#dumped.keys().next().value as string);
    return path;
  }

  /** The text of a cell or a file; nothing where there is none. */
  text(path: string): string | undefined {
    if (this.isCell(path)) {
      return (
        this.#dumped.get(path) ??
        this.#options.executions().find(({ code }) => this.pathOf(code) === path)?.code
      );
    }
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  }

  executionsOf(path: string): Execution[] {
    return this.#options.executions().filter(({ code }) => this.pathOf(code) === path);
  }

  /** What V8 runs of a cell. @throws where the text is no TypeScript */
  scriptsOf(code: string): Generated[] {
    const known = this.#scripts.get(code);
    if (known) return known;
    const scripts = this.#options.translate(code).scripts.map(({ code, map }) => ({
      code,
      toStudent: (line: number, column: number) => this.#options.placeOf(map[line], column + 1),
    }));
    if (this.#scripts.size > MOST_DUMPED) this.#scripts.clear();
    this.#scripts.set(code, scripts);
    return scripts;
  }

  /** What V8 runs of a local file, as it is now. */
  fileAsRun(path: string): Generated | undefined {
    const source = this.text(path);
    if (source === undefined) return undefined;
    if (!/\.[mc]?tsx?$/.test(path)) return { code: source, toStudent: plain };
    const code = this.#options.translateFile(source, path);
    return { code, toStudent: mapped(/\/\/# sourceMappingURL=(\S+)\s*$/.exec(code)?.[1]) };
  }

  /** V8 has read a script. */
  loaded({
    scriptId,
    url,
    sourceMapURL,
  }: {
    scriptId: string;
    url: string;
    sourceMapURL?: string | undefined;
  }): void {
    const path = fileURLToPath(url.replace(/[?#].*$/, ""));
    this.#files.set(scriptId, { path, scriptId, toStudent: mapped(sourceMapURL) });
  }

  /** The local files that V8 has read. */
  files(): string[] {
    return [...new Set([...this.#files.values()].map(({ path }) => path))];
  }

  /** V8's place (0-based) → the student's; nothing in what is not the student's. */
  place(url: string, scriptId: string, line: number, column: number): SourcePlace | undefined {
    const cell = /^wirebook:\/\/cell\/(\d+)\/(\d+)$/.exec(url);
    if (cell) {
      const execution = this.#options.execution(Number(cell[1]));
      const script = execution && this.scriptsOf(execution.code)[Number(cell[2])];
      const place = script?.toStudent(line, column);
      if (!execution || !place || isKernels(script?.code ?? "", line, column)) return undefined;
      return { ...place, path: this.pathOf(execution.code), name: execution.label, run: execution.run };
    }
    const file = this.#files.get(scriptId);
    if (!file) return undefined;
    return {
      ...file.toStudent(line, column),
      path: file.path,
      name: nameOf(file.path),
    };
  }

  /** A new engine has read nothing. */
  reset(): void {
    this.#files.clear();
  }
}

/** Does what stands there mark how far the cell has come? The mark is the kernel's. */
export function isKernels(code: string, line: number, column: number): boolean {
  const text = lineOf(code, line);
  const [before, behind] = [text.slice(0, column), text.slice(column)];
  return behind.startsWith("__wirebook.at(") || (behind.startsWith("at(") && before.endsWith("__wirebook."));
}

function lineOf(code: string, line: number): string {
  let at = 0;
  for (let i = 0; i < line; i++) {
    const end = code.indexOf("\n", at);
    if (end < 0) return "";
    at = end + 1;
  }
  const end = code.indexOf("\n", at);
  return code.slice(at, end < 0 ? undefined : end);
}

const plain = (line: number, column: number): Place => ({ line: line + 1, column: column + 1 });

/** By a source map in a data URL; whatever it is silent about, or without one, stands where it stands. */
function mapped(url: string | undefined): (line: number, column: number) => Place {
  const data = /^data:application\/json[^,]*;base64,(.*)$/.exec(url ?? "")?.[1];
  if (data === undefined) return plain;
  let map: SourceMap | undefined;
  return (line, column) => {
    map ??= new SourceMap(JSON.parse(Buffer.from(data, "base64").toString()));
    const entry = map.findEntry(line, column);
    if (!("originalLine" in entry)) return plain(line, column);
    return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  };
}

/** How V8 names a file, with any edition of it. */
export function filePattern(path: string): string {
  return `^${escapePattern(pathToFileURL(path).href)}(\\?.*)?$`;
}

export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** A file's name. */
export function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) as string;
}
