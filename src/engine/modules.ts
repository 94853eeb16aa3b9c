// How a cell imports: everything resolves from the notebook's folder, `wirebook/*` falls back to the kernel's own copy,
// TypeScript files are translated, and a local file that was edited (or whose own imports were) is read again.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire, isBuiltin, registerHooks } from "node:module";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { forSession } from "./attribution.js";

export interface Modules {
  import(specifier: unknown, options?: ImportCallOptions): Promise<unknown>;
  /** What was imported, by its specifier. */
  imported: Map<string, object>;
  require: NodeJS.Require;
  meta: { url: string; dirname: string; filename: string; main: false; resolve(specifier: string): string };
}

interface Options {
  /** The notebook's folder. */
  directory: string;
  /** The notebook's file name, as far as it is known. */
  name: string;
  /** TypeScript (or TSX) of a file → JavaScript. Asked for only when such a file is met. */
  translate(source: string, path: string): string;
  /** Node's name for what Deno calls `npm:x`, and the like; `undefined`: it is no such specifier. */
  toNodeSpecifier(specifier: string): string | undefined;
  /** What to do where such a package is not there. */
  adviceOn(specifier: string): string | undefined;
}

const FROM_CELL = "wirebook-cell:";
const TYPESCRIPT = /\.[mc]?tsx?$/;

export function createModules({ directory, name, translate, toNodeSpecifier, adviceOn }: Options): Modules {
  const notebook = pathToFileURL(join(directory, name)).href;
  const kernel = import.meta.url;
  const editions = new Editions();
  let asked = 0;

  registerHooks({
    resolve(specifier, context, next) {
      const fromCell = specifier.startsWith(FROM_CELL);
      const wanted = fromCell ? specifier.slice(specifier.indexOf("/", FROM_CELL.length) + 1) : specifier;
      const parentURL = fromCell ? notebook : context.parentURL;
      const found = find(wanted, { ...context, ...(parentURL && { parentURL }) }, next);
      if (!isLocal(found.url)) return found;
      const file = new URL(found.url);
      const json = file.pathname.endsWith(".json") && {
        importAttributes: { ...context.importAttributes, type: "json" },
      };
      if (parentURL && isLocal(parentURL) && !fromCell) editions.connect(parentURL, found.url);
      // `require` finds its own again by file name; an edition would hide that.
      if (context.conditions?.includes("require")) return { ...found };
      const edition = fromCell ? editions.fresh(found.url) : editions.of(found.url);
      if (edition > 0) file.searchParams.set("edition", String(edition));
      return { ...found, ...json, url: file.href };
    },
    load(url, context, next) {
      if (!isLocal(url) || !TYPESCRIPT.test(new URL(url).pathname)) return next(url, context);
      const path = fileURLToPath(plain(url));
      const commonjs = path.endsWith(".cts") || context.format?.startsWith("commonjs") === true;
      return {
        format: commonjs ? "commonjs" : "module",
        source: translate(readFileSync(path, "utf8"), path),
        shortCircuit: true,
      };
    },
  });

  function find(
    specifier: string,
    context: Parameters<NextResolve>[1],
    next: NextResolve,
  ): ReturnType<NextResolve> {
    // Its own package speaks to its own kernel only.
    if (specifier === "tslab") {
      const path = createRequire(kernel).resolve("wirebook/tslab");
      return next(context?.conditions?.includes("require") ? path : pathToFileURL(path).href, context);
    }
    if (/^(npm|jsr|https?):/.test(specifier)) return findForeign(specifier, context, next);
    try {
      return next(specifier, context);
    } catch (error) {
      if (/^wirebook(\/|$)/.test(specifier)) return next(specifier, { ...context, parentURL: kernel });
      const other =
        context?.parentURL && /^\.{0,2}\//.test(specifier)
          ? besides(specifier, context.parentURL)
          : undefined;
      if (other) return next(other, context);
      throw error;
    }
  }

  function findForeign(
    specifier: string,
    context: Parameters<NextResolve>[1],
    next: NextResolve,
  ): ReturnType<NextResolve> {
    const name = toNodeSpecifier(specifier);
    try {
      if (name !== undefined) return find(name, context, next);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
    }
    const message = `Cannot find package '${specifier}'. ${adviceOn(specifier) ?? ""}`;
    throw Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" });
  }

  const require = createRequire(notebook);
  const seen = new Map<string, string>();
  /** CommonJS keeps modules by file name: forget all local ones when one of them was edited. */
  function forgetEdited(): void {
    const local = Object.keys(require.cache).filter((path) => isLocal(pathToFileURL(path).href));
    if (local.every((path) => (seen.get(path) ?? stamp(path)) === stamp(path))) {
      for (const path of local) seen.set(path, seen.get(path) ?? stamp(path));
      return;
    }
    for (const path of local) {
      delete require.cache[path];
      seen.delete(path);
    }
  }
  const requireFresh = Object.assign((id: string): unknown => {
    forgetEdited();
    try {
      return forSession(() => require(id));
    } catch (error) {
      if (/^wirebook\//.test(id) && (error as { code?: string }).code === "MODULE_NOT_FOUND")
        return createRequire(kernel)(id);
      throw error;
    } finally {
      forgetEdited();
    }
  }, require) as NodeJS.Require;

  const imported = new Map<string, object>();

  return {
    async import(specifier, options) {
      forgetEdited();
      const name = String(specifier);
      const module = await forSession(() => import(`${FROM_CELL}${++asked}/${name}`, options));
      imported.set(toNodeSpecifier(name) ?? name, module);
      return module;
    },
    imported,
    require: requireFresh,
    meta: {
      url: notebook,
      dirname: directory,
      filename: fileURLToPath(notebook),
      main: false,
      resolve: (specifier) => {
        if (/^(\.{0,2}\/|[a-z][a-z\d+.-]+:)/i.test(specifier)) return new URL(specifier, notebook).href;
        const path = require.resolve(specifier);
        return isBuiltin(path) ? `node:${path.replace(/^node:/, "")}` : pathToFileURL(path).href;
      },
    },
  };
}

type NextResolve = Parameters<NonNullable<Parameters<typeof registerHooks>[0]["resolve"]>>[2];

function plain(url: string): string {
  return url.replace(/[?#].*$/, "");
}

function isLocal(url: string): boolean {
  return url.startsWith("file:") && !/[\\/]node_modules[\\/]/.test(url) && !url.startsWith(OWN);
}
const OWN = new URL("./", import.meta.url).href;

/** `./m` and `./m.js` may mean `./m.ts`: that is how TypeScript's own users write it. */
function besides(specifier: string, parent: string): string | undefined {
  const base = specifier.replace(/\.([mc]?)jsx?$/, "");
  const endings =
    extname(specifier) && base === specifier
      ? [""]
      : [".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];
  const candidates = [
    ...endings.map((ending) => base + ending),
    ...endings.map((ending) => specifier + ending),
  ];
  return candidates.find((candidate) => candidate !== specifier && existsSync(new URL(candidate, parent)));
}

function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs}:${found.size}` : "";
}

/** Which edition of each local file is the newest: one more whenever it, or something that it imports, was edited. */
class Editions {
  readonly #files = new Map<string, { edition: number; stamp: string; imports: Set<string> }>();

  #file(url: string): { edition: number; stamp: string; imports: Set<string> } {
    const key = plain(url);
    let file = this.#files.get(key);
    if (!file) {
      file = { edition: 0, stamp: stamp(fileURLToPath(key)), imports: new Set() };
      this.#files.set(key, file);
    }
    return file;
  }

  connect(parent: string, child: string): void {
    this.#file(child);
    this.#file(parent).imports.add(plain(child));
  }

  of(url: string): number {
    return this.#file(url).edition;
  }

  /** Looks at the file and all that it imports, and renews the editions of what is stale. */
  fresh(url: string): number {
    const verdicts = new Map<string, boolean>();
    const stale = (key: string): boolean => {
      const known = verdicts.get(key);
      if (known !== undefined) return known;
      verdicts.set(key, false);
      const file = this.#file(key);
      const now = stamp(fileURLToPath(key));
      let changed = now !== file.stamp;
      file.stamp = now;
      for (const child of file.imports) changed = stale(child) || changed;
      if (changed) {
        file.edition++;
        file.imports.clear();
      }
      verdicts.set(key, changed);
      return changed;
    };
    stale(plain(url));
    return this.of(url);
  }
}
