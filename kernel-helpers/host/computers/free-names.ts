// Which names a function takes from around it: those that it neither declares nor gets as parameters. Its text can be run
// elsewhere, but these stay behind. The helpers' door to the parser.
import { createRequire } from "node:module";

/** A name, and where in the function's text it is used first: the line from 1, the column from 0. */
export interface FreeName {
  name: string;
  line: number;
  column: number;
}

/** A node of the ESTree. */
interface Node {
  type: string;
  start: number;
  // biome-ignore lint/suspicious/noExplicitAny: every kind of node has its own fields
  [field: string]: any;
}

const load = createRequire(import.meta.url);

/**
 * @param text of one function, as `toString` gives it
 * @throws SyntaxError where it is none that can be written as an expression (a method, a built-in)
 */
export function freeNames(text: string): FreeName[] {
  const { parseSync } = load("oxc-parser") as typeof import("oxc-parser");
  const { program, errors } = parseSync("function.js", `(${text}\n)`, { sourceType: "script" });
  const [statement] = program.body as unknown as Node[];
  if (errors.length > 0 || !isFunction(withoutParentheses(statement?.expression)))
    throw new SyntaxError(errors[0]?.message ?? "it is no function");
  const found = new Map<string, FreeName>();
  visit(statement, undefined, ({ name, start }) => {
    const before = text.slice(0, start - 1).split("\n");
    if (!found.has(name))
      found.set(name, { name, line: before.length, column: before.at(-1)?.length as number });
  });
  return [...found.values()];
}

interface Scope {
  names: Set<string>;
  outer: Scope | undefined;
}

function visit(node: Node | undefined, scope: Scope | undefined, free: (node: Node) => void): void {
  if (!node) return;
  const inner = scopeOf(node, scope);
  const into = (...nodes: (Node | undefined)[]): void => {
    for (const one of nodes) visit(one, inner, free);
  };
  switch (node.type) {
    case "Identifier": {
      let at = scope;
      while (at && !at.names.has(node.name)) at = at.outer;
      if (!at && node.name !== "undefined") free(node);
      return;
    }
    case "MemberExpression":
      into(node.object, node.computed ? node.property : undefined);
      return;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
    case "AccessorProperty":
      into(node.computed ? node.key : undefined, node.value);
      return;
    case "LabeledStatement":
      into(node.body);
      return;
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
      return;
    case "UnaryExpression":
      // To ask whether there is such a name is no use of it.
      if (node.operator === "typeof" && node.argument.type === "Identifier") return;
  }
  into(...children(node));
}

/** The scope that a node opens, or the one around it. */
function scopeOf(node: Node, outer: Scope | undefined): Scope | undefined {
  const names = new Set<string>();
  const lexical = (statements: Node[] = []): void => {
    for (const statement of statements) {
      if (statement.type === "VariableDeclaration" && statement.kind !== "var") declare(statement, names);
      else if (/^(Function|Class)Declaration$/.test(statement.type)) names.add(statement.id.name);
    }
  };
  if (isFunction(node)) {
    if (node.id) names.add(node.id.name);
    if (node.type !== "ArrowFunctionExpression") names.add("arguments");
    for (const parameter of node.params) bind(parameter, names);
    hoist(node.body, names);
  } else if (/^Class/.test(node.type) && node.id) names.add(node.id.name);
  else if (/^(BlockStatement|StaticBlock)$/.test(node.type)) lexical(node.body);
  else if (node.type === "SwitchStatement")
    lexical(node.cases.flatMap((one: Node) => one.consequent as Node[]));
  else if (/^For/.test(node.type)) lexical([node.init ?? node.left].filter(Boolean));
  else if (node.type === "CatchClause") bind(node.param, names);
  return names.size > 0 ? { names, outer } : outer;
}

/** The `var`s of a function, wherever in it they stand. */
function hoist(node: Node, names: Set<string>): void {
  if (isFunction(node)) return;
  if (node.type === "VariableDeclaration" && node.kind === "var") declare(node, names);
  for (const child of children(node)) hoist(child, names);
}

function declare(declaration: Node, names: Set<string>): void {
  for (const { id } of declaration.declarations) bind(id, names);
}

/** The names of a pattern. */
function bind(pattern: Node | null, names: Set<string>): void {
  if (!pattern) return;
  if (pattern.type === "Identifier") names.add(pattern.name);
  else if (pattern.type === "Property") bind(pattern.value, names);
  else if (pattern.type === "AssignmentPattern") bind(pattern.left, names);
  else for (const child of children(pattern)) bind(child, names);
}

function children(node: Node): Node[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]).filter(isNode));
}

function isNode(value: unknown): value is Node {
  return typeof (value as Node | null)?.type === "string";
}

function isFunction(node: Node | undefined): boolean {
  return /^(ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(node?.type ?? "");
}

function withoutParentheses(node: Node | undefined): Node | undefined {
  return node?.type === "ParenthesizedExpression" ? withoutParentheses(node.expression) : node;
}
