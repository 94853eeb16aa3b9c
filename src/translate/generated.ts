// What esbuild adds to a cell with decorators: variables and functions of its own, at the top level, under the same names
// in every cell. Cells share their top level, so without names of their own the second decorated cell would change the
// first one's classes; and its statements would give the cell a value.
import type MagicString from "magic-string";
import { boundNames, children, type Node, walk } from "./parse.js";
import { CLOSE, OPEN } from "./valueless.js";

let cells = 0;

/** Names that only the compiler knows → what they are called in this cell. */
export function renameGenerated(compiled: Node[], own: Node[]): Map<string, string> {
  if (compiled === own) return new Map();
  const known = new Set(own.flatMap(topLevelNames));
  const names = compiled.flatMap(topLevelNames).filter((name) => !known.has(name));
  if (names.length === 0) return new Map();
  cells += 1;
  // As wide in any cell: whoever translates a text once more finds everything in the same columns.
  const number = String(cells).padStart(6, "0");
  return new Map(names.map((name) => [name, `__wirebook_${number}_${name}`]));
}

function topLevelNames(statement: Node): string[] {
  const node: Node = (/^Export/.test(statement.type) && statement.declaration) || statement;
  const names: string[] = [];
  if (node.type === "ImportDeclaration")
    for (const specifier of node.specifiers) names.push(specifier.local.name);
  else if (node.type.endsWith("Declaration") && node.id) names.push(leftmost(node.id).name);
  walk(node, (inner) => {
    if (/Function|Class/.test(inner.type)) return false;
    if (inner.type === "VariableDeclaration" && (inner === node || inner.kind === "var"))
      for (const { id } of inner.declarations) boundNames(id, names);
    return true;
  });
  return names;
}

/** `namespace A.B` declares `A`. */
function leftmost(name: Node): Node {
  return name.type === "TSQualifiedName" ? leftmost(name.left) : name;
}

/** Writes the new names, and takes the value from statements that are the compiler's. */
export function hideGenerated(
  body: Node[],
  names: ReadonlyMap<string, string>,
  textOf: (statement: Node) => MagicString,
): void {
  if (names.size === 0) return;
  const rename = (node: Node, text: MagicString, shorthand = false): void => {
    const name = node.type === "Identifier" ? names.get(node.name) : undefined;
    if (name !== undefined) text.overwrite(node.start, node.end, shorthand ? `${node.name}:${name}` : name);
    for (const [child, key] of children(node)) {
      // Its name would be seen in the student's own output.
      if (key === "id" && node.type === "ClassExpression") continue;
      if ((key === "key" || key === "property") && !node.computed) continue;
      rename(child, text, node.shorthand);
    }
  };
  const isGenerated = (node: Node | undefined): boolean => {
    switch (node?.type) {
      case "Identifier":
        return names.has(node.name);
      case "AssignmentExpression":
        return isGenerated(node.left) || (node.right.type === "CallExpression" && isGenerated(node.right));
      case "CallExpression":
        return isGenerated(node.callee);
      case "SequenceExpression":
        return node.expressions.at(-1).type !== "Identifier" && isGenerated(node.expressions.at(-1));
    }
    return false;
  };
  for (const statement of body) {
    if (statement.type === "ExportNamedDeclaration" && !statement.declaration) continue;
    const text = textOf(statement);
    rename(statement, text);
    if (statement.type === "ExpressionStatement" && isGenerated(statement.expression)) {
      text.prependRight(statement.start, OPEN);
      text.appendLeft(statement.expression.end, CLOSE);
    }
  }
}
