// What differs from language to language: how the suite's cells are written. A sample that is left out is one that the
// language's kernel has no way to say; the check that needs it then fails, and says so.

export interface Samples {
  /** Prints `hello, world` and a line feed. */
  hello: string;
  print(text: string): string;
  /** Prints `to stderr`. */
  stderr: string;
  /** An expression whose text is `42`. */
  value: string;
  /** Throws, and prints nothing. */
  fail: string;
  /** Is no program. */
  syntaxError: string;
  /** Prints `in`, then never ends. */
  loop: string;
  sleep(ms: number): string;
  assign(name: string, value: number): string;
  /** Prints the value of a variable. */
  printVariable(name: string): string;
  /** Prints `line 0` to `line n-1`, a line each. */
  flood(lines: number): string;
  /** Prints `late` some 100 ms after the cell has ended. */
  late: string;
  /** Starts a process that lives for minutes and prints its id. */
  child: string;
  /** Prints environment and arguments. */
  environment: string;
  /** Prints half a surrogate pair, and `alone`. */
  surrogate?: string;
  /** Displays JSON with a number that JSON does not have. */
  notANumber?: string;
  /** Displays JSON that is nested 100,000 deep. */
  deep?: string;
  /** Displays HTML. */
  display?: string;
  /** Displays JSON. */
  json?: string;
  /** Displays something under the id `shown`, and something else in its place. */
  displayId?: string;
  updateDisplay?: string;
  /** Its value cannot be shown: its own formatter throws. */
  badFormatter?: string;
  /** Asks `name? `, and prints `got ` with the answer. */
  input?: string;
  /** Prints `before`, then asks for a password. */
  password?: string;
  /** `clear_output` with `wait`. */
  clear?: string;
  /** A cell that answers by a `page` payload. */
  page?: string;
  /** Proposes `first`, then `second`, as the text of the next cell. */
  nextInput?: string;
  /** Serves the comm target `conformance.echo`: what comes goes back, metadata and buffers too. */
  comm?: string;
  expressions: { good: string; bad: string };
  /** `before` and `stem` are written, a completion is to give `before` and `whole`. */
  completion: { before: string; stem: string; whole: string };
  /** A statement that holds two characters beyond U+FFFF, and stands before others on the same line. */
  astral: string;
  inspect: { code: string; cursor: number };
  /** A name that nothing has. */
  unknown: string;
  isComplete: { complete: string; incomplete: string; invalid: string };
  /** A function of three lines and its call; `line` is within it, where `variable` lives. */
  debug: { code: string; line: number; variable: string };
}

/** A sample that must be there. @throws Error the language's kernel cannot say it */
export function needed(sample: string | undefined, what: string): string {
  if (sample === undefined) throw new Error(`this kernel's cells have no way to ${what}`);
  return sample;
}
