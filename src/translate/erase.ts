// TypeScript → JavaScript by writing blanks over the types, so that every line and column stays the student's own.
import MagicString from "magic-string";
import { blank, children, isFunction, type Node, type Parsed, walk } from "./parse.js";

const TYPES = /^TS(TypeAnnotation|TypeParameterDeclaration|TypeParameterInstantiation)$/;
const STATEMENTS =
  /^TS(InterfaceDeclaration|TypeAliasDeclaration|DeclareFunction|ModuleDeclaration|GlobalDeclaration|NamespaceExportDeclaration)$/;
const MEMBERS =
  /^TS(AbstractMethodDefinition|AbstractPropertyDefinition|AbstractAccessorProperty|IndexSignature)$/;

/** Which compiler a cell needs: none, where the types can be erased in place. */
export function compilerFor({ body, lang }: Parsed): "erase" | "oxc" | "esbuild" {
  let need: "erase" | "oxc" | "esbuild" = lang === "tsx" ? "oxc" : "erase";
  const merged = new Set<string>();
  const visit = (node: Node): unknown => {
    if (node.declare) return false;
    // The second part of a namespace or an enum sees the names of the first: only esbuild minds that.
    if (/^TS(Module|Enum)Declaration$/.test(node.type) && node.id?.type === "Identifier") {
      if (merged.has(node.id.name)) need = "esbuild";
      merged.add(node.id.name);
    }
    switch (node.type) {
      case "Decorator":
      case "AccessorProperty":
        // oxc leaves standard decorators as they are, and V8 does not know them yet.
        need = "esbuild";
        return;
      case "TSModuleDeclaration":
        if (!isGlobal(node) && hasValues(node)) need = need === "erase" ? "oxc" : need;
        return;
      case "TSImportEqualsDeclaration":
        if (node.moduleReference.type === "TSExternalModuleReference") return;
        need = need === "erase" ? "oxc" : need;
        return;
      case "TSEnumDeclaration":
      case "TSParameterProperty":
        need = need === "erase" ? "oxc" : need;
    }
  };
  for (const statement of body) walk(statement, visit);
  return need;
}

function isGlobal(node: Node): boolean {
  return node.type === "TSGlobalDeclaration" || node.kind === "global" || node.id?.type === "Literal";
}

/** Does a namespace hold anything that exists at run time? */
function hasValues(namespace: Node): boolean {
  const body =
    namespace.body?.type === "TSModuleDeclaration" ? [namespace.body] : (namespace.body?.body ?? []);
  return body.some((member: Node) => {
    const statement: Node =
      member.type === "ExportNamedDeclaration" ? (member.declaration ?? member) : member;
    if (statement.declare) return false;
    if (statement.type === "TSModuleDeclaration") return hasValues(statement);
    return !/^TS(Interface|TypeAlias)/.test(statement.type);
  });
}

export function eraseTypes(code: string, body: Node[]): string {
  const text = new MagicString(code);
  const erase = (start: number, end: number, semicolon = false): void => {
    if (end <= start) return;
    const space = blank(code.slice(start, end));
    text.overwrite(start, end, semicolon ? `;${space.slice(1)}` : space);
  };
  const after = (at: number, pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(code) ? pattern.lastIndex : at;
  };
  /** Words before a member's name that JavaScript does not know. */
  const eraseModifiers = (start: number, end: number): void => {
    for (const match of code
      .slice(start, end)
      .matchAll(/\/\*[\s\S]*?\*\/|\b(abstract|public|private|protected|readonly|override|declare)\b/g)) {
      if (match[1]) erase(start + match.index, start + match.index + match[1].length);
    }
  };
  const visit = (node: Node, parent: Node | undefined): unknown => {
    const { type, start, end } = node;
    if (TYPES.test(type)) {
      if (
        parent?.type === "ArrowFunctionExpression" &&
        type === "TSTypeAnnotation" &&
        node === parent.returnType &&
        /[\r\n]/.test(code.slice(start, end))
      ) {
        // No line break may stand between the parameters and the arrow: their closing parenthesis moves down to it.
        const paren = code.lastIndexOf(")", start);
        text.overwrite(paren, end, `${blank(code.slice(paren, end - 1))})`);
      } else erase(start, end);
      return false;
    }
    if (STATEMENTS.test(type) || (node.declare && type.endsWith("Declaration"))) {
      const whole = parent?.type.startsWith("Export") ? parent : node;
      erase(whole.start, whole.end, true);
      return false;
    }
    if (
      MEMBERS.test(type) ||
      (node.declare && type === "PropertyDefinition") ||
      (type === "MethodDefinition" && node.value.type === "TSEmptyBodyFunctionExpression")
    ) {
      erase(start, end, true);
      return false;
    }
    switch (type) {
      case "TSImportEqualsDeclaration":
        // Of a value it is the scripts' matter: nothing here may become longer.
        if (node.importKind === "type") erase(start, end, true);
        return false;
      case "TSExportAssignment":
        text.overwrite(start, node.expression.start, blank(code.slice(start, node.expression.start)));
        return;
      case "ImportDeclaration":
        if (node.importKind === "type") erase(start, end, true);
        else
          for (const specifier of node.specifiers)
            if (specifier.importKind === "type") erase(specifier.start, after(specifier.end, /\s*,?/y));
        return false;
      case "ExportNamedDeclaration":
      case "ExportAllDeclaration":
        if (node.exportKind !== "type") return;
        erase(start, end, true);
        return false;
      case "TSAsExpression":
      case "TSSatisfiesExpression": {
        erase(node.expression.end, end);
        walk(node.expression, visit, node);
        // The type may have kept the next line from being taken as the rest of this one.
        if (parent?.type === "ExpressionStatement" && /^[ \t]*\r?\n\s*[([`+\-/]/.test(code.slice(end)))
          text.appendLeft(end, ";");
        return false;
      }
      case "TSNonNullExpression":
        erase(end - 1, end);
        return;
      case "TSTypeAssertion":
        erase(start, node.expression.start);
        walk(node.expression, visit, node);
        return false;
      case "Identifier":
        if (node.optional) {
          const mark = code.indexOf("?", start + node.name.length);
          erase(mark, mark + 1);
        }
        return;
      case "VariableDeclarator":
        if (node.definite) {
          const mark = code.indexOf("!", node.id.start + (node.id.name?.length ?? 0));
          erase(mark, mark + 1);
        }
        return;
      case "PropertyDefinition":
      case "MethodDefinition":
        eraseModifiers(start, node.key.start);
        if (node.optional || node.definite) {
          const mark = after(node.key.end, /\s*\]?\s*[?!]/y);
          erase(mark - 1, mark);
        }
        return;
      case "ClassDeclaration":
      case "ClassExpression": {
        if (node.abstract) eraseModifiers(start, node.id?.start ?? node.body.start);
        if (!node.implements?.length) return;
        const head =
          (node.superTypeArguments ?? node.superClass ?? node.typeParameters ?? node.id)?.end ?? start + 5;
        erase(code.indexOf("implements", head), node.implements.at(-1).end);
        for (const [child, key] of children(node)) if (key !== "implements") walk(child, visit, node, key);
        return false;
      }
    }
    if (isFunction(node) && node.params?.[0]?.name === "this") {
      erase(node.params[0].start, after(node.params[0].end, /\s*,?/y));
      for (const [child, key] of children(node)) if (child !== node.params[0]) walk(child, visit, node, key);
      return false;
    }
  };
  for (const statement of body) walk(statement, visit);
  return text.toString();
}
