// What somebody might hand in to get marks that are not deserved, to learn what is hidden, or to do harm.

import type { Notebook } from "../../../src/client/notebook.js";
import { type Answers, handedIn, right } from "../course.js";

export interface Hostile {
  family: string;
  name: string;
  /** The file that is handed in: a notebook, or a zip file. */
  notebook?: Notebook | string;
  /** Made when it is wanted: some are large before they are packed. */
  zip?: () => Uint8Array;
}

/** A variant: its name, and code that stands in the first answer's cell. */
export type Variant = [name: string, code: string];

/** Behind wrong answers: no mark is deserved. */
export function wrong(family: string, variants: readonly Variant[]): Hostile[] {
  return variants.map(([name, code]) => ({
    family,
    name,
    notebook: handedIn({ "sol-add": `function add(a: number, b: number): any { return 0; }\n${code}` }),
  }));
}

/** Behind right answers, which deserve all marks whatever stands beside them. */
export function deserved(family: string, variants: readonly Variant[]): Hostile[] {
  return variants.map(([name, code]) => ({
    family,
    name: `${name}, with right answers`,
    notebook: handedIn({ ...right, "sol-add": `${right["sol-add"]}\n${code}` } satisfies Answers),
  }));
}
