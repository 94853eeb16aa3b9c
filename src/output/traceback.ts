// An error report → the lines of a Jupyter traceback: what happened, the student's own lines around the place, the way there.
import { createRequire } from "node:module";
import type { ErrorReport, Frame } from "../flow.js";
import { adviceFor } from "./advice.js";

// Loaded at the first error, so that the kernel starts without it.
const require = createRequire(import.meta.url);

const paint =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;
const red = paint(31);
const dim = paint(90);
const cyan = paint(36);
// Readable on the pink of JupyterLab's errors, in its dark theme and in a terminal.
const blue = paint(34);
const MOST_FRAMES = 12;
const MOST_COLUMNS = 150;

/** @param sourceOf the text that a frame lies in, where it is known */
export function toTraceback(report: ErrorReport, sourceOf: (frame: Frame) => string | undefined): string[] {
  return [
    ...(report.origin ? [dim(`(in ${article(report.origin)} after this cell's own code)`)] : []),
    ...lines(report, sourceOf, ""),
    ...adviceFor(report).map((line) => blue(`→ ${line}`)),
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
  const out = [prefix + red(first), ...more];
  const own = report.frames.filter((frame) => !frame.internal);
  const place = own.find((frame) => sourceOf(frame) !== undefined);
  if (place)
    out.push(
      "",
      dim(`${place.file}, line ${place.line}, column ${place.column}`),
      codeFrame(sourceOf(place) ?? "", place),
    );
  const rest = own.slice(0, MOST_FRAMES).filter((frame) => !(own.length === 1 && frame === place));
  // Of each further cell or file that it came by, the line is shown as well.
  const shown = new Set([place?.file]);
  for (const frame of rest) {
    out.push(
      `    at ${frame.name ? `${frame.name} ` : ""}${cyan(`${frame.file}:${frame.line}:${frame.column}`)}`,
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
