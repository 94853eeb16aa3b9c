import { type Comm, host } from "../host-contract.js";
import { putBuffers, removeBuffers } from "./buffers.js";

/** Values that both sides share: JSON, and bytes (which a front end hands back as `Uint8Array`). */
export type State = Record<string, unknown>;

/** How a widget is made. */
export interface WidgetOptions<S extends State> {
  /**
   * Source of an ES module that draws it, by the anywidget protocol:
   * `export default { render({ model, el }) { … } }`. It runs in the reader's browser.
   */
  module: string;
  /** The values that both sides share. */
  model: S;
  /** Style sheet. */
  css?: string;
  /** What is shown where no front end draws; the values, if it is left out. */
  text?: (state: S) => string;
}

/** A widget: values that the notebook and the page share. Shown when it is a cell's value, or by `display`. */
export interface Widget<S extends State> extends Disposable {
  /** A value as it is now. */
  get<K extends keyof S & string>(name: K): S[K];
  /** Changes values, on the page too. */
  set(values: Partial<S>): void;
  /**
   * Calls `listener` whenever the page has changed a value. What it prints stands under the widget's cell.
   * @returns a function that ends it
   */
  on<K extends keyof S & string>(name: K, listener: (value: S[K]) => void): () => void;
  /** Calls `listener` with whatever the page's module sends by `model.send`. */
  onMessage(listener: (content: unknown, buffers: Uint8Array[]) => void): () => void;
  /** Sends to the page's module, which hears it by `model.on('msg:custom', …)`. */
  send(content: unknown, buffers?: Uint8Array[]): void;
  /** Resolves with the next value that the page gives. */
  next<K extends keyof S & string>(name: K): Promise<S[K]>;
  /** The page can change nothing any more. */
  close(): void;
}

const PROTOCOL = "2.1.0";
/** Of the front-end package `anywidget`. */
const VERSION = "~0.11.*";
const widgets = new Map<string, { comm: Comm; whole(): State }>();

/**
 * Makes a widget by the anywidget protocol (https://anywidget.dev/en/afm/).
 * @throws Error where no Jupyter kernel of ours runs the code
 */
export function widget<S extends State>({ module, model, css = "", text }: WidgetOptions<S>): Widget<S> {
  const kernel = host();
  if (!kernel?.comms) throw new Error("widgets need a notebook that Wirebook's kernel runs");
  answerReloads();
  const state: State = { ...model };
  const listeners = new Map<string, Set<(value: never) => void>>();
  const messages = new Set<(content: unknown, buffers: Uint8Array[]) => void>();
  const whole = (): State => ({
    _model_module: "anywidget",
    _model_name: "AnyModel",
    _model_module_version: VERSION,
    _view_module: "anywidget",
    _view_name: "AnyView",
    _view_module_version: VERSION,
    _view_count: null,
    _esm: module,
    _css: css,
    _anywidget_id: "wirebook",
    ...state,
  });
  const first = removeBuffers(whole());
  const comm = kernel.comms.open("jupyter.widget", {
    data: { state: first.state, buffer_paths: first.paths },
    metadata: { version: PROTOCOL },
    buffers: first.buffers,
  });
  widgets.set(comm.id, { comm, whole });
  const tell = (values: State): void => {
    const { state: plain, paths, buffers } = removeBuffers(values);
    comm.send({ method: "update", state: plain, buffer_paths: paths }, { buffers });
  };
  comm.onMessage = (data, buffers) => {
    if (data.method === "request_state") tell(whole());
    if (data.method === "custom") for (const listener of [...messages]) listener(data.content, buffers);
    if (data.method !== "update") return;
    const changed = (data.state ?? {}) as State;
    putBuffers(changed, (data.buffer_paths ?? []) as (string | number)[][], buffers);
    for (const [name, value] of Object.entries(changed)) {
      // Only what the model has: the page does not get to change the module.
      if (!Object.hasOwn(state, name)) continue;
      state[name] = value;
      for (const listener of [...(listeners.get(name) ?? [])]) listener(value as never);
    }
  };
  const close = (): void => {
    if (!widgets.delete(comm.id)) return;
    comm.close();
    forget();
  };
  const forget = kernel.own({ [Symbol.dispose]: close });
  comm.onClose = close;

  const made: Widget<S> & { [key: symbol]: unknown } = {
    get: (name) => state[name] as never,
    set(values) {
      Object.assign(state, values);
      tell(values);
    },
    on(name, listener) {
      const mine = listeners.get(name) ?? new Set();
      listeners.set(name, mine.add(listener as never));
      return () => void mine.delete(listener as never);
    },
    onMessage(listener) {
      messages.add(listener);
      return () => void messages.delete(listener);
    },
    send: (content, buffers = []) => comm.send({ method: "custom", content }, { buffers }),
    next: (name) =>
      new Promise((resolve) => {
        const end = made.on(name, (value) => {
          end();
          resolve(value);
        });
      }),
    close,
    [Symbol.dispose]: close,
    [Symbol.for("Jupyter.display")]: () => ({
      "application/vnd.jupyter.widget-view+json": { version_major: 2, version_minor: 1, model_id: comm.id },
      "text/plain": text?.(state as S) || JSON.stringify(state),
    }),
  };
  return made;
}

let answering = false;

/** A page that was loaded again asks for all widgets at once. */
function answerReloads(): void {
  if (answering) return;
  answering = true;
  host()?.comms.serve("jupyter.widget.control", (control) => {
    control.onMessage = ({ method }) => {
      if (method !== "request_states") return;
      const states: Record<string, unknown> = {};
      const paths: (string | number)[][] = [];
      const all: Uint8Array[] = [];
      for (const [id, { whole }] of widgets) {
        const { state, paths: own, buffers } = removeBuffers(whole());
        const { _model_module, _model_name, _model_module_version } = state;
        states[id] = {
          model_module: _model_module,
          model_name: _model_name,
          model_module_version: _model_module_version,
          state,
        };
        paths.push(...own.map((path) => [id, "state", ...path]));
        all.push(...buffers);
      }
      control.send({ method: "update_states", states, buffer_paths: paths }, { buffers: all });
    };
  });
}
