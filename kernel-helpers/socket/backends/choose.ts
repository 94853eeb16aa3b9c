// Which back-end serves: the first that works here, or the one that WIREBOOK_SOCKETS names.
import type { Backend } from "./backend.js";
import { doormanBackend } from "./doorman.js";
import { eagerBackend } from "./eager.js";
import { koffiBackend } from "./koffi.js";

type Makers = Record<Backend["name"], () => Backend>;

const MAKERS: Makers = {
  koffi: koffiBackend,
  doorman: doormanBackend,
  eager: eagerBackend,
};
const made = new WeakMap<Makers, Map<string, Backend>>();

/** @throws where WIREBOOK_SOCKETS names none, or one that does not work here */
export function chooseBackend(
  wanted: string = process.env.WIREBOOK_SOCKETS ?? "",
  makers: Makers = MAKERS,
): Backend {
  const known = made.get(makers)?.get(wanted);
  if (known) return known;
  if (wanted && !Object.hasOwn(makers, wanted)) {
    throw new Error(`WIREBOOK_SOCKETS is "${wanted}"; it takes ${Object.keys(makers).join(", ")}`);
  }
  const names = wanted ? [wanted as Backend["name"]] : (Object.keys(makers) as Backend["name"][]);
  let reason: unknown;
  for (const name of names) {
    try {
      const backend = makers[name]();
      made.set(makers, (made.get(makers) ?? new Map()).set(wanted, backend));
      return backend;
    } catch (error) {
      reason = error;
    }
  }
  throw new Error(`the socket back-end "${wanted}" does not work here: ${(reason as Error).message}`, {
    cause: reason,
  });
}
