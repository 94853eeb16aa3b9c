// Which back-end serves: the first that works here, or the one that WIREBOOK_SOCKETS names.
import type { Backend } from "./backend.js";
import { doormanBackend } from "./doorman.js";
import { eagerBackend } from "./eager.js";
import { koffiBackend } from "./koffi.js";

const MAKERS: Record<Backend["name"], () => Backend> = {
  koffi: koffiBackend,
  doorman: doormanBackend,
  eager: eagerBackend,
};
const made = new Map<string, Backend>();

/** @throws where WIREBOOK_SOCKETS names none, or one that does not work here */
export function chooseBackend(wanted: string | undefined = process.env.WIREBOOK_SOCKETS): Backend {
  const key = wanted ?? "";
  const known = made.get(key);
  if (known) return known;
  if (wanted && !(wanted in MAKERS))
    throw new Error(`WIREBOOK_SOCKETS is "${wanted}"; it takes ${Object.keys(MAKERS).join(", ")}`);
  const names = wanted ? [wanted as Backend["name"]] : (Object.keys(MAKERS) as Backend["name"][]);
  let reason: unknown;
  for (const name of names) {
    try {
      const backend = MAKERS[name]();
      made.set(key, backend);
      return backend;
    } catch (error) {
      reason = error;
    }
  }
  throw new Error(`the socket back-end "${wanted}" does not work here: ${(reason as Error).message}`, {
    cause: reason,
  });
}
