// What may stand at the cursor, by types.
import type { CompletionItem, CompletionList, Range } from "vscode-languageserver-types";
import type { Completion, TypedCompletions } from "../flow.js";
import type { Draft } from "./draft.js";
import type { Kept } from "./members.js";
import { inOwnNames } from "./module.js";
import type { LanguageServer } from "./server.js";
import type { Signatures } from "./signatures.js";

/** LSP's kinds of completions, by number from 1. */
const KINDS =
  "text method function constructor field variable class interface module property unit value enum keyword snippet color file reference folder enum constant struct event operator type".split(
    " ",
  );
const METHOD = 2;
const FUNCTION = 3;
const KEYWORD = 14;
/** Front ends show a list that can be looked through. */
const most = 300;

export interface CompleteOptions {
  offset: number;
  deadline: number;
  signatures: Signatures;
  /** The list that was given for the same value before, and where this one is kept. */
  list?: Kept | undefined;
  /** Is this one of the notebook's names? */
  isOwn(name: string): boolean;
  /** Is it a variable of a plain type, about which there is no more to know? */
  isPlain(name: string): boolean;
}

export async function complete(
  server: LanguageServer,
  draft: Draft,
  { offset, deadline, signatures, list, isOwn, isPlain }: CompleteOptions,
): Promise<TypedCompletions | undefined> {
  const asked = (items: CompletionItem[]): CompletionItem[] =>
    // Of an earlier cell's name only its own description says what it is.
    items.filter(
      ({ kind, label }) =>
        kind === METHOD || kind === FUNCTION || (kind !== KEYWORD && isOwn(label) && !isPlain(label)),
    );
  if (list?.members) {
    const { items, receiver } = list.members;
    const found = choose(items, draft, { offset, isOwn });
    const wanted = asked(found.ranked);
    if (signatures.has(wanted, receiver)) return toCompletions(found, await signatures.of(wanted, receiver));
  }
  const [answer, receiver] = await Promise.all([
    server.ask<CompletionItem[] | CompletionList>("textDocument/completion", draft.at(offset), deadline),
    signatures.receiver(draft, offset, deadline),
  ]);
  if (!answer && !server.ready) return undefined;
  // What would have to be imported first is no completion: a front end inserts text at one place only.
  const items = ((Array.isArray(answer) ? answer : answer?.items) ?? []).filter(
    ({ labelDetails }) => labelDetails?.description === undefined,
  );
  const found = choose(items, draft, { offset, isOwn });
  if (list && receiver !== undefined && items.length > 0 && found.start === found.word)
    list.members = { items: items.map(anywhere), receiver };
  return toCompletions(found, await signatures.of(asked(found.ranked), receiver));
}

/** The same, wherever the word stands that it replaces. */
function anywhere({ textEdit, ...item }: CompletionItem): CompletionItem {
  return { ...item, insertText: textEdit?.newText ?? item.insertText ?? item.label };
}

interface Found {
  start: number;
  end: number;
  /** Where the word begins at whose end the cursor stands. */
  word: number;
  ranked: CompletionItem[];
}

/** What fits what is written, in order. */
function choose(
  items: CompletionItem[],
  draft: Draft,
  { offset, isOwn }: Pick<CompleteOptions, "offset" | "isOwn">,
): Found {
  const word = /[\p{ID_Continue}$\u200c\u200d]*$/u.exec(draft.text.slice(0, offset + draft.shift))?.[0] ?? "";
  // A front end replaces one piece of text by whatever is chosen.
  const given = rangeOf(items[0]);
  const same = items.every((item) => JSON.stringify(rangeOf(item)) === JSON.stringify(given));
  const start = given && same ? draft.offset(given.start) : offset - word.length;
  const end = given && same ? Math.max(offset, draft.offset(given.end)) : offset;
  const prefix = draft.text.slice(start + draft.shift, offset + draft.shift);
  const fitting = (same ? items : items.filter((item) => !rangeOf(item))).filter(
    ({ label }) =>
      label.toLowerCase().startsWith(prefix.toLowerCase()) &&
      label !== "globalThis.__wirebook" &&
      (isOwn(label) || inOwnNames(label) === label),
  );
  const ranked = fitting
    .map((item) => ({ item, rank: rankOf(item, prefix, isOwn) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, most)
    .map(({ item }) => item);
  return { start, end, word: offset - word.length, ranked };
}

function toCompletions({ start, end, ranked }: Found, details: Map<string, string>): TypedCompletions {
  return { start, end, matches: ranked.map((item) => toCompletion(item, details.get(item.label))) };
}

function rangeOf(item: CompletionItem | undefined): Range | undefined {
  const edit = item?.textEdit;
  return edit && ("range" in edit ? edit.range : edit.replace);
}

/** The notebook's own names first, then what the server puts first; words of the language last, old ones even later. */
function rankOf(
  { label, sortText = "", kind }: CompletionItem,
  prefix: string,
  isOwn: (name: string) => boolean,
): string {
  const exact = label.startsWith(prefix) ? "a" : "b";
  const group = sortText.startsWith("z") ? "z" : kind === KEYWORD ? "k" : isOwn(label) ? "a" : "b";
  return `${group}${exact}${sortText} ${label.startsWith("_") ? "~" : ""}${label.toLowerCase()}`;
}

function toCompletion(
  { label, insertText, textEdit, kind = 1 }: CompletionItem,
  detail: string | undefined,
): Completion {
  const { type = KINDS[kind - 1] ?? "text", signature } = detail === undefined ? {} : read(detail, label);
  return {
    text: textEdit?.newText ?? insertText ?? label,
    type,
    ...(signature !== undefined && { signature }),
  };
}

/** `(method) Socket.end(callback?: () => void): this` → a function, `(callback?: () => void): this`. */
function read(detail: string, label: string): { type?: string; signature?: string } {
  const [line = ""] = detail.split("\n", 1);
  // A name of an earlier cell is an alias to the server, of whatever kind it is there.
  const [, alias] = /^\(alias\) (function|class|interface|enum|namespace|type|module)\b/.exec(line) ?? [];
  // Whose member it is may have brackets, too: `Array<string>.push(…)`.
  const name = label.replaceAll(/\W/g, "\\$&");
  const called = new RegExp(
    `^(?:\\((?:alias|method)\\) )?(?:function )?(?:[^:(]*\\.)?${name}([<(].*\\): .*)$`,
  );
  const [, signature] = called.exec(line) ?? [];
  return { ...(alias !== undefined && { type: alias }), ...(signature !== undefined && { signature }) };
}
