// A cell as a TypeScript module: the student's text unchanged, and behind it a joint that exports what the cell declares
// and brings in what it mentions of earlier cells. Imports are hoisted, so nothing of the student's has to move.
import type { Declared, Outline } from "../flow.js";
import type { Binding, Bindings, Source } from "./bindings.js";

export interface CellModule {
  text: string;
  /** What was added. */
  joint: string;
  /** What the names that it mentions meant to it. */
  uses: Bindings;
  /** Where the joint begins, with the exported names; what is reported there is not the student's. */
  tail: { line: number; names: Map<string, number> };
  /** The modules that it imports from. */
  imports: Set<Source>;
}

const LINES = /\r\n|[\r\n\u2028\u2029]/;

/**
 * @param always modules that are part of the program whether mentioned or not: they change global types
 * @param listed specifiers that are imported first and in this order, whether needed or not
 */
export function toModule(
  outline: Outline,
  bindings: Bindings,
  always: Iterable<Source>,
  listed: string[] = [],
): CellModule {
  const imports = new Set<Source>(always);
  const statements = listed.map((specifier) => ({ specifier, names: [] as string[] }));
  const importing = (specifier: string, ...names: string[]): void => {
    const statement = statements.find((one) => one.specifier === specifier);
    if (statement) statement.names.push(...names);
    else statements.push({ specifier, names });
  };
  let declarations = "";
  const declared = new Map(outline.declared.map((one) => [one.name, one]));
  const uses = needed(outline.mentioned.keys(), bindings);
  for (const [name, binding] of uses) {
    const how = entering(name, binding, declared.get(name));
    declarations += how.declarations;
    for (const [source, imported] of how.imports) {
      imports.add(source);
      importing(source.specifier, imported);
    }
  }
  for (const { specifier } of always) importing(specifier);
  const names = new Map<string, number>();
  let joint = "export {";
  for (const { name } of outline.declared) {
    if (outline.exported.includes(name)) continue;
    names.set(name, joint.length);
    joint += `${name},`;
  }
  joint += `};${declarations}`;
  // Where a variable and a type share a name, the type alone can be had under another one.
  for (const { name, value, type, parameters } of outline.declared)
    if (value && type === "type") joint += `export type ${alone(name)}${applied(name, parameters)};`;
  // The kernel gives it to cells that say the name; files and packages have none.
  if (outline.mentioned.has("Deno") && !uses.has("Deno") && !declared.has("Deno"))
    importing("wirebook/deno", "Deno");
  for (const { specifier, names } of statements) joint += `import {${names.join()}} from '${specifier}';`;
  return {
    text: `${outline.text}\n${joint}`,
    joint,
    tail: { line: outline.text.split(LINES).length, names },
    uses,
    imports,
  };
}

/**
 * The part of a cell that the types of its names depend on.
 * @param typeOf the type of a variable in words, where it is known
 */
export function essence(outline: Outline, typeOf: (name: string) => string | undefined): Outline {
  // Their places would move.
  if (outline.augmentations.length > 0) return outline;
  const gone: [start: number, end: number][] = [];
  let text = "";
  let at = 0;
  for (const { start, end, by, typeOf: name } of outline.spare) {
    const type = name === undefined ? "" : typeOf(name);
    if (start < at || type === undefined) continue;
    text += outline.text.slice(at, start) + (type === "" ? by : `: ${type}`);
    gone.push([start, end]);
    at = end;
  }
  text += outline.text.slice(at);
  const stays = (place: number): boolean => !gone.some(([start, end]) => start <= place && place < end);
  const mentioned = new Map([...outline.mentioned].filter(([, places]) => places.some(stays)));
  return { ...outline, text, mentioned };
}

/** The names of earlier cells that these mean. */
function needed(mentioned: Iterable<string>, bindings: Bindings): Bindings {
  const names: Bindings = new Map();
  for (const name of mentioned) {
    const binding = bindings.get(name);
    if (binding) names.set(name, binding);
  }
  return names;
}

/** The name of a type whose own is a variable's, too. */
function alone(name: string): string {
  return `${name}$type`;
}

/** The name by which a variable comes in whose own is declared anew. */
function aside(name: string): string {
  return `${name}$earlier`;
}

/** The type that a variable is declared with, wherever this stands: in a function the statements before it narrow nothing. */
function typeOf(variable: string): string {
  return `{get a():typeof ${variable}}['a']`;
}

const ADDED = /(?<=[\p{ID_Continue}$])\$(?:type|earlier)\b/gu;

/** What the server says, in the student's own names. */
export function inOwnNames(text: string): string {
  return text.replace(ADDED, "");
}

function applied(
  name: string,
  { text, names }: { text: string; names: string[] } = { text: "", names: [] },
): string {
  return `${text}=${name}${names.length > 0 ? `<${names.join()}>` : ""}`;
}

interface Entering {
  declarations: string;
  /** What is imported, and from where. */
  imports: [source: Source, imported: string][];
}

/** How a name of earlier cells enters a cell, next to what the cell declares under that name itself. */
function entering(name: string, binding: Binding, own: Declared | undefined): Entering {
  let { value, type } = binding;
  if (own?.value) {
    if (type?.how === "class") type = undefined;
    value = undefined;
  }
  if (own?.type) {
    if (own.type === "class" || (value && type?.source === value.source && type.how === "class"))
      value = undefined;
    type = undefined;
  }
  // One import brings everything that the name means, as long as it all comes from one place and stays as it is there.
  const source = value?.source ?? type?.source;
  const isWhole = type ? !value || value.source === type.source : value?.frozen === undefined;
  if (source && isWhole && !own && value?.how !== "let")
    return { declarations: "", imports: [[source, name]] };
  // A `let` stays assignable, and has its declared type, not the one it was narrowed to.
  const declarations = value
    ? `${comment(value.docs)}declare ${value.how} ${name}: ${value.frozen ?? typeOf(aside(name))};`
    : "";
  const imports: Entering["imports"] = [];
  if (value && value.frozen === undefined) imports.push([value.source, `${name} as ${aside(name)}`]);
  // An import that is a type only may stand beside a variable of that name.
  if (type) imports.push([type.source, type.beside ? `${alone(name)} as ${name}` : name]);
  return { declarations, imports };
}

/** On a line of its own: behind other code it would belong to that. */
function comment(docs: string | undefined): string {
  return docs === undefined ? "" : `\n/** ${docs.replaceAll("*/", "*\u2215")} */`;
}

/** The text without what changes types outside its own module. Lines and columns stay. */
export function withoutAugmentations(text: string, { augmentations }: Outline): string {
  let out = text;
  for (const [start, end] of augmentations)
    out = out.slice(0, start) + out.slice(start, end).replace(/[^\r\n\u2028\u2029]/g, " ") + out.slice(end);
  return out;
}
