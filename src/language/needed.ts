// Which executions later cells can still want something of: those that a name's type has to be read from, and what they import.
import type { Binding, Bindings, Source } from "./bindings.js";
import type { Execution } from "./execution.js";

/** @param executions those that are needed anyway */
export function neededFor(executions: Iterable<Source>, bindings: Bindings): Set<Source> {
  const needed = new Set(executions);
  for (const binding of bindings.values()) for (const source of sourcesOf(binding)) needed.add(source);
  // A set that grows while it is gone through is gone through to its end.
  for (const source of needed) for (const other of (source as Execution).module.imports) needed.add(other);
  return needed;
}

/** Is there a name whose type is to be read from this one? */
export function isMeant(execution: Execution, bindings: Bindings): boolean {
  return execution.outline.declared.some(({ name }) =>
    sourcesOf(bindings.get(name) ?? {}).includes(execution),
  );
}

/** What the types that a name means are to be read from. */
function sourcesOf({ value, type }: Binding): Source[] {
  const sources = type ? [type.source] : [];
  if (value && value.frozen === undefined) sources.push(value.source);
  return sources;
}
