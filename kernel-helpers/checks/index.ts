/**
 * `wirebook/checks`: how checks are written. A check looks at a student's work from outside: it connects to the student's server, and
 * reads values of the notebook without running anything that the notebook could have replaced. It runs in a process of its own.
 * @module
 */

/** A value that a check may pass to a student's function. */
export type Plain =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** The student's work. What is read of it are copies; what cannot be read without running code (getters, proxies, functions) is an `Unread`. */
export interface Student {
  /**
   * What an expression gives in the notebook, promises awaited.
   * @param expression TypeScript's values only, as in `"server.port"`
   * @param options.timeout seconds (5)
   * @throws an error that ends the check without points, where it throws or does not answer
   */
  value(expression: string, options?: { timeout?: number }): Promise<unknown>;
  /**
   * Calls a function of the notebook, and awaits what it gives.
   * @param options.timeout seconds (5)
   * @throws as `value`
   */
  call(name: string, args?: readonly Plain[], options?: { timeout?: number }): Promise<unknown>;
  /** The text of a cell as it was run last; `undefined`: it was not, or the front end does not tell cells apart. */
  source(cellId: string): Promise<string | undefined>;
  network: StudentNetwork;
}

/** The network in which the student's servers run. Modules of Node (`node:net`, `node:http`) reach it as well. */
export interface StudentNetwork {
  /** Does somebody accept TCP connections on this port? `timeout`: seconds (2). */
  listening(port: number, options?: { host?: string; timeout?: number }): Promise<boolean>;
  /**
   * Connects by TCP, sends, and gives what comes: to the end of the connection, to so many `bytes`, or until `timeout` seconds (2) are over.
   * @throws as `Student.value`, where nobody answers
   */
  exchange(
    port: number,
    options?: { send?: string | Uint8Array; host?: string; timeout?: number; bytes?: number },
  ): Promise<Buffer>;
}

/** What a row shows where it fails, any values. */
export interface RowDetail {
  expected?: unknown;
  seen?: unknown;
}

/** Where a check writes down what it finds. */
export interface Findings {
  /**
   * One row of the result.
   * @param options.weight its part of the points, beside the other rows (1)
   * @param passed `true` and nothing else counts
   * @returns whether it passed
   */
  expect(title: string, options: { weight?: number }, passed: unknown, detail?: RowDetail): boolean;
  /** A row that may throw, which then fails, and the check goes on. */
  attempt(
    title: string,
    options: { weight?: number },
    part: () =>
      | boolean
      | (RowDetail & { passed: boolean })
      | Promise<boolean | (RowDetail & { passed: boolean })>,
  ): Promise<boolean>;
  /** Is aborted when the check is over. */
  signal: AbortSignal;
}

/** One check. */
export interface CheckDefinition {
  title: string;
  /** From 0. */
  points: number;
  /** At most three: the first vague, the last nearly the answer. Where the check is hidden, only the first is shown. */
  hints?: readonly string[];
  /** Seconds for all of it (20, at most 600). */
  timeout?: number;
  /** What it throws ends it without points. */
  run(student: Student, t: Findings): Promise<void> | void;
}

/**
 * Defines checks, by the names that cells call them: `await check("5.2")`.
 * @example
 * export const checks = defineChecks({
 *   "5.2": {
 *     title: "The server answers",
 *     points: 2,
 *     async run(student, t) {
 *       const port = await student.value("port");
 *       const seen = await student.network.exchange(Number(port));
 *       t.expect("a client gets the greeting", {}, String(seen) === "hello", { expected: "hello", seen: String(seen) });
 *     },
 *   },
 * });
 */
export function defineChecks<T extends Record<string, CheckDefinition>>(checks: T): T {
  return checks;
}
