// The accept loop of a lab sheet, written out in a cell: it never ends, and in a notebook all later cells wait for it.
import { isFunction, type Node, walk } from "./parse.js";

const ADVICE =
  "This cell accepts connections for ever, and the cells behind it wait for its end. Stop it (■); " +
  "serveForever(s, handler) from 'wirebook/serve' is the same loop in the background.";

/** What to say to a student who waits behind such a cell. */
export function adviceFor(body: Node[]): string | undefined {
  let found = false;
  for (const statement of body)
    walk(statement, (node) => {
      if (isFunction(node)) return false;
      found ||= isEndless(node) && accepts(node.body);
      return !found;
    });
  return found ? ADVICE : undefined;
}

function isEndless({ type, test }: Node): boolean {
  if (type === "ForStatement") return !test || test.value === true;
  return (type === "WhileStatement" || type === "DoWhileStatement") && Boolean(test.value);
}

/** Calls `accept`, and nothing in it leaves the loop. */
function accepts(loop: Node): boolean {
  let calls = false;
  let leaves = false;
  walk(loop, (node) => {
    if (isFunction(node)) return false;
    if (node.type === "CallExpression" && node.callee.property?.name === "accept") calls = true;
    if (node.type === "BreakStatement" || node.type === "ThrowStatement") leaves = true;
    return true;
  });
  return calls && !leaves;
}
