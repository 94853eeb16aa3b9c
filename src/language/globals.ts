// What every cell has without importing it, as TypeScript declarations.

/** Text of a declaration file. */
export const globals = `/** Options of \`display\`. */
interface DisplayOptions {
  /** Under this name the output can be replaced later. */
  id?: string;
  /** Replace the output of that \`id\` instead of adding one. */
  update?: boolean;
  /** The value is a MIME bundle already: \`{ "text/html": "…" }\`. */
  raw?: boolean;
}

/** Shows a value below the cell. Waits only for values that have to be waited for. */
declare function display(value: unknown, options?: DisplayOptions): void | Promise<void>;
/** What \`html\`, \`md\` and \`svg\` make: shown when it is a cell's value or given to \`display\`. */
interface DisplayedText {
  [key: symbol]: () => Record<string, string>;
}
/** Shows HTML. The values go in as they are: escape what comes from others. */
declare function html(strings: TemplateStringsArray, ...values: unknown[]): DisplayedText;
/** Shows Markdown. */
declare function md(strings: TemplateStringsArray, ...values: unknown[]): DisplayedText;
/** Shows an SVG image. */
declare function svg(strings: TemplateStringsArray, ...values: unknown[]): DisplayedText;
/**
 * Asks for a line. Servers, timers and all else go on meanwhile.
 * Fails where the front end answers no questions, and once the cell has ended; at Ctrl-D with an EOFError.
 */
declare function input(question?: unknown): Promise<string>;
/** Asks for a password, which is not shown. Servers, timers and all else go on meanwhile. */
declare function getpass(question?: unknown): Promise<string>;
/**
 * Asks, as browsers do: everything stands still until the answer comes, servers too. \`await input(…)\` lets them go on.
 * An empty answer is the default value, if there is one; \`null\`: dismissed (Ctrl-D).
 */
declare function prompt(message?: unknown, defaultValue?: string): string | null;
/** Asks for yes or no, as browsers do: everything stands still until the answer comes, servers too. */
declare function confirm(message?: unknown): boolean;
/** Says something and waits for Enter, as browsers do: everything stands still until then, servers too. */
declare function alert(message?: unknown): void;
/** Empties the cell's output; with \`wait\`, only when the next output comes. */
declare function clearOutput(options?: { wait?: boolean }): void;
/** Prints what came while nobody listened. */
declare function missed(): Promise<void>;
/** Shows how far a loop is, its rate and the time left: \`for (const x of progress(list))\`, or \`for await\`. */
declare function progress<T>(iterable: Iterable<T>, options?: { total?: number; label?: string }): Iterable<T>;
declare function progress<T>(
  iterable: AsyncIterable<T>,
  options?: { total?: number; label?: string },
): AsyncIterable<T>;
/** Leaves a resource open when its cell runs again. */
declare function keep<T>(resource: T): T;
`;
