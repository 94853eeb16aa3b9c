// What lets the engine say where a failure came from: calls whose promise nobody takes, and awaits within functions, of
// which V8 forgets the way once an event ends them.
import MagicString from "magic-string";
import { isFunction, type Node, walk } from "./parse.js";

/** A call that is a statement by itself may be a forgotten `await`: the engine hears what it gives. */
export function markDropped(body: Node[], textOf: (node: Node) => MagicString): void {
  const top = new Set(body.slice(0, -1));
  for (const statement of body) {
    walk(statement, (node) => {
      if (node.declare) return false;
      if (node.type !== "ExpressionStatement" || !isDroppedCall(node.expression)) return true;
      const { start, end } = node.expression as Node;
      const text = textOf(node);
      text.prependRight(start, top.has(node) ? "__wirebook.dropAtTop(" : "__wirebook.drop(");
      text.appendLeft(end, ")");
      return true;
    });
  }
}

function isDroppedCall(node: Node): boolean {
  if (/^(ChainExpression|ParenthesizedExpression|TSNonNullExpression)$/.test(node.type))
    return isDroppedCall(node.expression);
  if (node.type !== "CallExpression" || node.callee.type === "Super") return false;
  const { object, property } = node.callee as { object?: Node; property?: Node };
  if (object?.type === "Identifier" && object.name === "console") return false;
  // Whoever writes these has thought of the failure.
  return property?.name !== "catch" && !(property?.name === "then" && node.arguments.length > 1);
}

/** An `await` within a function is followed: it waits for the same promise, and its place goes with an error. */
export function followAwaits(body: Node[], textOf: (node: Node) => MagicString): void {
  const follow = (node: Node): void => {
    if (node.type !== "AwaitExpression") return;
    const text = textOf(node);
    text.prependRight(node.argument.start, "__wirebook.via(__wirebook.site``,");
    text.appendLeft(node.argument.end, ")");
  };
  for (const statement of body) {
    walk(statement, (node) => {
      if (!isFunction(node)) return true;
      walk(node, follow);
      return false;
    });
  }
}

/**
 * A cell that is compiled is marked before: then its calls are the student's own.
 * @returns the marked text, and the way from its positions to those of the text before
 */
export function markBeforeCompiling(
  source: string,
  body: Node[],
): { text: string; back(line: number, column: number): number } {
  const marked = new MagicString(source);
  markDropped(body, () => marked);
  if (!marked.hasChanged()) return { text: source, back: (_, column) => column };
  const { mappings } = marked.generateDecodedMap({ hires: "boundary" });
  return {
    text: marked.toString(),
    back(line, column) {
      // Only whole pieces of a line were put in, so of a line that has any, every word of the student's has a segment.
      const segments = (mappings[line] ?? []) as [number, number, number, number][];
      const after = segments.findIndex(([generated]) => generated > column);
      const at = segments[after < 0 ? segments.length - 1 : Math.max(0, after - 1)];
      if (!at) return column;
      const next = segments[after];
      return Math.min(
        at[3] + Math.max(0, column - at[0]),
        next && next !== at ? next[3] : Number.POSITIVE_INFINITY,
      );
    },
  };
}
