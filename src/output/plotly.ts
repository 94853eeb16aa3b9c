// Charts of Plotly: which values are such, and what is seen where nobody draws them.
import { escapeHtml } from "./escape.js";
import { isPlain, own } from "./looking.js";

const TRACE = ["x", "y", "z", "r", "theta", "lat", "lon", "values", "labels", "locations", "open", "node"];

/** `{ data: [traces], layout }`, as Plotly's `newPlot` and `react` take them and its other libraries write them. */
export function isPlotly(value: object): boolean {
  if (!isPlain(value) || !isPlain(own(value, "layout"))) return false;
  const data = own(value, "data");
  if (!Array.isArray(data) || data.length === 0 || data.length > 1000) return false;
  return Array.from(data, (_, index) => own(data, index)).every(
    (trace) => isPlain(trace) && TRACE.some((name) => Object.hasOwn(trace, name)),
  );
}

/** @param spec plain JSON */
export function plotlyInWords(spec: unknown): string {
  const { data, layout } = (spec ?? {}) as { data?: unknown; layout?: { title?: unknown } };
  const title = layout?.title;
  const name = typeof title === "string" ? title : (title as { text?: unknown } | undefined)?.text;
  const lines = (Array.isArray(data) ? data : []).slice(0, 20).map((trace: Record<string, unknown>) => {
    const points = TRACE.map((key) => trace?.[key]).find(Array.isArray)?.length;
    const words = [trace?.type ?? "scatter", trace?.name, points !== undefined && `${points} points`];
    return `<li>${escapeHtml(words.filter(Boolean).join(", "))}</li>`;
  });
  return `<p><strong>Plotly chart${name === undefined ? "" : `: ${escapeHtml(String(name))}`}</strong></p><ul>${lines.join("")}</ul><p>JupyterLab draws it once its extension is there: <code>pip install plotly</code> where JupyterLab is installed, then reload the page. Without an extension it draws Vega-Lite.</p>`;
}
