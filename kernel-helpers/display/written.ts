// What is written in a language of its own and drawn by the front end.
import { type Shown, shown } from "./shown.js";

type Written = (source: TemplateStringsArray | string, ...values: unknown[]) => Shown;

/** A formula, as LaTeX between `$` or `$$`. */
export const latex: Written = written("text/latex");

/** A diagram: sequences, states, flow charts (https://mermaid.js.org). */
export const mermaid: Written = written("text/vnd.mermaid");

/** A template's text is taken raw: LaTeX is full of backslashes. */
function written(mime: string): Written {
  return (source, ...values) => {
    const text = typeof source === "string" ? source : String.raw(source, ...values);
    return shown({ [mime]: text, "text/plain": text || " " });
  };
}

/** A chart of Vega-Lite (https://vega.github.io/vega-lite). @param spec with or without `$schema` */
export function vegaLite(spec: object): Shown {
  return chart("vegalite", spec, "Vega-Lite chart");
}

/** A chart of Vega (https://vega.github.io/vega). @param spec with or without `$schema` */
export function vega(spec: object): Shown {
  return chart("vega", spec, "Vega chart");
}

function chart(kind: "vega" | "vegalite", spec: object, name: string): Shown {
  const { $schema, title, description } = spec as { [name: string]: unknown };
  const major = /\/v(\d+)/.exec(String($schema))?.[1] ?? "5";
  const about = [title, description].find((text) => typeof text === "string");
  return shown({
    [`application/vnd.${kind}.v${major}+json`]: spec,
    "text/plain": about === undefined ? `[${name}]` : `[${name}: ${String(about)}]`,
  });
}

/** A chart of Plotly (https://plotly.com/javascript): what its `newPlot` takes. */
export function plotly(data: object[], layout: object = {}, config: object = {}): Shown {
  const kinds = data.map((trace) => String((trace as { type?: unknown }).type ?? "scatter"));
  return shown({
    "application/vnd.plotly.v1+json": { data, layout, config },
    "text/plain": `[Plotly chart: ${[...new Set(kinds)].join(", ")}]`,
  });
}
