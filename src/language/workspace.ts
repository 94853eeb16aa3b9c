// The folder as the type checker sees it: the notebook's own, so that local files and packages are found as they are when
// the cell runs, with a configuration that exists in memory only.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { globals } from "./globals.js";

export interface WorkspaceOptions {
  /** The notebook's folder. */
  directory: string;
  /** Where `wirebook/*` is found when the folder has no copy of its own. */
  helpers: string;
  /** Compiler options of other kernels' notebooks. */
  options?: Record<string, unknown>;
}

/** The file name that all of a kernel's modules begin with. None of them exists on disk. */
export const prefix = ".wirebook-";

const helperNames = ["socket", "serve", "host", "lesson"];

/** Strict where a mistake would be found at run time only; the rest is left to who writes. */
const defaults = {
  target: "esnext",
  lib: ["esnext"],
  module: "nodenext",
  strict: true,
  // `catch (error) { error.code }` is the first line of every lab.
  useUnknownInCatchVariables: false,
  resolveJsonModule: true,
  allowJs: true,
  skipLibCheck: true,
  jsx: "react",
};
/** What cells are, whatever a student's tsconfig.json says about other files. */
const forced = {
  noEmit: true,
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
  emitDeclarationOnly: false,
};

/** The documents that make the folder a project, by path. */
export function documents({ directory, helpers, options = {} }: WorkspaceOptions): Map<string, string> {
  const own = (name: string): string => join(directory, prefix + name);
  const configuration = join(directory, "tsconfig.json");
  const student = read(configuration);
  const fallback = own("types");
  const types = above(directory, join("node_modules", "@types"));
  const hasNode = types.some((folder) => existsSync(join(folder, "node")));
  const extended = [own("base.json")];
  const made = new Map([
    [
      own("base.json"),
      JSON.stringify({ compilerOptions: { ...defaults, ...options, types: hasNode ? ["node"] : [] } }),
    ],
    [own("globals.d.ts"), `${hasNode ? "" : `/// <reference path="${nodeTypes()}" />\n`}${globals}`],
  ]);
  for (const name of helperNames)
    made.set(
      join(fallback, "wirebook", `${name}.d.ts`),
      `export * from "${slashes(join(helpers, name, "index.js"))}";\n`,
    );
  if (student !== undefined) {
    made.set(own("student.json"), student);
    extended.push(own("student.json"));
  }
  made.set(
    configuration,
    JSON.stringify({
      extends: extended,
      // Packages of the notebook's folder and of those above it go first.
      compilerOptions: {
        ...forced,
        typeRoots: [...above(directory, join("node_modules", "@types")), fallback],
      },
      files: [own("globals.d.ts")],
      include: [`${prefix}cell*.ts`, `${prefix}cell*.tsx`],
      exclude: [],
      references: [],
    }),
  );
  // Without it a cell would be CommonJS, which cannot await.
  const manifest = above(directory, "package.json")[0] ?? join(directory, "package.json");
  made.set(manifest, asModule(read(manifest)));
  return made;
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

function asModule(text = "{}"): string {
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
