// The folder as the type checker sees it: the notebook's own, so that local files and packages are found as they are when
// the cell runs, with a configuration that exists in memory only.
import { existsSync, readFileSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parse } from "jsonc-parser";
import { globals } from "./globals.js";

export interface WorkspaceOptions {
  /** The notebook's folder. */
  directory: string;
  /** The configuration file that holds whatever the folder's own does not say otherwise. */
  defaults: string;
  /** The folder in which `wirebook/*` is found where the notebook's has no package of that name. */
  helpers: string;
  /** The notebook was written for a kernel that takes types, and imports, less seriously. */
  lenient?: boolean;
}

/** The file name that all of a kernel's modules begin with. None of them exists on disk. */
export const prefix = ".wirebook-";

/** The document that what is being typed is written into. The one in TypeScript is always there. */
export function draftName(lang: "ts" | "tsx"): string {
  // Of two files that differ in their ending only, a project has one.
  return `${prefix}cell0${lang}.${lang}`;
}

interface Configuration {
  extends?: string | string[];
  compilerOptions?: Record<string, unknown> & { paths?: Record<string, string[]> };
}

/** What cells are, whatever a student's tsconfig.json says about other files. */
const forced = {
  noEmit: true,
  target: "esnext",
  module: "nodenext",
  moduleResolution: "nodenext",
  moduleDetection: "force",
  allowImportingTsExtensions: true,
  allowUnusedLabels: true,
  allowUnreachableCode: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
  isolatedModules: false,
  verbatimModuleSyntax: false,
  erasableSyntaxOnly: false,
  isolatedDeclarations: false,
  experimentalDecorators: false,
  composite: false,
  incremental: false,
  declaration: false,
  resolveJsonModule: true,
  disableSolutionSearching: true,
  emitDeclarationOnly: false,
};

/** The documents that make the folder a project, by path, in the order in which they are shown; `undefined`: as it is on disk. */
export function documents({
  directory,
  defaults,
  helpers,
  lenient = false,
}: WorkspaceOptions): Map<string, string | undefined> {
  const own = (name: string): string => join(directory, prefix + name);
  const configuration = join(directory, "tsconfig.json");
  const student: Configuration = parse(read(configuration) ?? "{}") ?? {};
  const typeRoots = above(directory, join("node_modules", "@types"));
  const hasNode = typeRoots.some((folder) => existsSync(join(folder, "node")));
  const isTyped = student.compilerOptions?.types === undefined;
  const hasHelpers = above(directory, join("node_modules", "wirebook")).length > 0;
  // First of all the configuration, so that what is shown next belongs to it. Otherwise the server looks for projects in the folders
  // above, and reads those; or makes up another one.
  const made = new Map<string, string | undefined>();
  const manifest = manifestFor(directory);
  made.set(
    configuration,
    JSON.stringify({
      // What is extended has to be on disk.
      extends: [defaults, ...[student.extends ?? []].flat()],
      compilerOptions: {
        ...(lenient && { strict: false }),
        types: hasNode ? ["node"] : [],
        ...student.compilerOptions,
        ...forced,
        ...(lenient && { module: "preserve", moduleResolution: "bundler" }),
        typeRoots,
        paths: {
          ...(isTyped && builtins(own("globals.d.ts"))),
          ...(!hasHelpers && { "wirebook/*": [slashes(join(helpers, "*", "index.d.ts"))] }),
          tslab: [slashes(join(helpers, "tslab", "index.d.ts"))],
          ...student.compilerOptions?.paths,
        },
      },
      files: [own("globals.d.ts"), configuration, manifest.path],
      include: [`${prefix}cell*.ts`, `${prefix}cell*.tsx`],
      exclude: [],
      typeAcquisition: { enable: false },
      references: [],
    }),
  );
  made.set(manifest.path, manifest.text);
  made.set(own("globals.d.ts"), `${hasNode ? "" : `/// <reference path="${nodeTypes()}" />\n`}${globals}`);
  made.set(join(directory, draftName("ts")), 'import "node:net";\n');
  return made;
}

/**
 * What makes a cell a module: otherwise it would be CommonJS, which cannot await. The next manifest above stays what it is, unless
 * it names modules for the files below it.
 */
function manifestFor(directory: string): { path: string; text: string | undefined } {
  const own = join(directory, "package.json");
  const [path = own] = above(directory, "package.json");
  const text = read(path) ?? "{}";
  const { type, imports, exports } = (parse(text) ?? {}) as Record<string, unknown>;
  if (type === "module") return { path, text: undefined };
  if (path !== own && imports === undefined && exports === undefined)
    return { path: own, text: '{"type":"module"}' };
  return { path, text: asModule(text) };
}

/** What of this name stands in the folder and those above it, the nearest first. */
function above(directory: string, name: string): string[] {
  const found: string[] = [];
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) found.push(join(folder, name));
    if (dirname(folder) === folder) return found;
  }
}

/** The types of Node that the kernel brings. */
function nodeTypes(): string {
  const { resolve } = createRequire(import.meta.url);
  return slashes(join(dirname(resolve("@types/node/package.json")), "index.d.ts"));
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}

function asModule(text: string): string {
  try {
    return JSON.stringify({ ...(JSON.parse(text) as object), type: "module" });
  } catch {
    return '{"type":"module"}';
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Where Node's modules are looked for. What says what is in them is found first, by its name, so any file would do that the server has
 * at hand; otherwise it looks for a package of each one's name on disk, with every cell, because Node's types name them all.
 */
function builtins(path: string): Record<string, string[]> {
  const types = dirname(nodeTypes());
  const named = builtinModules.filter((name) => existsSync(join(types, `${name.split("/")[0]}.d.ts`)));
  return Object.fromEntries(named.map((name) => [name, [slashes(path)]]));
}
