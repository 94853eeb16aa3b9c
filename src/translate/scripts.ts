// A cell's JavaScript → two scripts for V8's REPL mode: what is hoisted (imports, functions), and the rest, which gives
// the value. The engine has declared every new name before, so that a cell only assigns: none is ever in its dead zone, a
// redeclared name keeps its old value until its initialiser is done, and to run a cell again leaves nothing behind. (REPL
// mode would let `let` and `class` be declared again and again; of each time V8 keeps something for ever.)
import MagicString from "magic-string";
import { guardConstants } from "./constants.js";
import { followAwaits, markDropped } from "./followed.js";
import { bringDeno } from "./foreign.js";
import { hideGenerated, renameGenerated } from "./generated.js";
import { blank, boundNames, type Node, walk } from "./parse.js";
import { OPEN } from "./valueless.js";
import { assignVars, countVars, type Ending, hasOwnVars } from "./vars.js";

export interface Scripts {
  texts: MagicString[];
  names: string[];
  /** Which names have their values once the n-th mark is passed. */
  marks: string[][];
  /** Which names have their values once the n-th detour was taken. */
  detours: string[][];
}

/** The value of a cell that has none; behind it, no string of the student's is a directive. */
const SLOPPY = "void 0;\n";
const STRICT = `"use strict";${SLOPPY}`;
const quote = JSON.stringify;
/** What of a text moves the lines behind it. */
const lineEnds = (text: string): string => (text.match(/\n/g) ?? []).join("");

interface Marked {
  node: Node;
  bound: string[];
  /** The last of its assignments; left out: it is hoisted. */
  last?: Node;
}

/**
 * @param options.written the student's statements, where a compiler has made `body` of them
 * @param options.sloppy without strict mode
 */
export function toScripts(
  js: string,
  body: Node[],
  { written = body, sloppy = false }: { written?: Node[]; sloppy?: boolean } = {},
): Scripts {
  const main = new MagicString(js);
  const generated = renameGenerated(body, written);
  const nameOf = (name: string): string => generated.get(name) ?? name;
  const hoisted: { from: Node; node: Node; replacement?: string }[] = [];
  const names = new Set<string>();
  const marked: Marked[] = [];
  const endings: Ending[] = [];
  const vars = countVars(body);
  for (const name of vars.keys()) names.add(name);

  const hoist = (from: Node, node: Node, replacement?: string): void => {
    hoisted.push({ from, node, ...(replacement !== undefined && { replacement }) });
    main.overwrite(from.start, from.end, `;${blank(js.slice(from.start, from.end)).slice(1)}`);
  };

  const declare = (node: Node, from: Node): void => {
    switch (node.type) {
      case "ImportDeclaration":
        if (node.importKind === "type") return;
        for (const specifier of node.specifiers)
          if (specifier.importKind !== "type") names.add(specifier.local.name);
        marked.push({ node, bound: node.specifiers.map((specifier: Node) => specifier.local.name) });
        hoist(from, node, importCall(node));
        return;
      case "FunctionDeclaration":
        names.add(node.id.name);
        marked.push({ node, bound: [node.id.name] });
        hoist(from, node);
        return;
      case "TSImportEqualsDeclaration": {
        if (node.importKind === "type") return;
        names.add(node.id.name);
        marked.push({ node, bound: [node.id.name], last: node });
        const lines = lineEnds(js.slice(node.start, node.end));
        const from = quote(node.moduleReference.expression.value);
        main.overwrite(node.start, node.end, `${OPEN}${node.id.name}=__wirebook.require(${from})${lines}`);
        return;
      }
      case "ClassDeclaration":
        if (node.declare) return;
        names.add(node.id.name);
        marked.push({ node, bound: [node.id.name], last: node });
        main.prependRight(node.start, `${OPEN}${nameOf(node.id.name)}=`);
        return;
      case "VariableDeclaration":
        variables(node);
        return;
      case "ExportNamedDeclaration":
        if (node.exportKind === "type") return;
        if (node.declaration) {
          main.overwrite(
            node.start,
            node.declaration.start,
            blank(js.slice(node.start, node.declaration.start)),
          );
          declare(node.declaration, node.declaration);
        } else if (node.source)
          main.overwrite(
            node.start,
            node.end,
            `await __wirebook.import(${quote(node.source.value)});void 0;`,
          );
        else main.overwrite(node.start, node.end, `;${blank(js.slice(node.start, node.end)).slice(1)}`);
        return;
      case "ExportAllDeclaration":
        if (node.exportKind !== "type")
          main.overwrite(
            node.start,
            node.end,
            `await __wirebook.import(${quote(node.source.value)});void 0;`,
          );
        return;
      case "ExportDefaultDeclaration": {
        const it: Node = node.declaration;
        const space = blank(js.slice(node.start, it.start));
        if (/^(Function|Class)Declaration$/.test(it.type) && it.id) {
          main.overwrite(node.start, it.start, space);
          declare(it, it);
        } else if (!it.type.startsWith("TS")) {
          main.overwrite(node.start, it.start, `;(${space.slice(2)}`);
          endings.push([it.end, ");"]);
        }
      }
    }
  };

  const variables = (node: Node): void => {
    if (node.declare) return;
    const bound = node.declarations.flatMap((declarator: Node) => boundNames(declarator.id));
    for (const name of bound) names.add(name);
    // Others are assigned wherever they stand.
    if (node.kind === "var" && !bound.every((name: string) => vars.get(name) === 1)) return;
    marked.push({ node, bound, last: node.declarations.at(-1) });
    const [{ start }] = node.declarations;
    main.overwrite(node.start, start, OPEN + lineEnds(js.slice(node.start, start)));
    for (const { id, init } of node.declarations) {
      if (node.kind.endsWith("using")) {
        // It lives until its cell runs again.
        main.appendRight(init.start, "__wirebook.using(");
        endings.push([init.end, `,${node.kind === "await using"})`]);
      } else if (node.kind === "var") {
        enumObject(id, init);
        // Without a value it keeps what it had, as the language has it.
        if (!init) main.appendLeft(id.end, namespaces.has(id.name) ? "=void 0" : `=${id.name}`);
      } else if (!init) main.appendLeft(id.end, "=void 0");
    }
  };
  // `enum E` compiles to `var E = f(E || {})`: the first of a cell begins anew, it does not add to an earlier cell's.
  const enums = new Set<string>();
  const enumObject = (id: Node, init: Node | null): void => {
    const argument: Node | undefined = init?.type === "CallExpression" ? init.arguments[0] : undefined;
    if (
      argument?.type === "LogicalExpression" &&
      argument.operator === "||" &&
      argument.left.name === id.name &&
      !enums.has(id.name)
    ) {
      enums.add(id.name);
      main.overwrite(argument.start, argument.end, "{}");
    }
  };
  // `namespace N` may compile to `var N; (…)(N || (N = {}))`, and begins anew too.
  const namespaces = new Set(
    body.map((statement) => statement.expression?.arguments?.[0]?.left?.name as string | undefined),
  );
  for (const statement of body) declare(statement, statement);
  const detours = assignVars(body, vars, main, { enumObject, endings });
  const first = new MagicString(js);
  let at = 0;
  for (const { from, node, replacement } of hoisted) {
    if (node.start > at) first.overwrite(at, node.start, blank(js.slice(at, node.start)));
    if (replacement !== undefined)
      first.overwrite(node.start, node.end, replacement + lineEnds(js.slice(node.start, node.end)));
    else {
      // The name goes from behind `function` to before it: the function is named by the assignment, and what it calls
      // by its own name is the newest of that name.
      first.appendLeft(node.start, `${nameOf(node.id.name)}=`);
      first.overwrite(node.id.start, node.id.end, " ".repeat(node.id.name.length));
      first.appendLeft(node.end, ";");
    }
    at = Math.max(from.end, node.end);
  }
  if (at < js.length) first.overwrite(at, js.length, blank(js.slice(at)) || " ");

  const inHoisted = (node: Node): boolean =>
    hoisted.some(({ node: own }) => node.start >= own.start && node.end <= own.end);
  const textOf = (statement: Node): MagicString =>
    hoisted.some(({ from }) => from === statement || from === statement.declaration) ? first : main;
  guardConstants(body, textOf);
  for (const statement of body) redirect(statement, (node) => (inHoisted(node) ? first : main));
  if (js.includes("Deno")) bringDeno(body, names, (node) => (inHoisted(node) ? first : main));
  raceAwaits(body, main, inHoisted);
  // Of compiled cells this is done before: a compiler's own statements are none of the student's.
  if (written === body) markDropped(body, (node) => (inHoisted(node) ? first : main));
  followAwaits(body, (node) => (inHoisted(node) ? first : main));
  hideGenerated(body, generated, textOf);
  for (const [at, text] of endings) main.appendLeft(at, text);
  const marks = placeMarks(marked, (node) => (inHoisted(node) ? first : main));
  return {
    texts: (hoisted.length > 0 ? [first, main] : [main]).map((text) =>
      text.prepend(sloppy ? SLOPPY : STRICT),
    ),
    names: [...names].map(nameOf),
    marks,
    detours,
  };
}

/** Behind each declaration stands a mark, so that of a cell which failed half-way it is known what it has declared. */
function placeMarks(declarations: Marked[], textOf: (node: Node) => MagicString): string[][] {
  const inOrder = declarations.filter(({ bound }) => bound.length > 0);
  inOrder.sort((a, b) => Number(!b.last) - Number(!a.last) || a.node.start - b.node.start);
  for (const one of declarations) {
    const { node, last } = one;
    const at = inOrder.indexOf(one);
    const mark = at < 0 ? "" : `__wirebook.at(${at + 1})`;
    if (last) {
      textOf(node).appendLeft(last.end, mark ? `,${mark}]` : "]");
      textOf(node).appendLeft(node.end, "}");
    } else if (mark) textOf(node).appendLeft(node.end, `;${mark};`);
  }
  return inOrder.map(({ bound }) => bound);
}

function importCall(node: Node): string {
  const key = (name: Node): string => (name.type === "Identifier" ? name.name : quote(name.value));
  const attributes = node.attributes?.length
    ? `,{with:{${node.attributes.map((attribute: Node) => `${key(attribute.key)}:${quote(attribute.value.value)}`).join()}}}`
    : "";
  const call = `await __wirebook.wait(__wirebook.import(${quote(node.source.value)}${attributes}))`;
  const specifiers: Node[] = node.specifiers.filter((specifier: Node) => specifier.importKind !== "type");
  if (specifiers.length === 0) return `${call};`;
  const namespace = specifiers.find((specifier) => specifier.type === "ImportNamespaceSpecifier");
  const named = specifiers
    .filter((specifier) => specifier !== namespace)
    .map(
      (specifier) =>
        `${specifier.type === "ImportDefaultSpecifier" ? "default" : key(specifier.imported)}:${specifier.local.name}`,
    );
  if (!namespace) return `({${named.join()}}=${call});`;
  const { name } = namespace.local;
  return `${name}=${call};${named.length > 0 ? `({${named.join()}}=${name});` : ""}`;
}

/** `import()` and `import.meta` are the engine's: evaluated code has none of its own. */
function redirect(statement: Node, textOf: (node: Node) => MagicString): void {
  walk(statement, (node) => {
    if (node.type === "ImportExpression")
      textOf(node).overwrite(node.start, node.start + 6, "__wirebook.import");
    if (node.type === "MetaProperty" && node.meta.name === "import")
      textOf(node).overwrite(node.start, node.end, "__wirebook.meta");
  });
}

/** Top-level awaits race with the interrupt of their run. */
function raceAwaits(body: Node[], text: MagicString, inHoisted: (node: Node) => boolean): void {
  for (const statement of body) {
    if (inHoisted(statement) || statement.type.startsWith("Import")) continue;
    walk(statement, (node) => {
      if (hasOwnVars(node)) return false;
      if (node.type === "PropertyDefinition" || node.type === "MethodDefinition") return false;
      if (node.type === "AwaitExpression") wrap(node.argument, "wait");
      if (node.type === "ForOfStatement" && node.await) wrap(node.right, "each");
      return true;
    });
  }
  function wrap(node: Node, how: string): void {
    text.prependRight(node.start, `__wirebook.${how}(`);
    text.appendLeft(node.end, ")");
  }
}
