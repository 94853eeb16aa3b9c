// Results as front ends and graders take them.

import type { Bundle } from "../flow.js";
import type { CheckResult, CheckRow, Wire } from "./needs.js";

export const checkMime = "application/vnd.wirebook.check+json";
const wireTitle = "What went over the wire between the check and your program";
const broken = "The check itself failed. This is not your doing: tell whoever teaches.";

/** For students: what was looked at, what came of it, hints one after the other, and what went over the wire. */
export function shownBundle(result: CheckResult, wire?: Wire): Bundle {
  return bundle(result, text(result, wire), wire);
}

/** For graders: the points as a plain number. Of a hidden check nothing is told but title, points and the first hint. */
export function gradedBundle(result: CheckResult, hidden: boolean): Bundle {
  const { problem: _, rows, hints, ...rest } = result;
  const shown: CheckResult = hidden
    ? { ...rest, rows: [], hints: hints.slice(0, 1), ...(rest.broken && { problem: broken }) }
    : result;
  return bundle(shown, number(result.points));
}

function bundle(result: CheckResult, plain: string, wire?: Wire): Bundle {
  return {
    data: { [checkMime]: result, "text/html": html(result, wire), "text/plain": plain },
    metadata: {},
  };
}

/** A checkpoint gives none, and says whether all is well. */
function told({ points, max, passed }: CheckResult): string {
  if (max > 0) return `${number(points)} of ${number(max)} points`;
  return passed ? "all is well" : "something is missing";
}

/** Digits, as whoever reads marks from text takes them. */
function number(points: number): string {
  return String(Math.round(points * 100) / 100);
}

function text(result: CheckResult, wire: Wire | undefined): string {
  const { title, rows, hints, problem, passed } = result;
  return [
    `${title}: ${told(result)}`,
    ...rows.map(
      (row) => `${row.passed ? "  passed  " : "  FAILED  "}${row.title}${passed ? "" : details(row)}`,
    ),
    ...(problem === undefined ? [] : [problem]),
    ...(passed || !hints[0] ? [] : [`Hint: ${hints[0]}`]),
    ...(wire ? [`${wireTitle}:`, wire.text] : []),
  ].join("\n");
}

function details({ expected, seen, passed }: CheckRow): string {
  if (passed) return "";
  return [
    ...(expected === undefined ? [] : [`\n            expected: ${expected}`]),
    ...(seen === undefined ? [] : [`\n            seen:     ${seen}`]),
  ].join("");
}

/** The page's own colours, light or dark; a word says what a sign or a colour would. */
const line =
  "border-top:1px solid;border-color:color-mix(in srgb,currentColor 25%,transparent);padding:4px 8px";

function html(result: CheckResult, wire: Wire | undefined): string {
  const { title, rows, hints, problem, passed } = result;
  const cell = (content: string): string => `<td style="text-align:left;${line}">${content}</td>`;
  const code = (content: string | undefined): string =>
    content === undefined ? "" : `<code style="white-space:pre-wrap">${escaped(content)}</code>`;
  const withDetails = rows.some((row) => row.expected !== undefined || row.seen !== undefined);
  const head = ["result", "what was looked at", ...(withDetails ? ["expected", "seen"] : [])];
  const body = rows.map((row) => {
    const sign = row.passed ? "✓ passed" : "<b>✗ failed</b>";
    const more = withDetails ? [code(row.expected), code(row.seen)] : [];
    return `<tr>${[sign, escaped(row.title), ...more].map(cell).join("")}</tr>`;
  });
  const table =
    rows.length === 0
      ? ""
      : `<table style="border-collapse:collapse" aria-label="what the check has found"><thead><tr>${head
          .map((name) => `<th scope="col" style="text-align:left;padding:4px 8px">${name}</th>`)
          .join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
  return [
    `<div><p><b>${passed ? "✓" : "✗"} ${escaped(title)}</b>: ${told(result)}</p>`,
    table,
    problem === undefined ? "" : `<p><b>${escaped(problem)}</b></p>`,
    passed ? "" : hint(hints, 1),
    wire ? `<details${passed ? "" : " open"}><summary>${wireTitle}</summary>${wire.html}</details>` : "",
    "</div>",
  ].join("");
}

/** The next hint is found within the one before. */
function hint([first, ...others]: string[], level: number): string {
  if (first === undefined) return "";
  const summary = level === 1 ? "A hint" : level === 2 ? "Another hint" : "One more hint";
  return `<details style="margin-left:${level === 1 ? 0 : 1}em"><summary>${summary}</summary><p>${escaped(first)}</p>${hint(others, level + 1)}</details>`;
}

function escaped(value: string): string {
  const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return value.replace(/[&<>"]/g, (sign) => signs[sign] ?? sign);
}
