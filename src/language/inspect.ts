// What stands at the cursor: its signature or type and its documentation, as Markdown.
import type { Hover, MarkupContent, SignatureHelp } from "vscode-languageserver-types";
import type { Outline } from "../flow.js";
import type { Bindings } from "./bindings.js";
import type { Draft } from "./draft.js";
import { textOf } from "./freeze.js";
import type { LanguageServer } from "./server.js";

/** A name, or a call of what it names. */
const CALL = /^((?:await\s+)?)([\p{ID_Start}$_][\p{ID_Continue}$]*)(?:\(|$)/u;
/** What is said of a name that nobody has declared. */
const unknown = "```typescript\nany\n```";

/** In an open bracket it is what is called. */
export async function inspect(
  server: LanguageServer,
  draft: Draft,
  { offset, deadline }: { offset: number; deadline: number },
): Promise<string | undefined> {
  for (const place of wordsAt(draft, offset)) {
    const hover = await server.ask<Hover>("textDocument/hover", draft.at(place), deadline);
    const text = textOf(hover);
    // A member of `any` is of that type, too.
    const isMember = /[.#]\s*[\p{ID_Continue}$]*$/u.test(draft.text.slice(0, place + draft.shift));
    if (text.trim() === unknown && !isMember) return undefined;
    if (text !== "") return text;
  }
  const help = await server.ask<SignatureHelp>("textDocument/signatureHelp", draft.at(offset), deadline);
  return help && help.signatures.length > 0 ? signatures(help) : undefined;
}

/**
 * What was said of a function when its cell had run, where its name or a call of it is what the cell ends in: no scope and no
 * condition can give it another meaning there, and the server need not look at all the types again.
 */
export function toldBefore(outline: Outline, offset: number, bindings: Bindings): string | undefined {
  const { text, shift, value: [start, end] = [0, 0], declared } = outline;
  const [, before = "", name] = CALL.exec(text.slice(start, end)) ?? [];
  const at = start + before.length - shift;
  if (name === undefined || offset < at || offset > at + name.length) return undefined;
  const { value, type } = bindings.get(name) ?? {};
  return type || declared.some((own) => own.name === name) ? undefined : value?.told;
}

/** The word behind the cursor, or the one in front of it. */
function wordsAt({ text, shift }: Draft, offset: number): number[] {
  const isPart = (at: number): boolean => /[\p{ID_Continue}$"'`/]/u.test(text[at + shift] ?? "");
  return [offset, offset - 1].filter((at) => at >= 0 && isPart(at)).slice(0, 1);
}

/** All signatures, the fitting one first, and the parameter that comes next. */
function signatures({ signatures, activeSignature = 0, activeParameter }: SignatureHelp): string {
  const active = signatures[activeSignature ?? 0] ?? signatures[0];
  const others = signatures.filter((one) => one !== active);
  const labels = [active, ...others].map((one) => one?.label ?? "");
  const parameter = active?.parameters?.[active.activeParameter ?? activeParameter ?? 0];
  const label =
    typeof parameter?.label === "string"
      ? parameter.label
      : parameter && active?.label.slice(parameter.label[0], parameter.label[1]);
  const about = [
    `\`\`\`typescript\n${labels.join("\n")}\n\`\`\``,
    label && `Next: \`${label}\`${prefixed(" — ", plain(parameter?.documentation))}`,
    plain(active?.documentation),
  ];
  return about.filter(Boolean).join("\n\n");
}

function plain(documentation: string | MarkupContent | undefined): string {
  return typeof documentation === "string" ? documentation : (documentation?.value ?? "");
}

function prefixed(prefix: string, text: string): string {
  return text === "" ? "" : prefix + text;
}
