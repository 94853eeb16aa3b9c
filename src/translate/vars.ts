// `var` reaches the cell from wherever it stands, and may be declared twice: then it is assigned in its place.
import type MagicString from "magic-string";
import { boundNames, isFunction, type Node, walk } from "./parse.js";
import { OPEN } from "./valueless.js";

/** What goes behind all that else ends there. */
export type Ending = [at: number, text: string];

/** A `var` within does not reach the cell: `declare global { var x }` says nothing about one of the cell's own. */
export function hasOwnVars(node: Node): boolean {
  return isFunction(node) || /^(StaticBlock|TSModuleDeclaration|TSGlobalDeclaration)$/.test(node.type);
}

/** How often each `var` of the cell is declared; one in a nested block counts as many. */
export function countVars(body: Node[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const statement of body) {
    const top: Node =
      statement.type === "ExportNamedDeclaration" && statement.declaration
        ? statement.declaration
        : statement;
    walk(top, (node) => {
      if (hasOwnVars(node)) return false;
      if (node.type !== "VariableDeclaration" || node.kind !== "var" || node.declare) return true;
      for (const declarator of node.declarations) {
        for (const name of boundNames(declarator.id))
          counts.set(name, (counts.get(name) ?? 0) + (node === top ? 1 : 2));
      }
      return true;
    });
  }
  return counts;
}

/**
 * Of a `var` that is nested or written twice only the assignment stays, where it stands.
 * @returns the names that are assigned, place by place; whoever comes by says so
 */
export function assignVars(
  body: Node[],
  vars: Map<string, number>,
  text: MagicString,
  { enumObject, endings }: { enumObject: (id: Node, init: Node | null) => void; endings: Ending[] },
): string[][] {
  const detours: string[][] = [];
  for (const statement of body) {
    walk(statement, (node, parent, key) => {
      if (hasOwnVars(node)) return false;
      if (node.type !== "VariableDeclaration" || node.kind !== "var" || node.declare) return true;
      const bound: string[] = node.declarations.flatMap((declarator: Node) => boundNames(declarator.id));
      if (bound.every((name) => vars.get(name) === 1)) return true;
      const head = parent?.type.startsWith("For") && (key === "init" || key === "left") ? parent : undefined;
      const given =
        head && key === "left" ? node.declarations : node.declarations.filter(({ init }: Node) => init);
      detours.push(given.flatMap(({ id }: Node) => boundNames(id)));
      const by = `__wirebook.by(${detours.length})`;
      if (head) {
        text.overwrite(node.start, node.start + 3, "   ");
        if (key === "init") endings.push([node.declarations.at(-1).end, `,${by}`]);
        else {
          // A `let` has no completion value, and the block has that of the body.
          text.prependRight(head.body.start, `${OPEN}${by}];`);
          endings.push([head.body.end, "}"]);
        }
        return true;
      }
      text.overwrite(node.start, node.start + 3, OPEN);
      for (const { id, init } of node.declarations) {
        enumObject(id, init);
        if (id.type === "ObjectPattern") {
          text.appendRight(id.start, "(");
          endings.push([init.end, ")"]);
        }
      }
      endings.push([node.declarations.at(-1).end, `,${by}]`], [node.end, "}"]);
      return true;
    });
  }
  return detours;
}
