// Specifiers that Deno and browsers understand and Node does not: `npm:…`, `jsr:…`, and addresses of the servers that hand out
// packages. They mean the package that npm has put into the notebook's folder. Nothing is fetched while a cell runs.

const REGISTRY =
  /^(?<registry>npm|jsr):\/?(?<name>(?:@[^/@]+\/)?[^/@]+)(?:@(?<version>[^/]*))?(?<path>\/.*)?$/;
const SERVER =
  /^https:\/\/(?:esm\.sh|cdn\.skypack\.dev|unpkg\.com|cdn\.jsdelivr\.net\/npm)\/(?:v\d+\/)?(?<name>(?:@[^/@]+\/)?[^/?#@]+)(?:@(?<version>[^/?#]*))?(?<path>\/[^?#]*)?(?:[?#].*)?$/;
const STANDARD = /^https:\/\/deno\.land\/std(?:@[^/]*)?\/(?<module>[^/]+)\/(?<file>.+)\.ts$/;
/** Deno's libraries for displaying are what every cell of this kernel has. */
const DISPLAY = /^https:\/\/deno\.land\/x\/(?:display|deno_jupyter)(?:@[^/]+)?\/mod\.ts$/;

interface Package {
  name: string;
  version: string;
  path: string;
  registry: "npm" | "jsr";
}

function packageOf(specifier: string): Package | undefined {
  const { registry, ...named } =
    REGISTRY.exec(specifier)?.groups ??
    SERVER.exec(specifier)?.groups ??
    STANDARD.exec(specifier)?.groups ??
    {};
  if (named.name !== undefined)
    return {
      name: named.name,
      version: named.version ?? "",
      // What marks a module for browsers is no file.
      path: (named.path ?? "").replace(/^\/(\+esm)?$/, ""),
      registry: registry === "jsr" ? "jsr" : "npm",
    };
  const { module, file } = named;
  if (module === undefined || file === undefined) return undefined;
  const dashed = file === "mod" ? "" : `/${file.replaceAll("_", "-")}`;
  return { name: `@std/${module.replaceAll("_", "-")}`, version: "", path: dashed, registry: "jsr" };
}

/** What Node calls it; `undefined`: it is no such specifier, or nobody knows what it would be here. */
export function toNodeSpecifier(specifier: string): string | undefined {
  if (DISPLAY.test(specifier)) return "wirebook/deno";
  const found = packageOf(specifier);
  return found && found.name + found.path;
}

/** What to do about such a specifier, once it is clear that nothing is there; `undefined`: it is none. */
export function adviceOn(specifier: string): string | undefined {
  const found = packageOf(specifier);
  const where = "in a terminal, in the notebook's folder";
  if (found) {
    const { name, version, registry } = found;
    const exact = version === "" ? name : `${name}@${version}`;
    // Some of what versions are written with means something to shells.
    const wanted = /^[\w.@/-]+$/.test(exact) ? exact : `"${exact}"`;
    const command = registry === "npm" ? `npm install ${wanted}` : `npx jsr add ${wanted}`;
    return `The package ${name} is not installed; ${where}: ${command}`;
  }
  if (!/^https?:/.test(specifier)) return undefined;
  return "No code is fetched from the network while a cell runs: look for the package on npm, install it, and import it by its name.";
}

const IMPORTED = /(\b(?:from|import)\s*\(?\s*)(["'])((?:npm|jsr|https?):[^"'\n]+)\2/g;

/**
 * The text as the type checker can read it: the same, with Node's names of packages, each as long as what it stands for.
 * @returns also what the student has written, by those names
 */
export function withNodeSpecifiers(text: string): { text: string; written: Map<string, string> } {
  const written = new Map<string, string>();
  const readable = text.replace(IMPORTED, (all, before: string, quote: string, specifier: string) => {
    const name = toNodeSpecifier(specifier);
    if (name === undefined || name.length > specifier.length) return all;
    written.set(name, specifier);
    return `${before}${quote}${name}${quote}${" ".repeat(specifier.length - name.length)}`;
  });
  return { text: readable, written };
}
