// An error report → the lines of a Jupyter traceback: what happened, the student's own lines around the place, the way there.
import { createRequire } from "node:module";
import type { ErrorReport, Frame } from "../flow.js";
import { adviceFor } from "./advice.js";

// Loaded at the first error, so that the kernel starts without it.
const require = createRequire(import.meta.url);

const paint =
  (...codes: number[]) =>
  (text: string): string =>
    `${codes.map((code) => `\u001b[${code}m`).join("")}${text}\u001b[0m`;
// JupyterLab shows errors on pink, in its dark theme on dark red, and no ANSI colour can be read well on both. So all of it has
// the page's own colour: bold marks names and places, faint the rest (which is a terminal's).
const bold = paint(1);
const dim = paint(2);
const MOST_FRAMES = 12;
const MOST_COLUMNS = 150;

/** @param sourceOf the text that a frame lies in, where it is known */
export function toTraceback(report: ErrorReport, sourceOf: (frame: Frame) => string | undefined): string[] {
  return [
    ...(report.origin ? [dim(`(in ${article(report.origin)} after this cell's own code)`)] : []),
    ...lines(report, sourceOf, ""),
    ...adviceFor(report).map((line) => `${bold("→")} ${line}`),
  ];
}

function article(origin: string): string {
  return `${/^[aeiou]/.test(origin) ? "an" : "a"} ${origin}`;
}

function lines(
  report: ErrorReport,
  sourceOf: (frame: Frame) => string | undefined,
  prefix: string,
): string[] {
  const [first = "", ...more] = report.heading.split("\n");
  const out = [prefix + bold(first), ...more];
  const own = report.frames.filter((frame) => !frame.internal);
  const at = own.find((frame) => sourceOf(frame) !== undefined);
  if (at)
    out.push("", bold(`${at.file}, line ${at.line}, column ${at.column}`), codeFrame(sourceOf(at) ?? "", at));
  const rest = own.slice(0, MOST_FRAMES).filter((frame) => !(own.length === 1 && frame === at));
  // Of each further cell or file that it came by, the line is shown as well.
  const shown = new Set([at?.file]);
  for (const frame of rest) {
    out.push(
      `    at ${frame.name ? `${frame.name} ` : ""}${bold(`${frame.file}:${frame.line}:${frame.column}`)}`,
    );
    const line = shown.has(frame.file) ? undefined : sourceOf(frame)?.split("\n")[frame.line - 1]?.trim();
    shown.add(frame.file);
    if (line) out.push(dim(`       ${frame.line} | ${line.slice(0, MOST_COLUMNS)}`));
  }
  if (own.length > MOST_FRAMES) out.push(dim(`    … ${own.length - MOST_FRAMES} more`));
  const inside = report.frames.length - own.length;
  if (inside > 0 && own.length > 0) out.push(dim(`    … ${inside} inside Node`));
  const details = Object.entries(report.details);
  if (details.length > 0)
    out.push(dim(`  { ${details.map(([key, value]) => `${key}: ${value}`).join(", ")} }`));
  for (const [index, error] of (report.errors ?? []).entries())
    out.push("", ...lines(error, sourceOf, `[${index + 1}] `));
  if (report.cause) out.push("", ...lines(report.cause, sourceOf, "Caused by: "));
  return out;
}

function codeFrame(source: string, { line, column, end }: Frame): string {
  const { codeFrameColumns } = require("@babel/code-frame") as typeof import("@babel/code-frame");
  return codeFrameColumns(
    source,
    // Its columns begin at 0.
    {
      start: { line, column: column - 1 },
      ...(end && end.line === line && end.column > column && { end: { line, column: end.column - 1 } }),
    },
    { linesAbove: 2, linesBelow: 2, highlightCode: false },
  );
}
