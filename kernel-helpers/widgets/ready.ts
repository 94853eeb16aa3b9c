import { inspect } from "node:util";
import * as pages from "./pages.js";
import { type State, type Widget, widget } from "./widget.js";

/** A button. */
export interface Button extends Widget<{ label: string; disabled: boolean }> {
  /** Calls `listener` at each click. @returns a function that ends it */
  onClick(listener: () => void): () => void;
}

/** A slider. */
export interface Slider
  extends Widget<{ value: number; label: string; min: number; max: number; step: number }> {
  value: number;
}

/** A field for a line of text. */
export interface TextField extends Widget<{ value: string; label: string; placeholder: string }> {
  value: string;
  /** Calls `listener` with the line when Enter is pressed. @returns a function that ends it */
  onSubmit(listener: (line: string) => void): () => void;
}

/** A table whose rows can be replaced. */
export interface LiveTable extends Widget<{ columns: string[]; rows: string[][] }> {
  /** Shows these objects, a row each. */
  show(rows: readonly object[]): void;
}

/** Lines that grow downwards. */
export interface LiveLog extends Widget<{ lines: string[] }> {
  /** Adds a line, as `console.log` writes it; of many only the last thousand stay. */
  log(...values: unknown[]): void;
}

/** A button with these words on it. */
export function button(label: string, onClick?: () => void): Button {
  const made = widget({
    module: pages.button,
    model: { label, disabled: false },
    text: ({ label }) => `[ ${label} ]`,
  });
  const listen: Button["onClick"] = (listener) =>
    made.onMessage((content) => {
      if ((content as { click?: boolean })?.click) listener();
    });
  if (onClick) listen(onClick);
  return Object.assign(made, { onClick: listen });
}

/** Options of {@link slider}. `value` begins at `min`. */
export interface SliderOptions {
  label?: string;
  min?: number;
  max?: number;
  step?: number;
  value?: number;
}

/** A slider from `min` to `max`. */
export function slider({ label = "", min = 0, max = 100, step = 1, value }: SliderOptions = {}): Slider {
  return withValue(
    widget({
      module: pages.slider,
      model: { value: value ?? min, label, min, max, step },
      text: (state) => `${state.label} ${state.value} (${state.min} to ${state.max})`.trim(),
    }),
  );
}

/** A field for a line of text. */
export function text({
  label = "",
  value = "",
  placeholder = "",
}: {
  label?: string;
  value?: string;
  placeholder?: string;
} = {}): TextField {
  const made = widget({
    module: pages.text,
    model: { value, label, placeholder },
    text: (state) => `${state.label} ${JSON.stringify(state.value)}`.trim(),
  });
  return Object.assign(withValue(made), {
    onSubmit: (listener: (line: string) => void) =>
      made.onMessage((content) => {
        const line = (content as { submit?: unknown })?.submit;
        if (typeof line === "string") listener(line);
      }),
  });
}

/** A table of objects, a row each. */
export function table(rows: readonly object[] = []): LiveTable {
  const made = widget({
    module: pages.table,
    model: toTable(rows),
    text: ({ columns, rows }) => [columns, ...rows].map((row) => row.join("\t")).join("\n") || "(no rows)",
  });
  return Object.assign(made, { show: (fresh: readonly object[]) => made.set(toTable(fresh)) });
}

const MOST_LINES = 1000;

/** A log that other cells, and servers in the background, can write to. */
export function liveLog(): LiveLog {
  const made = widget({
    module: pages.log,
    model: { lines: [] as string[] },
    text: ({ lines }) => lines.join("\n") || "(nothing yet)",
  });
  return Object.assign(made, {
    log: (...values: unknown[]) =>
      made.set({ lines: [...made.get("lines"), values.map(words).join(" ")].slice(-MOST_LINES) }),
  });
}

/** `value` as a property, beside `get` and `set`. */
function withValue<S extends State & { value: unknown }>(made: Widget<S>): Widget<S> & { value: S["value"] } {
  return Object.defineProperty(made, "value", {
    get: () => made.get("value"),
    set: (value: S["value"]) => made.set({ value } as unknown as Partial<S>),
    enumerable: true,
  }) as Widget<S> & { value: S["value"] };
}

function toTable(rows: readonly object[]): { columns: string[]; rows: string[][] } {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    columns,
    rows: rows.map((row) => columns.map((name) => words((row as Record<string, unknown>)[name]))),
  };
}

function words(value: unknown): string {
  return typeof value === "string"
    ? value
    : value === undefined
      ? ""
      : inspect(value, { depth: 1, getters: false });
}
