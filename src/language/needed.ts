// Which executions later cells can still want something of: those that a name's type has to be read from, and what they import.
import type { Bindings, Source } from "./bindings.js";
import type { Execution } from "./execution.js";

/** @param executions those that are needed anyway */
export function neededFor(executions: Iterable<Source>, bindings: Bindings): Set<Source> {
  const needed = new Set(executions);
  for (const { value, type } of bindings.values()) {
    if (value && value.frozen === undefined) needed.add(value.source);
    if (type) needed.add(type.source);
  }
  // A set that grows while it is gone through is gone through to its end.
  for (const source of needed) for (const other of (source as Execution).module.imports) needed.add(other);
  return needed;
}

/** Is there a name whose type is to be read from this one? */
export function isMeant(execution: Execution, bindings: Bindings): boolean {
  return execution.outline.declared.some(({ name }) => {
    const { value, type } = bindings.get(name) ?? {};
    return (value?.source === execution && value.frozen === undefined) || type?.source === execution;
  });
}
