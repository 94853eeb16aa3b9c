// Stack traces in the student's own lines and columns. Cells are evaluated under an internal name, with a map from the
// generated text to the student's; whoever reads `error.stack`, the student included, sees `Cell [5]:3:7`.
import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import type { Frame, LineMap, Script } from "../flow.js";

const NAME = /^wirebook:\/\/cell\/(\d+)\/(\d+)$/;
const OWN = new URL("./", import.meta.url).href;

interface Known {
  label: string;
  scripts: Script[];
}

const cells = new Map<number, Known>();
/** So many executions keep their positions; frames in older ones are those of their scripts. */
const remembered = 10_000;

/** The name under which script number `index` of a run is evaluated. */
export function scriptName(run: number, index: number): string {
  return `wirebook://cell/${run}/${index}`;
}

export function rememberPositions(run: number, label: string, scripts: Script[]): void {
  cells.set(run, { label, scripts });
  cells.delete(run - remembered);
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
  const place = placeOf(known.scripts[Number(match[2])]?.map[line - 1], column);
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

/** Where a text of the student's stands, in the newest cell that has it. */
export function originOf(text: string):
  | {
      label: string;
      at(line: number, column: number): { line: number; column: number } | undefined;
      placeError(error: Error, frames: Pick<Frame, "name" | "line" | "column">[]): void;
    }
  | undefined {
  for (const [run, { label, scripts }] of [...cells].reverse()) {
    for (const { code, map } of scripts) {
      const start = code.indexOf(text);
      if (start < 0) continue;
      const before = code.slice(0, start).split("\n");
      const indent = before.at(-1)?.length ?? 0;
      return {
        label,
        at: (line, column) => placeOf(map[before.length + line - 2], column + (line === 1 ? indent : 0)),
        placeError(error, frames) {
          framesOf.set(
            error,
            frames.map((frame) => ({ ...frame, file: label, run, internal: false })),
          );
        },
      };
    }
  }
  return undefined;
}

const framesOf = new WeakMap<object, Frame[]>();
/** Where in what V8 was given an error lies: the line, and the column from 0. */
const linesOf = new WeakMap<object, { line: string; column: number }>();

/** The very text where an error was thrown, if that was in a cell. */
export function codeAt(error: Error): { line: string; column: number } | undefined {
  void error.stack;
  return linesOf.get(error);
}

function codeOf(site: NodeJS.CallSite | undefined): { line: string; column: number } | undefined {
  const match = NAME.exec(site?.getScriptNameOrSourceURL() ?? "");
  const script = match && cells.get(Number(match[1]))?.scripts[Number(match[2])];
  const line = script?.code.split("\n")[(site?.getLineNumber() ?? 0) - 1];
  return line === undefined ? undefined : { line, column: (site?.getColumnNumber() ?? 1) - 1 };
}

/** A place in the code. It is looked up when somebody asks, which most often nobody does. */
export type Place = object;

const ways = new WeakMap<object, Set<Place>>();
/** An error that goes round in circles has been told of often enough. */
const MOST_PLACES = 50;

/** The error has come by here on its way out: an await that it ended, the call that began what failed. */
export function cameBy(error: unknown, place: Place): void {
  if (typeof error !== "object" || error === null) return;
  const way = ways.get(error) ?? new Set();
  ways.set(error, way);
  if (way.size >= MOST_PLACES || way.has(place)) return;
  way.add(place);
  // While one stack is formatted V8 formats no other.
  void (place as { stack?: string }).stack;
  // Node formats the stacks of its own errors at once; those of others still will be.
  if (framesOf.has(error)) appendToStack(error as Error, place);
}

function appendToStack(error: Error, place: Place): void {
  const [frame] = framesAt(place);
  if (!frame) return;
  try {
    error.stack = `${error.stack}\n${lineOf(frame)}`;
  } catch {
    // It is frozen.
  }
}

/** The student's frames of a place. */
export function framesAt(place: Place | undefined): Frame[] {
  if (place === undefined) return [];
  void (place as { stack?: string }).stack;
  return (framesOf.get(place) ?? []).filter(({ run }) => run !== undefined);
}

/** Frames of an error, innermost first, and the way that it has come; the kernel's own are left out. */
export function framesOfError(error: Error): Frame[] {
  void error.stack; // formats it, if nobody has yet
  return withWay(framesOf.get(error) ?? [], error);
}

function withWay(frames: Frame[], error: object): Frame[] {
  const all = [...frames];
  for (const place of ways.get(error) ?? []) {
    const [frame] = framesAt(place);
    if (frame && !all.some(({ run, line }) => run === frame.run && line === frame.line)) all.push(frame);
  }
  return all;
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
    const code = error instanceof TypeError ? codeOf(sites[0]) : undefined;
    if (code) linesOf.set(error, code);
    return [heading(error), ...withWay(frames, error).map(lineOf)].join("\n");
  };
}

function lineOf({ name, file, line, column }: Frame): string {
  const place = `${file}:${line}:${column}`;
  return name ? `    at ${name} (${place})` : `    at ${place}`;
}

function heading(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}
