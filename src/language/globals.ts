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
/** Asks, and goes on with other things until the answer comes. */
declare function input(question?: unknown): Promise<string>;
/** Asks for a password, which is not shown. */
declare function getpass(question?: unknown): Promise<string>;
/** Asks, as browsers do: everything stands still until the answer comes. */
declare function prompt(question?: unknown, otherwise?: string): string;
/** Asks for yes or no, as browsers do: everything stands still until the answer comes. */
declare function confirm(question?: unknown): boolean;
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
