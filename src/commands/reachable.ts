// `wirebook reachable HOST PORT`: can a server be reached, and if not, at what does it fail?
import { inspect } from "node:util";
import { CommandProblem } from "./problem.js";

/** What of `wirebook/host` is used here; the helpers are loaded as a student's program would load them. */
interface Helpers {
  reachable(
    host: string,
    port: number,
    options: { timeout: number },
  ): Promise<{ finding: keyof typeof EXIT_CODES }>;
}

/** One for each finding, so that scripts can tell them apart; 1 is for what went wrong with the command itself. */
const EXIT_CODES = { open: 0, refused: 2, filtered: 3, "no route": 4, "no such name": 5 };

/**
 * @param options.timeout seconds
 * @returns the exit code
 */
export async function reachableCommand(
  host: string,
  port: string,
  { timeout }: { timeout: number },
): Promise<number> {
  const number = Number(port);
  if (!/^\d+$/.test(port) || number < 1 || number > 65535)
    throw new CommandProblem(`"${port}" is no port; a port is a whole number from 1 to 65535`);
  const { reachable } = (await import(new URL("./helpers/host/index.js", import.meta.url).href)) as Helpers;
  const found = await reachable(host, number, { timeout });
  console.log(inspect(found));
  return EXIT_CODES[found.finding];
}
