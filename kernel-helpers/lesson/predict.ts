// Predict, observe, explain: what somebody expects is written down before the experiment, and stands beside what came of it afterwards.
import { isDeepStrictEqual } from "node:util";
import { escapeHtml } from "../host/table.js";
import { host, type MimeBundle } from "../host-contract.js";
import { type Noted, note, noted } from "./predictions.js";
import { notebookName } from "./student.js";

const MIME = "application/vnd.wirebook.prediction+json";

/**
 * Locks an answer: the first one that is given counts, and stands beside what is seen later.
 * @param id which question of this notebook
 * @param answer anything; an empty text, `undefined` or `null` is none yet
 * @see {@link seen}
 */
export function predict(id: string, answer: unknown): void {
  const { first } = of(id);
  if (isEmpty(answer)) {
    if (first) show(`Your prediction is locked: ${inWords(first.value)} (${at(first)}).`, first);
    else show("No prediction yet: write what you expect into this cell, and run it again, before you go on.");
    return;
  }
  if (!first) {
    const { line, problem } = note({ notebook: notebookName(), id, kind: "predicted", value: answer });
    const kept = problem
      ? ` It could not be written to .wirebook/predictions.jsonl (${problem}); it is in this cell's output.`
      : "";
    show(`Locked: ${inWords(line.value)} (${at(line)}).${kept} Now go on and see.`, line);
    return;
  }
  if (isAlike(first.value, answer)) {
    show(`Your prediction is locked: ${inWords(first.value)} (${at(first)}).`, first);
    return;
  }
  const { line } = note({ notebook: notebookName(), id, kind: "changed", value: answer });
  show(
    `Your first prediction stays: ${inWords(first.value)} (${at(first)}). That you think otherwise now is noted, too: ${inWords(line.value)}.`,
    first,
  );
}

/**
 * Shows what was predicted beside what was seen.
 * @param id the same as in {@link predict}
 * @param value what came of the experiment
 */
export function seen(id: string, value: unknown): void {
  const { first, last } = of(id);
  const { line } = note({ notebook: notebookName(), id, kind: "seen", value });
  const rows: [string, string][] = [
    ["you predicted", first ? inWords(first.value) : "nothing before you looked"],
    ["you saw", inWords(line.value)],
  ];
  if (first && last && last !== first) rows.splice(1, 0, ["later you thought", inWords(last.value)]);
  const verdict = first ? compared(first.value, line.value) : "";
  const text = [...rows.map(([what, said]) => `${what.padEnd(17)}  ${said}`), ...(verdict ? [verdict] : [])];
  const html = rows
    .map(
      ([what, said]) =>
        `<tr><th scope="row" style="text-align:left;white-space:nowrap">${escapeHtml(what)}</th><td style="text-align:left">${escapeHtml(said)}</td></tr>`,
    )
    .join("");
  display({
    "text/plain": text.join("\n"),
    "text/html": `<table aria-label="predicted and seen">${html}</table>${verdict ? `<p>${escapeHtml(verdict)}</p>` : ""}`,
    [MIME]: { id, predicted: first ?? null, seen: line },
  });
}

/** What this notebook has noted of a question. */
function of(id: string): { first: Noted | undefined; last: Noted | undefined } {
  const notebook = notebookName();
  const answers = noted().filter(
    (line) => line.notebook === notebook && line.id === id && line.kind !== "seen",
  );
  return { first: answers[0], last: answers.at(-1) };
}

/** In words a difference can only be judged by people. */
function compared(predicted: unknown, found: unknown): string {
  if (isAlike(predicted, found)) return "As you predicted.";
  return typeof predicted === typeof found && typeof found !== "string"
    ? "Not what you predicted: what explains the difference?"
    : "Is that what you predicted? What explains the difference, if there is one?";
}

function isAlike(one: unknown, other: unknown): boolean {
  const simple = (value: unknown): unknown =>
    typeof value === "string" ? value.trim().toLowerCase().replace(/\s+/g, " ") : value;
  return isDeepStrictEqual(simple(one), simple(other));
}

function isEmpty(answer: unknown): boolean {
  return answer === undefined || answer === null || (typeof answer === "string" && answer.trim() === "");
}

function inWords(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function at({ time }: Noted): string {
  return `${time.slice(0, 19).replace("T", " ")} UTC`;
}

function show(text: string, line?: Noted): void {
  display({ "text/plain": text, ...(line ? { [MIME]: line } : {}) });
}

function display(bundle: MimeBundle): void {
  const here = host();
  if (here) here.display(bundle);
  else console.log(bundle["text/plain"]);
}
