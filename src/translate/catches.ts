// Is there a `catch` around a place? Asked by the debugger, which stops at errors that nobody catches.
import { isFunction, type Node, parseTypeScript, walk } from "./parse.js";

/**
 * Would an error from this place be caught within the function that it lies in: by a `try`, or by the `.catch(…)` of the
 * promise that it becomes?
 * @param place of the student's, 1-based
 */
export function isCaught(source: string, { line, column }: { line: number; column: number }): boolean {
  let offset = column - 1;
  for (let at = 0, left = line - 1; left > 0; left--) {
    at = source.indexOf("\n", at) + 1;
    if (at === 0) return false;
    if (left === 1) offset += at;
  }
  const inside = (node: Node | null | undefined): boolean =>
    !!node && node.start <= offset && offset < node.end;
  let caught = false;
  for (const statement of parseTypeScript(source).body) {
    if (!inside(statement)) continue;
    walk(statement, (node) => {
      if (!inside(node)) return false;
      // What lies around a function catches nothing that it throws later.
      if (isFunction(node)) caught = false;
      if (node.type === "TryStatement" && node.handler && inside(node.block)) caught = true;
      if (node.type === "CallExpression" && inside(node.callee) && catches(node)) caught = true;
      return true;
    });
  }
  return caught;
}

function catches({ callee, arguments: given }: Node): boolean {
  const name: string | undefined = callee.property?.name;
  return name === "catch" || (name === "then" && given.length > 1);
}
