// What is written in a language of its own and drawn by the front end.
import { type Shown, shown } from "./shown.js";

/** Takes a template, whose text is taken raw (LaTeX is full of backslashes), or a text. */
type Written = (source: TemplateStringsArray | string, ...values: unknown[]) => Shown;

/**
 * A formula in LaTeX. Where no `$`, `\(`, `\[` or `\begin` says where it begins, all of it is one, on lines of its own.
 * @see https://docs.mathjax.org
 */
export const latex: Written = (source, ...values) => {
  const text = raw(source, values);
  const formula = /\$|\\[([]|\\begin\b/.test(text) || text.trim() === "" ? text : `$$${text}$$`;
  return shown({ "text/latex": formula, "text/plain": text || " " });
};

/**
 * A diagram: sequences, states, flow charts. Front ends that do not know the MIME type may know it in Markdown.
 * @see https://mermaid.js.org
 */
export const mermaid: Written = (source, ...values) => {
  const text = raw(source, values);
  // Longer than any fence within.
  const fence = "`".repeat(Math.max(3, ...(text.match(/`+/g) ?? []).map(({ length }) => length + 1)));
  return shown({
    "text/vnd.mermaid": text,
    "text/markdown": `${fence}mermaid\n${text}\n${fence}`,
    "text/plain": text || " ",
  });
};

function raw(source: TemplateStringsArray | string, values: unknown[]): string {
  return typeof source === "string" ? source : String.raw(source, ...values);
}
