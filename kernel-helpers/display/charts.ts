// Charts: a specification goes to the page, which draws it. What nobody draws is told in words.
import { type Shown, shown } from "./shown.js";

/**
 * A chart of Vega-Lite; version 5 is what JupyterLab draws, and what it is taken for without `$schema`.
 * @throws TypeError where the specification is no object
 * @see https://vega.github.io/vega-lite/docs/
 */
export function vegaLite(spec: object): Shown {
  return chart("vegalite", spec, "Vega-Lite chart");
}

/**
 * A chart of Vega; version 5 is what JupyterLab draws, and what it is taken for without `$schema`.
 * @throws TypeError where the specification is no object
 * @see https://vega.github.io/vega/docs/specification/
 */
export function vega(spec: object): Shown {
  return chart("vega", spec, "Vega chart");
}

function chart(kind: "vega" | "vegalite", spec: object, name: string): Shown {
  if (typeof spec !== "object" || spec === null)
    throw new TypeError(`a ${name} is made of an object, its specification, not of ${describe(spec)}`);
  const { $schema, title, description } = spec as { [name: string]: unknown };
  const major = /\/v(\d+)/.exec(String($schema))?.[1] ?? "5";
  const titled = (title as { text?: unknown } | undefined)?.text;
  const about = [title, titled, description].find((text) => typeof text === "string");
  return shown({
    [`application/vnd.${kind}.v${major}+json`]: spec,
    "text/plain": about === undefined ? `[${name}]` : `[${name}: ${String(about)}]`,
  });
}

/**
 * A chart of Plotly: what its `newPlot` takes. JupyterLab needs an extension for it (`pip install plotly` where JupyterLab is
 * installed), and says so, with a list of what the chart holds, as long as it has none.
 * @throws TypeError where the traces are no list
 * @see https://plotly.com/javascript/reference/
 */
export function plotly(data: object[], layout: object = {}, config: object = {}): Shown {
  if (!Array.isArray(data))
    throw new TypeError(`a Plotly chart is made of a list of traces, not of ${describe(data)}`);
  const kinds = data.map((trace) => String((trace as { type?: unknown } | null)?.type ?? "scatter"));
  return shown({
    "application/vnd.plotly.v1+json": { data, layout, config },
    "text/plain": `[Plotly chart: ${[...new Set(kinds)].join(", ")}]`,
  });
}

function describe(value: unknown): string {
  return value === null ? "null" : typeof value;
}
