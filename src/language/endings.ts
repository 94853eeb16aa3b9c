// `./lib` without its ending: Node refuses it, the kernel takes it, and TypeScript is shown the file that runs.
import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import type { Outline, TypeProblem } from "../flow.js";

/** Where a text names local files. In a string or a comment it does no harm. */
export const LOCAL: RegExp = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

/** In the order in which the kernel looks for them; of what has types only, there is nothing to run. */
const ENDINGS = [
  ...[".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"].map(
    (ending) => [ending, ending],
  ),
  [".d.ts", ".js"],
] as [file: string, written: string][];

/** A cell that names its files in full, and the way back to what the student wrote. Offsets and columns are the student's. */
export interface Completed {
  outline: Outline;
  /** The offset in the completed text. */
  forth(offset: number): number;
  back(offset: number): number;
  problem(problem: TypeProblem): TypeProblem;
}

/**
 * Completes the names of local files that have no ending.
 * @param options.directory what they are relative to
 * @param options.cursor a name in which somebody is writing stays as it is
 */
export function completed(outline: Outline, options: { directory: string; cursor?: number }): Completed {
  const { shift } = outline;
  const { text, insertions } = withEndings(outline.text, {
    ...options,
    ...(options.cursor !== undefined && { cursor: options.cursor + shift }),
  });
  const same = (it: number): number => it;
  if (insertions.length === 0) return { outline, forth: same, back: same, problem: (one) => one };
  const to = (offset: number): number =>
    insertions.reduce((moved, [at, length]) => (offset > at ? moved + length : moved), offset);
  const from = (offset: number): number =>
    insertions.reduce((left, [at, length]) => (left > at ? Math.max(at, left - length) : left), offset);
  const starts = lineStarts(text);
  const startsBefore = lineStarts(outline.text);
  const place = ({ line, column }: TypeProblem["start"]): TypeProblem["start"] => {
    const moved = line === 1 ? shift : 0;
    const offset = from((starts[line - 1] ?? 0) + column - 1 + moved);
    return { line, column: offset - (startsBefore[line - 1] ?? 0) + 1 - moved };
  };
  return {
    outline: {
      ...outline,
      text,
      mentioned: new Map([...outline.mentioned].map(([name, places]) => [name, places.map(to)])),
      spare: outline.spare.map((one) => ({ ...one, start: to(one.start), end: to(one.end) })),
      augmentations: outline.augmentations.map(([start, end]) => [to(start), to(end)]),
    },
    forth: (offset) => to(offset + shift) - shift,
    back: (offset) => from(offset + shift) - shift,
    problem: (one) => ({ ...one, start: place(one.start), end: place(one.end) }),
  };
}

/** @returns the text, and how many characters were put into it at which of its former offsets */
export function withEndings(
  text: string,
  { directory, cursor = -1 }: { directory: string; cursor?: number },
): { text: string; insertions: [at: number, length: number][] } {
  const insertions: [number, number][] = [];
  let out = "";
  let done = 0;
  for (const { 0: all, 1: name = "", index } of text.matchAll(LOCAL)) {
    const at = index + all.length - 1;
    if (cursor >= at - name.length && cursor <= at) continue;
    const ending = endingOf(name, directory);
    if (ending === undefined) continue;
    out += text.slice(done, at) + ending;
    done = at;
    insertions.push([at, ending.length]);
  }
  return { text: out + text.slice(done), insertions };
}

function endingOf(name: string, directory: string): string | undefined {
  if (extname(name) !== "") return undefined;
  return ENDINGS.find(([file]) => existsSync(join(directory, name + file)))?.[1];
}

function lineStarts(text: string): number[] {
  return [
    0,
    ...[...text.matchAll(/\r\n|[\r\n\u2028\u2029]/g)].map(({ index, 0: end }) => index + end.length),
  ];
}
