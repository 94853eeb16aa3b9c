// In V8's REPL mode a cell's constants become variables, so that a later cell may declare them anew. In their own cell
// assignment to them still throws, at its place, once the right side has been evaluated, as the language has it.
import type MagicString from "magic-string";
import { boundNames, children, isFunction, type Node, walk } from "./parse.js";

/** Top-level names of the cell that may not be assigned to: constants and imports. */
function constants(body: Node[]): Set<string> {
  const names = new Set<string>();
  for (const statement of body) {
    const declaration: Node =
      statement.type === "ExportNamedDeclaration" && statement.declaration
        ? statement.declaration
        : statement;
    if (declaration.type === "ImportDeclaration")
      for (const specifier of declaration.specifiers) names.add(specifier.local.name);
    if (declaration.type === "VariableDeclaration" && !/^(let|var)$/.test(declaration.kind)) {
      for (const declarator of declaration.declarations)
        for (const name of boundNames(declarator.id)) names.add(name);
    }
  }
  return names;
}

/** @param textOf the text that a top-level statement ends up in */
export function guardConstants(body: Node[], textOf: (statement: Node) => MagicString): void {
  const names = constants(body);
  if (names.size === 0) return;
  const guard = (node: Node, hidden: ReadonlySet<string>, text: MagicString): void => {
    const scope = new Set([...hidden, ...declaredIn(node, names)]);
    const guarded = (target: Node): boolean =>
      target.type === "Identifier" && names.has(target.name) && !scope.has(target.name);
    if (node.type === "AssignmentExpression" && guarded(node.left)) {
      // `a ||= b` writes nothing, and does not look at `b`, where `a` is enough.
      const { name } = node.left;
      const first = /^(\|\||&&|\?\?)=$/.test(node.operator) ? `${name}${node.operator.slice(0, 2)}` : "";
      text.overwrite(node.left.start, node.right.start, `${first}__wirebook.constant(`);
      text.appendLeft(node.right.end, ")");
      guard(node.right, scope, text);
      return;
    }
    if (node.type === "UpdateExpression" && guarded(node.argument)) {
      text.overwrite(node.start, node.end, `__wirebook.constant(${node.argument.name})`);
      return;
    }
    const pattern =
      node.type === "AssignmentExpression"
        ? node.left
        : /^For(In|Of)Statement$/.test(node.type) && node.left.type !== "VariableDeclaration"
          ? node.left
          : undefined;
    if (pattern)
      for (const target of targets(pattern))
        if (guarded(target.node))
          text.overwrite(target.node.start, target.node.end, `${target.prefix}__wirebook.constant().x`);
    for (const [child, key] of children(node))
      if (child !== pattern || key !== "left") guard(child, scope, text);
  };
  for (const statement of body) guard(statement, new Set(), textOf(statement));
}

/** The names that a pattern of an assignment writes to. */
function* targets(pattern: Node): Generator<{ node: Node; prefix: string }> {
  switch (pattern.type) {
    case "Identifier":
      yield { node: pattern, prefix: "" };
      break;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        if (property.type === "RestElement") yield* targets(property.argument);
        else
          for (const target of targets(property.value))
            yield property.shorthand ? { node: target.node, prefix: `${target.node.name}:` } : target;
      }
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) if (element) yield* targets(element);
      break;
    case "AssignmentPattern":
      yield* targets(pattern.left);
      break;
    case "RestElement":
      yield* targets(pattern.argument);
  }
}

/** Which of `names` does a scope that opens at this node declare for itself? */
function declaredIn(node: Node, names: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const lexical = (statements: Node[]): void => {
    for (const statement of statements) {
      if (statement.type === "VariableDeclaration" && statement.kind !== "var")
        for (const declarator of statement.declarations) boundNames(declarator.id, found);
      else if (/^(Function|Class)Declaration$/.test(statement.type) && statement.id)
        found.push(statement.id.name);
    }
  };
  if (isFunction(node)) {
    for (const parameter of node.params ?? []) boundNames(parameter, found);
    if (node.type === "FunctionExpression" && node.id) found.push(node.id.name);
    if (node.body) {
      walk(node.body, (inner) => {
        if (inner !== node.body && isFunction(inner)) return false;
        if (inner.type === "VariableDeclaration" && inner.kind === "var")
          for (const declarator of inner.declarations) boundNames(declarator.id, found);
        return true;
      });
    }
  } else if (node.type === "BlockStatement" || node.type === "StaticBlock") lexical(node.body);
  else if (node.type === "SwitchStatement") for (const option of node.cases) lexical(option.consequent);
  else if (node.type === "CatchClause") boundNames(node.param, found);
  else if (node.type === "ForStatement" && node.init) lexical([node.init]);
  else if (/^For(In|Of)Statement$/.test(node.type)) lexical([node.left]);
  else if (node.type === "ClassExpression" && node.id) found.push(node.id.name);
  return found.filter((name) => names.has(name));
}
