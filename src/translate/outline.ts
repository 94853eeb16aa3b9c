// What a cell says about names, for the type checker: what it declares, and which names of other cells it may mean.
import type { Declared, Outline } from "../flow.js";
import { takeDirective } from "./directive.js";
import {
  boundNames,
  children,
  isFunction,
  isObjectLiteral,
  type Node,
  parseTypeScript,
  walk,
} from "./parse.js";
import { spareIn } from "./spare.js";
import { withNodeSpecifiers } from "./specifier.js";

const NAME = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;

/** Reads a cell, finished or not. */
export function outlineOf(written: string): Outline {
  const code = takeDirective(written).text;
  const shift = isObjectLiteral(code) ? 1 : 0;
  const text = shift ? `(${code}\n)` : code;
  const { body, lang, problems } = parseTypeScript(text);
  return outline(text, body, { lang: lang === "tsx" ? "tsx" : "ts", shift, broken: problems.length > 0 });
}

/** @param body the statements of `text` */
export function outline(
  text: string,
  body: Node[],
  options: Pick<Outline, "lang" | "shift" | "broken">,
): Outline {
  const names = new Names(text);
  for (const statement of body) names.statement(statement);
  for (const statement of body) names.nestedVars(statement);
  const { text: readable, written } = withNodeSpecifiers(text);
  const last = body.at(-1);
  return {
    text: readable,
    specifiers: written,
    ...options,
    declared: [...names.declared.values()],
    exported: [...names.exported],
    // What cannot be read is taken word by word: an import too many does no harm.
    ...(options.broken ? { mentioned: words(text), closedOver: new Set() } : mentionedIn(body)),
    ...(last?.type === "ExpressionStatement" && { value: [last.expression.start, last.expression.end] }),
    spare: options.broken ? [] : spareIn(body, new Set(names.declared.keys())),
    augmentations: body.filter(isAugmentation).map(({ start, end }) => [start, end]),
  };
}

class Names {
  readonly declared = new Map<string, Declared>();
  readonly exported = new Set<string>();
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  statement(node: Node): void {
    switch (node.type) {
      case "ExportNamedDeclaration":
        if (node.declaration) this.#declaration(node.declaration, true);
        for (const { exported } of node.specifiers ?? []) this.exported.add(exported.name ?? exported.value);
        return;
      case "ExportDefaultDeclaration":
        if (/^(Function|Class)Declaration$/.test(node.declaration.type) && node.declaration.id)
          this.#declaration(node.declaration, false);
        return;
      default:
        this.#declaration(node, false);
    }
  }

  #declaration(node: Node, exported: boolean): void {
    const add = (name: string, more: Omit<Declared, "name">): void => {
      this.declared.set(name, { ...this.declared.get(name), name, ...more });
      if (exported) this.exported.add(name);
    };
    const ambient = node.declare ? { ambient: true } : {};
    switch (node.type) {
      case "VariableDeclaration":
        for (const { id } of node.declarations)
          for (const name of boundNames(id))
            add(name, { value: /^(let|var)$/.test(node.kind) ? "let" : "const", ...ambient });
        return;
      case "FunctionDeclaration":
      case "TSDeclareFunction":
        if (node.id) add(node.id.name, { value: "const", ...ambient });
        return;
      case "ClassDeclaration":
      case "TSEnumDeclaration":
        if (node.id) add(node.id.name, { value: "const", type: "class", ...ambient });
        return;
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration": {
        const name: string = node.id.name;
        const params: Node[] = node.typeParameters?.params ?? [];
        const parameters = {
          text: node.typeParameters
            ? this.#text.slice(node.typeParameters.start, node.typeParameters.end)
            : "",
          names: params.map((param) => param.name.name ?? param.name),
        };
        add(name, { type: this.declared.get(name)?.type ?? "type", parameters });
        return;
      }
      case "TSModuleDeclaration": {
        if (isAugmentation(node)) return;
        let id: Node = node.id;
        while (id.type === "TSQualifiedName") id = id.left;
        add(id.name, { type: "class", ...(hasValue(node) && { value: "const" }), ...ambient });
        return;
      }
      case "ImportDeclaration":
        for (const { local } of node.specifiers) add(local.name, { value: "const", type: "class" });
        return;
      case "TSImportEqualsDeclaration":
        add(node.id.name, { value: "const", type: "class" });
    }
  }

  /** `var` is the cell's from within blocks, too. */
  nestedVars(node: Node): void {
    if (isFunction(node) || /Class|^TS/.test(node.type)) return;
    if (node.type === "VariableDeclaration" && node.kind === "var")
      for (const { id } of node.declarations)
        for (const name of boundNames(id))
          if (!this.declared.has(name)) this.declared.set(name, { name, value: "let" });
    for (const [child] of children(node)) this.nestedVars(child);
  }
}

function isAugmentation(node: Node): boolean {
  return (
    node.type === "TSGlobalDeclaration" ||
    (node.type === "TSModuleDeclaration" && (node.kind === "global" || node.id.type === "Literal"))
  );
}

function hasValue(namespace: Node): boolean {
  if (namespace.declare) return true;
  return (namespace.body?.body ?? []).some((inner: Node) => {
    const node: Node = inner.type === "ExportNamedDeclaration" ? (inner.declaration ?? inner) : inner;
    if (node.type === "TSModuleDeclaration") return hasValue(node);
    return !node.declare && !/^TS(Interface|TypeAlias)/.test(node.type);
  });
}

const KEYED =
  /^(Property|MethodDefinition|PropertyDefinition|AccessorProperty|TSPropertySignature|TSMethodSignature|TSEnumMember)$/;

type Mentions = Map<string, number[]>;

function mention(mentions: Mentions, name: string, at: number): void {
  const places = mentions.get(name);
  if (places) places.push(at);
  else mentions.set(name, [at]);
}

const BINDING =
  /\b(?:(?:const|let|var|using|function|class|enum|interface|type|namespace)\b\s*\*?\s*|import\b)(\{[^{}=]*\}|\[[^[\]=]*\]|[^\s=;:(<{]+)/g;

/** All words of a text that cannot be read, but those that it seems to declare. */
function words(text: string): Mentions {
  const mentions: Mentions = new Map();
  for (const { 0: word, index } of text.matchAll(NAME)) mention(mentions, word, index);
  for (const [, bound = ""] of text.matchAll(BINDING))
    for (const [name] of bound.matchAll(NAME)) mentions.delete(name);
  return mentions;
}

/** No scopes are looked at: what turns out to be a local is imported for nothing and shadowed. */
function mentionedIn(body: Node[]): Pick<Outline, "mentioned" | "closedOver"> {
  const mentions: Mentions = new Map();
  const closedOver = new Set<string>();
  let inside = -1;
  for (const statement of body) {
    walk(statement, (node, parent, key) => {
      if (isFunction(node)) inside = Math.max(inside, node.end);
      if (node.type === "JSXElement" || node.type === "JSXFragment") mention(mentions, "React", node.start);
      if (node.type !== "Identifier" && node.type !== "JSXIdentifier") return;
      const property = parent?.type === "MemberExpression" && key === "property" && !parent.computed;
      const own = parent && KEYED.test(parent.type) && key === "key" && !parent.computed && !parent.shorthand;
      if (!property && !own && !(parent?.type === "TSQualifiedName" && key === "right")) {
        mention(mentions, node.name, node.start);
        if (node.start < inside) closedOver.add(node.name);
      }
    });
  }
  return { mentioned: mentions, closedOver };
}
