// What was executed in this session, for `history_request`.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#history

import type { Json } from "../flow.js";

/** The inputs and outputs of a session. */
export interface History {
  add(line: number, input: string): void;
  /** The value that this line gave, as text. */
  output(line: number, text: string): void;
  /** The answer to a `history_request`. */
  find(request: Json): [session: number, line: number, entry: string | [string, string | null]][];
}

interface Entry {
  line: number;
  input: string;
  output: string | null;
}

/**
 * Creates an empty history. It lives as long as the kernel: there is one session, number 1, also called 0.
 * @param remember so many of the newest inputs are kept, or up to a tenth more
 */
export function createHistory(remember = 10_000): History {
  const entries: Entry[] = [];
  return {
    add(line, input) {
      entries.push({ line, input, output: null });
      if (entries.length > remember * 1.1) entries.splice(0, entries.length - remember);
    },
    output(line, text) {
      const entry = entries.findLast((candidate) => candidate.line === line);
      if (entry) entry.output = text;
    },
    find(request) {
      return select(entries, request).map(({ line, input, output }) => [
        1,
        line,
        request.output === true ? [input, output] : input,
      ]);
    },
  };
}

function select(entries: Entry[], request: Json): Entry[] {
  const count = (name: string): number | undefined =>
    typeof request[name] === "number" ? (request[name] as number) : undefined;
  switch (request.hist_access_type) {
    case "range": {
      const session = count("session") ?? 0;
      if (session !== 0 && session !== 1) return [];
      const start = count("start") ?? 1;
      const stop = count("stop") ?? Number.POSITIVE_INFINITY;
      return entries.filter(({ line }) => line >= start && line < stop);
    }
    case "search": {
      const pattern = toRegExp(typeof request.pattern === "string" ? request.pattern : "*");
      let found = entries.filter(({ input }) => pattern.test(input));
      // Of equal inputs the newest stays.
      if (request.unique === true) {
        const newest = new Map(found.map((entry) => [entry.input, entry]));
        found = found.filter((entry) => newest.get(entry.input) === entry);
      }
      return lastOf(found, count("n"));
    }
    default:
      return lastOf(entries, count("n"));
  }
}

function lastOf(entries: Entry[], n: number | undefined): Entry[] {
  if (n === undefined) return entries;
  return n <= 0 ? [] : entries.slice(-n);
}

/** `*`, `?` and `[abc]` as in SQLite's GLOB, which is what the reference kernel uses. */
function toRegExp(glob: string): RegExp {
  const source = glob.replace(/\*+|\?|\[\^?\]?[^\]]*\]|[\s\S]/g, (token) => {
    if (token.startsWith("*")) return "[\\s\\S]*";
    if (token === "?") return "[\\s\\S]";
    if (token.length > 2 && token.startsWith("[")) {
      const not = token[1] === "^";
      return `[${not ? "^" : ""}${token.slice(not ? 2 : 1, -1).replace(/[\\\]^]/g, "\\$&")}]`;
    }
    return token.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  });
  return new RegExp(`^${source}$`);
}
