// What the supervisor is started with: `supervisor.js [--allow-remote] [--ack-timeout SECONDS] <connection or registration file>`.

import { parseArgs } from "node:util";
import type { Permissions } from "./connection-file.js";
import { ConnectionProblem } from "./problem.js";

export interface Arguments {
  path: string;
  permissions: Permissions;
  /** How long a launcher may take to acknowledge a registration, in milliseconds. */
  ackPatience: number;
}

/** A launcher that starts fifty kernels at once needs a moment for each. */
const usualPatience = 20;

/**
 * Reads the command line, and what may be said in the environment instead. Arguments that front ends add are let be.
 * @throws {ConnectionProblem} no file is named
 */
export function readArguments(args: string[], env: NodeJS.ProcessEnv): Arguments {
  const { values, positionals } = parseArgs({
    args,
    options: { "allow-remote": { type: "boolean" }, "ack-timeout": { type: "string" } },
    strict: false,
  });
  const [path] = positionals;
  if (path === undefined) {
    throw new ConnectionProblem(
      "name the connection file: node supervisor.js [--allow-remote] [--ack-timeout SECONDS] <connection file>",
    );
  }
  const remote = values["allow-remote"] === true || env.WIREBOOK_ALLOW_REMOTE === "1";
  const seconds = Number(values["ack-timeout"]);
  return {
    path,
    permissions: { remote, unsigned: env.WIREBOOK_UNSIGNED === "1" },
    ackPatience: 1000 * (seconds > 0 ? seconds : usualPatience),
  };
}
