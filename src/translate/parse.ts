// The door to the parser. A cell is TypeScript; it is TSX only if that alone parses, so `<T>x` keeps its old meaning.
import { createRequire } from "node:module";
import type { ParserOptions } from "oxc-parser";

// Loaded at the first use: the engine needs it only for modules in TypeScript.
const require = createRequire(import.meta.url);

/** A node of the ESTree that the parser gives, as loosely typed as a tree walk needs. Offsets are UTF-16. */
export interface Node {
  type: string;
  start: number;
  end: number;
  // biome-ignore lint/suspicious/noExplicitAny: every kind of node has its own fields
  [field: string]: any;
}

export interface Problem {
  message: string;
  start: number;
  end: number;
  hint?: string;
}

export interface Parsed {
  body: Node[];
  lang: "ts" | "tsx" | "jsx";
  problems: Problem[];
}

function parse(code: string, lang: Parsed["lang"]): Parsed {
  const options: ParserOptions = { lang, sourceType: "module", showSemanticErrors: true };
  const { parseSync } = require("oxc-parser") as typeof import("oxc-parser");
  const result = parseSync(`cell.${lang}`, code, options);
  const problems = result.errors.map(({ message, labels, helpMessage }) => ({
    message,
    // Of a double declaration the second place is the mistake.
    start: labels.at(-1)?.start ?? 0,
    end: labels.at(-1)?.end ?? 0,
    ...(helpMessage && { hint: helpMessage }),
  }));
  return { body: result.program.body as unknown as Node[], lang, problems };
}

export function parseTypeScript(code: string): Parsed {
  const plain = parse(code, "ts");
  if (plain.problems.length === 0) return plain;
  const jsx = parse(code, "tsx");
  return jsx.problems.length === 0 ? jsx : plain;
}

export function parseJavaScript(code: string): Parsed {
  return parse(code, "jsx");
}

/** An object literal alone is a value, not a block, as in Node's own prompt. */
export function isObjectLiteral(code: string): boolean {
  const start = code.replace(/^(?:\s|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/, "");
  if (!start.startsWith("{")) return false;
  const { body, problems } = parse(`(${code}\n)`, "ts");
  const value: Node | undefined = body[0]?.type === "ExpressionStatement" ? body[0].expression : undefined;
  return problems.length === 0 && body.length === 1 && value?.expression?.type === "ObjectExpression";
}

const SKIPPED = new Set(["type", "start", "end", "range", "parent"]);

/** Calls `visit` on a node and all below it, in order; `false` keeps it out of what is below. */
export function walk(
  node: Node,
  visit: (node: Node, parent: Node | undefined, key: string) => unknown,
  parent?: Node,
  key = "",
): void {
  if (visit(node, parent, key) === false) return;
  for (const name in node) {
    if (SKIPPED.has(name)) continue;
    const value: unknown = node[name];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) walk(item, visit, node, name);
    } else if (isNode(value)) walk(value, visit, node, name);
  }
}

/** An array, because generators are slow and trees are walked for every cell. */
export function children(node: Node): [Node, string][] {
  const found: [Node, string][] = [];
  for (const key in node) {
    if (SKIPPED.has(key)) continue;
    const value: unknown = node[key];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) found.push([item, key]);
    } else if (isNode(value)) found.push([value, key]);
  }
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

const FUNCTIONS = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "TSDeclareFunction",
  "TSEmptyBodyFunctionExpression",
]);

export function isFunction(node: Node): boolean {
  return FUNCTIONS.has(node.type);
}

/** Names that a pattern binds. */
export function boundNames(pattern: Node | null | undefined, names: string[] = []): string[] {
  switch (pattern?.type) {
    case "Identifier":
      names.push(pattern.name);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties)
        boundNames(property.type === "RestElement" ? property.argument : property.value, names);
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) boundNames(element, names);
      break;
    case "AssignmentPattern":
      boundNames(pattern.left, names);
      break;
    case "RestElement":
      boundNames(pattern.argument, names);
      break;
    case "TSParameterProperty":
      boundNames(pattern.parameter, names);
  }
  return names;
}

/** White space of the same shape: line breaks stay where they are. */
export function blank(text: string): string {
  return text.replace(/[^\r\n\u2028\u2029]/g, " ");
}
