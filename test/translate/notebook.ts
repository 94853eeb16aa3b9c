// A notebook as small as it can be: translated cells, evaluated one after the other in V8's REPL mode, in a world of
// their own. It declares names and gives `__wirebook` as the engine does; there are no runs and no output.
import { type Runtime, Session } from "node:inspector";
import { promiseHooks } from "node:v8";
import { createContext, runInContext } from "node:vm";
import { each, using, wait } from "../../src/engine/awaits.js";
import type { Program } from "../../src/flow.js";
import { translateCell } from "../../src/translate/cell.js";

export interface Outcome {
  value?: unknown;
  /** `Name: message` of what was thrown. */
  error?: string;
  /** Where the error's frames lie in the student's text, innermost first: `cell 2:1:7`. */
  places?: string[];
}

export interface Notebook {
  /** Translates and runs the next cell. @throws SyntaxProblem */
  cell(code: string): Promise<Outcome>;
  /** The value of the next cell; fails with what the cell threw. */
  value(code: string): Promise<unknown>;
}

let notebooks = 0;
const held: unknown[] = [];

/** @param options.modules what imports find, by specifier; built-in modules are there anyway */
export function openNotebook(options: { modules?: Record<string, object> } = {}): Notebook {
  const session = new Session();
  session.connect();
  held.push(session);
  const context = createContext({ console, setTimeout, setImmediate, queueMicrotask, structuredClone });
  const load = (specifier: string): object => {
    const found = options.modules?.[specifier] ?? process.getBuiltinModule(specifier);
    if (!found) throw new Error(`Cannot find module '${specifier}'`);
    return specifier in (options.modules ?? {}) ? found : { ...found, default: found };
  };
  Object.defineProperty(context, "__wirebook", {
    value: {
      import: async (specifier: string) => load(specifier),
      require: load,
      meta: { url: "file:///notebook.ipynb" },
      wait,
      each,
      using,
      at: () => {},
      by: () => {},
      drop: (value: unknown) => value,
      site: () => ({}),
      via: (_: object, value: unknown) => value,
      dropAtTop: (value: unknown) => value,
      constant: runInContext(
        '(() => { throw new TypeError("Assignment to constant variable.") })',
        context,
      ) as () => never,
    },
  });
  const key = `notebook ${++notebooks}`;
  runInContext("globalThis.self = globalThis", context);
  const contextId = findContext(session, context, key);

  /**
   * A script in REPL mode is an async function. Its promise is caught at its birth, and held: were it collected, the
   * inspector would call back in the middle of the garbage collection.
   */
  const evaluate = (
    expression: string,
  ): Promise<{ value: unknown } | { thrown: unknown; line?: number; column?: number }> =>
    new Promise((resolve, reject) => {
      let script = undefined as Promise<{ ".repl_result"?: unknown }> | undefined;
      const stop = promiseHooks.onInit((promise) => {
        script ??= promise as NonNullable<typeof script>;
        stop();
      }) as () => void;
      session.post(
        "Runtime.evaluate",
        { expression, contextId, replMode: true, silent: true },
        (error, answer) => {
          if (error) reject(error);
          // Only what does not even begin to run is answered without a promise.
          const details = (answer as Runtime.EvaluateReturnType | undefined)?.exceptionDetails;
          if (!script)
            resolve({
              thrown: details?.exception?.description?.split("\n", 1)[0],
              line: (details?.lineNumber ?? 0) + 1,
              column: (details?.columnNumber ?? 0) + 1,
            });
        },
      );
      stop();
      held.push(script);
      script?.then(
        // Wrapped, so that nobody awaits a promise.
        (wrapped) => resolve({ value: wrapped[".repl_result"] }),
        (thrown) => resolve({ thrown }),
      );
    });

  const scripts = new Map<string, { cell: number; map: Program["scripts"][number]["map"] }>();
  const toStudent = (url: string, line: number, column: number): string | undefined => {
    const known = scripts.get(url);
    const segments = known?.map[line - 1];
    const at = segments?.findLast(([generated]) => generated <= column - 1) ?? segments?.[0];
    return at && `cell ${known?.cell}:${at[1] + 1}:${at[2] + column - at[0]}`;
  };
  const placesOf = (stack: unknown): string[] =>
    [...String(stack).matchAll(/(notebook-\d+-\d+-\d+):(\d+):(\d+)/g)]
      .map(([, url, line, column]) => toStudent(url ?? "", Number(line), Number(column)))
      .filter((place) => place !== undefined);

  let cells = 0;
  const declared = new Set<string>();
  const cell = async (code: string): Promise<Outcome> => {
    const program = translateCell(code, { label: `cell ${++cells}` });
    const fresh = program.names.filter((name) => !declared.has(name));
    const declarations = fresh.length > 0 ? [`let ${fresh.map((name) => `${name}=void 0`).join()};`] : [];
    let outcome: Outcome = {};
    for (const [index, script] of [...declarations, ...program.scripts].entries()) {
      const own = typeof script !== "string";
      const url = `${key.replace(" ", "-")}-${cells}-${index}`;
      if (own) scripts.set(url, { cell: cells, map: script.map });
      const done = await evaluate(`${own ? script.code : script}\n//# sourceURL=${url}`);
      if ("thrown" in done) {
        const { thrown, line, column } = done;
        if (line !== undefined && column !== undefined) {
          const place = toStudent(url, line, column);
          return { error: String(thrown), places: place ? [place] : [] };
        }
        return isError(thrown)
          ? { error: `${thrown.name}: ${thrown.message}`, places: placesOf(thrown.stack) }
          : { error: `thrown ${String(thrown)}`, places: [] };
      }
      for (const name of fresh) declared.add(name);
      outcome = done;
    }
    return outcome;
  };
  return {
    cell,
    async value(code) {
      const { value, error, places } = await cell(code);
      if (error) throw new Error(`${error} at ${places?.join(", ")}`);
      return value;
    },
  };
}

function isError(value: unknown): value is Error {
  return Object.prototype.toString.call(value) === "[object Error]";
}

/** The inspector's number of a context: of all that it knows, the one that holds the mark. */
function findContext(session: Session, context: object, mark: string): number {
  const ids: number[] = [];
  const hear = (message: { params: { context: { id: number } } }): void => {
    ids.push(message.params.context.id);
  };
  session.on("Runtime.executionContextCreated", hear as never);
  session.post("Runtime.enable");
  session.off("Runtime.executionContextCreated", hear as never);
  session.post("Runtime.disable");
  Object.defineProperty(context, "notebookMark", { value: mark });
  for (const contextId of ids) {
    let found: unknown;
    session.post(
      "Runtime.evaluate",
      { expression: "globalThis.notebookMark", contextId, silent: true },
      (_error, answer) => {
        found = answer?.result.value;
      },
    );
    if (found === mark) return contextId;
  }
  throw new Error("the inspector does not know the context");
}
