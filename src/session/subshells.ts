// Subshells: lanes of requests beside the main one, each with a counter and a history of its own. All run in the one thread that
// JavaScript has, so cells of different subshells take turns where they await; what runs no code is answered at once.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-subshells

import { randomUUID } from "node:crypto";
import type { Header, Message } from "../flow.js";
import type { Executor } from "./execute.js";
import { createHistory, type History } from "./history.js";
import type { Lane } from "./lane.js";
import { InvalidRequest } from "./read-execute.js";

/** A lane of requests with all that is its own. */
export interface Shell {
  executor: Executor;
  history: History;
  lane: Lane;
  /** Cells that run or wait. */
  cells: number;
}

export interface SubshellsOptions {
  /** @param suffix what distinguishes the names of its cells from those of the main shell */
  executor(options: { history: History; queued(): boolean; suffix?: string }): Executor;
  lane(shell: Shell): Lane;
}

export interface Subshells {
  /** The shell of requests that name no subshell. */
  main: Shell;
  /** @returns its id */
  create(): string;
  /** Takes a subshell out of the list; `undefined`: there is none of this id. */
  remove(id: unknown): Shell | undefined;
  list(): string[];
  all(): Shell[];
  /** Whom a request is for; `undefined`: a subshell that there is not. */
  of(header: Header): Shell | undefined;
  /** Has it been there once? */
  wasRemoved(id: unknown): boolean;
}

/** A request names a subshell that there is not. */
export function unknownSubshell(id: unknown): InvalidRequest {
  const error = new InvalidRequest(
    `there is no subshell ${JSON.stringify(id)}; list_subshell_request tells which there are`,
  );
  error.name = "UnknownSubshell";
  return error;
}

/** So many ids of former subshells are remembered: messages to them may still be on their way. */
const remembered = 1000;

export function createSubshells(options: SubshellsOptions): Subshells {
  const open = (suffix?: string): Shell => {
    const history = createHistory();
    const shell = { history, cells: 0 } as Shell;
    shell.executor = options.executor({ history, queued: () => shell.cells > 1, ...(suffix && { suffix }) });
    shell.lane = options.lane(shell);
    return shell;
  };
  const main = open();
  const children = new Map<string, Shell>();
  const removed = new Set<string>();
  let count = 0;

  return {
    main,
    create() {
      const id = randomUUID();
      children.set(id, open(` of subshell ${++count}`));
      return id;
    },
    remove(id) {
      const shell = children.get(id as string);
      if (!shell) return undefined;
      children.delete(id as string);
      removed.add(id as string);
      if (removed.size > remembered) for (const oldest of removed) if (removed.delete(oldest)) break;
      return shell;
    },
    list: () => [...children.keys()],
    all: () => [main, ...children.values()],
    of({ subshell_id: id }) {
      return id === undefined || id === null ? main : children.get(id);
    },
    wasRemoved: (id) => removed.has(id as string),
  };
}

export function isCell({ channel, header }: Message): boolean {
  return channel === "shell" && header.msg_type === "execute_request";
}
