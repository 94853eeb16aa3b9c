// Stack traces in the student's own lines and columns. Cells are evaluated under an internal name, with a map from the
// generated text to the student's; whoever reads `error.stack`, the student included, sees `Cell [5]:3:7`.
import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import type { Frame, LineMap, Script } from "../flow.js";

const NAME = /^wirebook:\/\/cell\/(\d+)\/(\d+)$/;
const OWN = new URL("./", import.meta.url).href;

interface Known {
  label: string;
  maps: LineMap[][];
}

const cells = new Map<number, Known>();

/** The name under which script number `index` of a run is evaluated. */
export function scriptName(run: number, index: number): string {
  return `wirebook://cell/${run}/${index}`;
}

export function rememberPositions(run: number, label: string, scripts: Script[]): void {
  cells.set(run, { label, maps: scripts.map((script) => script.map) });
}

/** Generated position (1-based) → the student's, or nothing where the text is not the student's. */
export function toStudent(
  url: string,
  line: number,
  column: number,
): { run: number; label: string; line: number; column: number } | undefined {
  const match = NAME.exec(url);
  const known = match && cells.get(Number(match[1]));
  if (!match || !known) return undefined;
  const place = placeOf(known.maps[Number(match[2])]?.[line - 1], column);
  return place && { run: Number(match[1]), label: known.label, ...place };
}

/** A column (1-based) of a generated line → the student's position, or nothing where the line is not the student's. */
export function placeOf(
  segments: LineMap | undefined,
  column: number,
): { line: number; column: number } | undefined {
  if (!segments || segments.length === 0) return undefined;
  const after = segments.findIndex(([generated]) => generated > column - 1);
  const at = (segments[after < 0 ? segments.length - 1 : Math.max(0, after - 1)] ??
    segments[0]) as LineMap[number];
  // What was put in between lies where the text goes on behind it.
  const next = segments[after];
  const most =
    next && next !== at && next[1] === at[1] && next[2] >= at[2] ? next[2] : Number.POSITIVE_INFINITY;
  return { line: at[1] + 1, column: Math.min(at[2] + Math.max(0, column - 1 - at[0]), most) + 1 };
}

const framesOf = new WeakMap<object, Frame[]>();

/** Frames of an error, innermost first; the kernel's own are left out. */
export function framesOfError(error: Error): Frame[] {
  void error.stack; // formats it, if nobody has yet
  return framesOf.get(error) ?? [];
}

/** V8 tells the place of an early error (a SyntaxError) beside the exception, not in its stack. */
export function placeEarlyError(error: object, url: string, line: number, column: number): void {
  const place = toStudent(url, line, column);
  if (!place) return;
  framesOf.set(error, [
    { name: "", file: place.label, run: place.run, line: place.line, column: place.column, internal: false },
  ]);
}

function toFrame(site: NodeJS.CallSite): Frame | undefined {
  const url = site.getScriptNameOrSourceURL() ?? site.getFileName() ?? "";
  const line = site.getLineNumber() ?? 0;
  const column = site.getColumnNumber() ?? 0;
  const name = site.getFunctionName() ?? "";
  if (url.startsWith("wirebook://")) {
    const place = toStudent(url, line, column);
    return (
      place && {
        name,
        file: place.label,
        run: place.run,
        line: place.line,
        column: place.column,
        internal: false,
      }
    );
  }
  // The kernel's own way to the cell is nobody's business.
  if (
    url.startsWith(OWN) ||
    /^(|<anonymous>|node:inspector.*|node:internal\/async_local_storage\/.*)$/.test(url)
  )
    return undefined;
  const file = url.startsWith("file:") ? fileURLToPath(url.replace(/\?.*$/, "")) : url;
  const entry = file.startsWith("node:")
    ? undefined
    : (findSourceMap(url) ?? findSourceMap(file))?.findEntry(line - 1, column - 1);
  if (entry && "originalLine" in entry && "originalColumn" in entry) {
    return {
      name,
      file,
      line: (entry.originalLine as number) + 1,
      column: (entry.originalColumn as number) + 1,
      internal: false,
    };
  }
  return { name, file, line, column, internal: file.startsWith("node:") };
}

/** From now on every stack is formatted here. */
export function installStackFormat(): void {
  process.setSourceMapsEnabled(true);
  Error.prepareStackTrace = (error: Error, sites: NodeJS.CallSite[]): string => {
    const frames: Frame[] = [];
    for (const site of sites) {
      const frame = toFrame(site);
      if (frame) frames.push(frame);
    }
    framesOf.set(error, frames);
    const lines = frames.map(({ name, file, line, column }) => {
      const place = `${file}:${line}:${column}`;
      return name ? `    at ${name} (${place})` : `    at ${place}`;
    });
    return [heading(error), ...lines].join("\n");
  };
}

function heading(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}
