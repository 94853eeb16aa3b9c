// What stands at the cursor: its signature or type and its documentation, as Markdown.
import type { Hover, MarkupContent, SignatureHelp } from "vscode-languageserver-types";
import type { Draft } from "./draft.js";
import { textOf } from "./freeze.js";
import type { LanguageServer } from "./server.js";

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
    const text = textOf(hover).replace(/^(```\w*\n)\(alias\) /, "$1");
    // A member of `any` is of that type, too.
    const isMember = /[.#]\s*[\p{ID_Continue}$]*$/u.test(draft.text.slice(0, place + draft.shift));
    if (text.trim() === unknown && !isMember) return undefined;
    if (text !== "") return text.replace(/\n(?:im|ex)port [^\n]*(?=\n```)/, "");
  }
  const help = await server.ask<SignatureHelp>("textDocument/signatureHelp", draft.at(offset), deadline);
  return help && help.signatures.length > 0 ? signatures(help) : undefined;
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
