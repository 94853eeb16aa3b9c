// What cells written for other kernels have, and Node has not. `Deno` is there for the cell alone: were it a global, libraries
// that look for it would take Node for Deno.
import type MagicString from "magic-string";
import { type Node, walk } from "./parse.js";

/** Fields of nodes in which an expression stands, and nothing is bound. */
const VALUES =
  /^(object|init|right|arguments|expression|expressions|body|test|consequent|alternate|discriminant)$/;
const DENO = '(typeof Deno==="undefined"?__wirebook.Deno:Deno)';

/** `typeof Deno` is none of them: it stays the truth. */
function isValue(key: string, parent: Node | undefined): boolean {
  if (VALUES.test(key)) return true;
  const kind = parent?.type ?? "";
  if (key === "elements") return kind === "ArrayExpression";
  if (key === "left") return /^(Binary|Logical)Expression$/.test(kind);
  return key === "argument" && /^(Await|Return|Yield|Spread|Throw)/.test(kind);
}

/**
 * Gives the cell the kernel's `Deno`, unless there is one of the student's own.
 * @param names what the cell itself declares
 */
export function bringDeno(
  body: Node[],
  names: ReadonlySet<string>,
  textOf: (node: Node) => MagicString,
): void {
  if (names.has("Deno")) return;
  const bring = (node: Node): void => {
    // What others have put at this place stays there.
    textOf(node).overwrite(node.start, node.end, DENO, { contentOnly: true });
  };
  const isDeno = (node: Node): boolean => node.type === "Identifier" && node.name === "Deno";
  for (const statement of body) {
    walk(statement, (node, parent, key) => {
      if (isDeno(node) && isValue(key, parent)) bring(node);
      if (node.type !== "ObjectExpression") return;
      for (const { shorthand, value } of node.properties) {
        if (!value || !isDeno(value)) continue;
        if (shorthand) textOf(node).appendLeft(value.end, `:${DENO}`);
        else bring(value);
      }
    });
  }
}
