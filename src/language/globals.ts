// What every cell has without importing it, as TypeScript declarations.

/** Text of a declaration file. */
export const globals = `/** Options of \`display\`. */
interface DisplayOptions {
  /** Under this name the output can be replaced later, from any cell. */
  id?: string;
  /** The same as \`id\`, by the name that it has elsewhere. */
  display_id?: string;
  /** Replace the output of that \`id\`, wherever it stands, instead of adding one. */
  update?: boolean;
  /** The value is a MIME bundle already: \`{ "text/html": "…" }\`. */
  raw?: boolean;
  /** What the front end is told beside it, by MIME type: \`{ "image/png": { width: 300 } }\`. */
  metadata?: Record<string, unknown>;
}

/**
 * Shows a value below the cell, as it would be as the cell's last value. Tables, images and charts are shown as such, and
 * objects with a method \`Symbol.for("Jupyter.display")\` as the MIME bundle that it gives (or not at all, where it gives nothing). A promise comes back only where
 * the value makes its bundle later.
 * @throws what such a method throws
 * @throws TypeError \`update\` without an \`id\`, \`raw\` without a bundle
 * @example
 * display("0 %", { id: "state" });
 * display("100 %", { id: "state", update: true });
 */
declare function display(value: unknown, options?: DisplayOptions): void | Promise<void>;
/** What \`html\`, \`md\` and \`svg\` make: shown when it is a cell's value or given to \`display\`, and its text within another. */
interface DisplayedText {
  [key: symbol]: () => Record<string, string>;
  toString(): string;
}
/** A tagged template: shown as what it is written in. */
interface DisplayTag {
  /** The values go in as they are, lists one after another: what comes from others belongs in \`escape\`. */
  (strings: TemplateStringsArray, ...values: unknown[]): DisplayedText;
  /** A value's text, so that it means nothing but itself there. */
  escape(value: unknown): string;
}
/**
 * Shows HTML. The values go in as they are: what comes over the network belongs in \`html.escape\`.
 * @example html\`<b>\${html.escape(packet)}</b>\`
 */
declare const html: DisplayTag;
/**
 * Shows Markdown. The values go in as they are: what comes over the network belongs in \`md.escape\`.
 * @example md\`**Answer:** \${md.escape(packet)}\`
 */
declare const md: DisplayTag;
/**
 * Shows an SVG image. The values go in as they are: what comes over the network belongs in \`svg.escape\`.
 * @example svg\`<svg viewBox="0 0 20 20"><circle cx="10" cy="10" r="\${r}"/></svg>\`
 */
declare const svg: DisplayTag;
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
/** Empties the cell's output; with \`wait\`, only when the next output comes, so that nothing flickers. */
declare function clearOutput(options?: { wait?: boolean }): void;
/** Prints what came while nobody listened. */
declare function missed(): Promise<void>;
/** Shows how far a loop is, its rate and the time left: \`for (const x of progress(list))\`, or \`for await\`. */
declare function progress<T>(iterable: Iterable<T>, options?: { total?: number; label?: string }): Iterable<T>;
declare function progress<T>(
  iterable: AsyncIterable<T>,
  options?: { total?: number; label?: string },
): AsyncIterable<T>;
/**
 * Looks how well your work does, and shows it. It stands alone in its cell; elsewhere it throws.
 * @param id the check's name, as written in the notebook
 * @example await check("5.2")
 */
declare function check(id: string): Promise<void>;
/** Leaves a resource open when its cell runs again. */
declare function keep<T>(resource: T): T;
`;
