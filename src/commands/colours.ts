// Colours of tracebacks where a person sees them in a terminal: https://no-color.org, and FORCE_COLOR as Node has it.
import { stripVTControlCharacters } from "node:util";

/** The text as this stream should have it. */
export function coloured(
  text: string,
  stream: Pick<NodeJS.WriteStream, "isTTY"> & { hasColors?(): boolean } = process.stderr,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const forced = env.FORCE_COLOR !== undefined && !/^(0|false)$/.test(env.FORCE_COLOR);
  const wanted = stream.isTTY ? (stream.hasColors?.() ?? true) : forced && !env.NO_COLOR;
  return wanted ? text : stripVTControlCharacters(text);
}
