// An execute_request's content, checked and with its defaults.

import type { Json } from "../flow.js";

/** The client asked for something that makes no sense; the answer says what. */
export class InvalidRequest extends Error {
  override name = "InvalidRequest";
}

export interface ExecuteContent {
  code: string;
  silent: boolean;
  storeHistory: boolean;
  userExpressions: Record<string, string>;
  allowStdin: boolean;
  stopOnError: boolean;
}

/**
 * Checks the content of an execute_request.
 * @throws {InvalidRequest} naming the field that is missing or of the wrong type
 */
export function readExecute(content: Json): ExecuteContent {
  const flag = (name: string, fallback: boolean): boolean => {
    const value = content[name] ?? fallback;
    if (typeof value !== "boolean") throw new InvalidRequest(`"${name}" must be true or false`);
    return value;
  };
  const { code, user_expressions: expressions = {} } = content;
  if (typeof code !== "string") throw new InvalidRequest('"code" must be a string');
  if (typeof expressions !== "object" || expressions === null || Array.isArray(expressions)) {
    throw new InvalidRequest('"user_expressions" must be an object of strings');
  }
  for (const value of Object.values(expressions)) {
    if (typeof value !== "string")
      throw new InvalidRequest('"user_expressions" must be an object of strings');
  }
  const silent = flag("silent", false);
  return {
    code,
    silent,
    // Silent means that nothing is kept, whatever else was asked.
    storeHistory: !silent && flag("store_history", true),
    userExpressions: expressions as Record<string, string>,
    allowStdin: flag("allow_stdin", false),
    stopOnError: flag("stop_on_error", true),
  };
}
