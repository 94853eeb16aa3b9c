// What of a cell its names' types do not depend on: statements, and what stands behind a type that is written down. Without
// it a module is small, and needs few others.
import type { Spare } from "../flow.js";
import { children, isFunction, type Node } from "./parse.js";

const DECLARATION =
  /^(Import|ExportNamed|Variable|Function|Class|TSEnum|TSInterface|TSTypeAlias|TSModule|TSGlobal|TSImportEquals|TSDeclareFunction)(Declaration)?$/;

/** @param declared the names that the cell declares */
export function spareIn(body: Node[], declared: ReadonlySet<string>): Spare[] {
  const spare: Spare[] = [];
  for (const statement of body) {
    const node: Node = statement.declaration ?? statement;
    if (node.type === "VariableDeclaration") for (const one of node.declarations) variable(one, spare);
    else if (DECLARATION.test(node.type) || hasVar(node) || isExpando(node, declared)) within(node, spare);
    else spare.push({ start: statement.start, end: statement.end, by: "" });
  }
  return spare;
}

function variable(node: Node, spare: Spare[]): void {
  const { id, init }: { id: Node; init?: Node } = node as never;
  if (init && !id.typeAnnotation && id.type === "Identifier")
    spare.push({ start: id.end, end: init.end, by: "", typeOf: id.name });
  within(node, spare);
}

function within(node: Node, spare: Spare[]): void {
  if (isFunction(node) && node.returnType && node.body) {
    const { start, end, type } = node.body as Node;
    spare.push({ start, end, by: /Block|Body/.test(type) ? "{}" : "null!" });
  } else if (node.type === "VariableDeclarator" && node.init && node.id.typeAnnotation) {
    spare.push({ start: node.id.end, end: node.init.end, by: "" });
  } else {
    for (const [child] of children(node)) within(child, spare);
  }
}

/** `f.count = 0` gives a function a property, in its type too. */
function isExpando(node: Node, declared: ReadonlySet<string>): boolean {
  const target: Node | undefined = node.type === "ExpressionStatement" ? node.expression.left : undefined;
  return target?.type === "MemberExpression" && declared.has(target.object.name);
}

function hasVar(node: Node): boolean {
  if (isFunction(node)) return false;
  if (node.type === "VariableDeclaration" && node.kind === "var") return true;
  return children(node).some(([child]) => hasVar(child));
}
