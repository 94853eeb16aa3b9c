// Looking at a value without running anything of its own: no getter, no trap of a proxy.
import { types } from "node:util";

/** What `value[key]` would lead to, its getter not called. Behind a proxy nothing is found. */
export function lookUp(value: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (
    let at: object | null = value;
    at !== null && !types.isProxy(at);
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const found = Object.getOwnPropertyDescriptor(at, key);
    if (found) return found;
  }
  return undefined;
}

/** An own value. */
export function own(value: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

/** A method, its own or inherited. */
export function methodOf(value: object, key: PropertyKey): ((...args: unknown[]) => unknown) | undefined {
  const found: unknown = lookUp(value, key)?.value;
  return typeof found === "function" ? (found as (...args: unknown[]) => unknown) : undefined;
}

/** An object literal, or what JSON and databases give. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
