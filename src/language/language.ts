// TypeScript for a notebook: its language server, started in the background, and the cells that it knows. Nothing here keeps a
// cell waiting for longer than its deadline; where there is no answer, the cell runs unchecked.
import { join } from "node:path";
import type { Outline } from "../flow.js";
import { type Candidate, Chain, type CheckOptions } from "./chain.js";
import { LanguageServer } from "./server.js";
import { documents, draft, type WorkspaceOptions } from "./workspace.js";

export interface LanguageOptions extends WorkspaceOptions {
  /** The server's program and its arguments, instead of TypeScript's own. */
  command?: [program: string, ...args: string[]];
  /** Milliseconds that the first cell, and every other one, waits at most. */
  deadlines?: { first: number; other: number };
}

/** A cell before it runs, and what there is to say about its not being checked. */
export interface Checked extends Candidate {
  notice?: string;
}

export class Language {
  readonly #server: LanguageServer;
  readonly #chain: Chain;
  readonly #deadlines: { first: number; other: number };
  #started = false;
  #answered = false;
  #notice: string | undefined;

  constructor({ command, deadlines = { first: 3000, other: 1000 }, ...workspace }: LanguageOptions) {
    const { directory } = workspace;
    this.#deadlines = deadlines;
    this.#server = new LanguageServer({
      directory,
      first: join(directory, draft),
      ...(command && { command }),
      onLost: (reason) => {
        this.#notice = `Types are not checked for now: TypeScript's language server has a problem (${reason}).`;
      },
    });
    for (const [path, text] of documents(workspace)) this.#server.put(path, text);
    this.#chain = new Chain(this.#server, directory);
  }

  /** Starts the server, for whoever will want it soon. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#server.start();
  }

  /**
   * Looks at a cell that is about to run.
   * @param options.wanted are its types to be checked? If not, its names are known to later cells all the same.
   */
  async check(
    outline: Outline,
    { wanted, ...options }: Omit<CheckOptions, "deadline"> & { wanted: boolean },
  ): Promise<Checked> {
    let deadline = 0;
    if (wanted) {
      this.start();
      // A server that was lost is not waited for.
      if (this.#server.ready) deadline = this.#deadlines.other;
      else if (!this.#answered && this.#notice === undefined) deadline = this.#deadlines.first;
    }
    const candidate = await this.#chain.check(outline, { ...options, deadline });
    this.#answered ||= candidate.checked;
    const notice = wanted && !candidate.checked ? this.#notice : undefined;
    if (notice !== undefined) this.#notice = "";
    if (candidate.checked) this.#notice = undefined;
    return { ...candidate, ...(notice && { notice }) };
  }

  /** A new engine knows no names. */
  reset(): void {
    this.#chain.reset();
  }

  stop(): void {
    this.#server.stop();
  }
}
