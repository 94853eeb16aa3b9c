// A function of the notebook on its way to another process: its text goes, what it takes from around it stays. Imports are
// brought in again there; the rest is told by name and line before anything runs.
import { host, type Origin } from "../../host-contract.js";
import { type FreeName, freeNames } from "./free-names.js";
import type { Import } from "./messages.js";

/** A function uses variables of the notebook, which do not exist where it is to run. */
export class CapturedVariables extends ReferenceError {
  override readonly name: string = "CapturedVariables";
  /** Their names, and the lines where they are used first. */
  readonly variables: { name: string; line: number }[];

  constructor(computer: string, variables: { name: string; line: number }[], label: string | undefined) {
    const list = variables.map(({ name, line }) => `${name} (line ${line})`).join(", ");
    const [first] = variables.map(({ name }) => name);
    super(
      `the function for ${computer} uses ${list} from ${label ?? "around it"}, and runs in another process, where ${variables.length === 1 ? "this name does" : "these names do"} not exist. ` +
        `Hand a value over as an argument, ${computer}.run(async (${first}) => …, ${first}); import a module within the function, const { … } = await import('…')`,
    );
    this.variables = variables;
    Object.defineProperty(this, "variables", { enumerable: false });
  }
}

export interface Traveller {
  source: string;
  imports: Import[];
  /** Where the text stands in the notebook, where the kernel knows it. */
  origin: Origin | undefined;
}

/**
 * @param unknown asks the computer which names are no globals there
 * @throws TypeError, CapturedVariables
 */
export async function pack(
  computer: string,
  fn: (...args: never[]) => unknown,
  unknown: (names: string[]) => Promise<string[]>,
): Promise<Traveller> {
  if (typeof fn !== "function")
    throw new TypeError(
      `${computer}.run takes a function, and its arguments: ${computer}.run(async (port) => { … }, 12345)`,
    );
  const source = fn.toString();
  let names: FreeName[];
  try {
    names = freeNames(source);
  } catch (error) {
    throw new TypeError(
      `${computer}.run needs a function with its text, (port) => { … }; this one is a method, a class or built in`,
      { cause: error },
    );
  }
  const origin = host()?.origin?.(source);
  const missing = new Set(await unknown(names.map(({ name }) => name)));
  const imports: Import[] = [];
  const captured: FreeName[] = [];
  for (const free of names.filter(({ name }) => missing.has(name))) {
    const found = importOf(free.name);
    if (found) imports.push(found);
    else captured.push(free);
  }
  if (captured.length > 0) {
    const variables = captured.map(({ name, line, column }) => ({
      name,
      line: origin?.at(line, column + 1)?.line ?? line,
    }));
    throw new CapturedVariables(computer, variables, origin?.label);
  }
  return { source, imports, origin };
}

/** Which import of the notebook a name is, if it is one. */
function importOf(local: string): Import | undefined {
  const modules = [...(host()?.imported?.() ?? [])];
  if (modules.length === 0) return undefined;
  let value: unknown;
  try {
    // Indirect: what a cell declares is seen from everywhere, and nothing of ours.
    // biome-ignore lint/security/noGlobalEval: the parser has said that it is a name
    value = eval?.(local);
  } catch {
    return undefined;
  }
  const whole = modules.find(([, module]) => module === value);
  if (whole) return { local, specifier: whole[0] };
  for (const [specifier, module] of modules) {
    const names = Object.keys(module).filter((name) => exported(module, name) === value);
    // Numbers and texts are equal to others by chance.
    const name = names.includes(local) ? local : isObject(value) ? names[0] : undefined;
    if (name !== undefined) return { local, specifier, name };
  }
  return undefined;
}

function exported(module: object, name: string): unknown {
  try {
    return (module as Record<string, unknown>)[name];
  } catch {
    // Not evaluated yet.
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
