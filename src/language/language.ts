// TypeScript for a notebook: its language server, started in the background, and the cells that it knows. Nothing here keeps a
// cell waiting for longer than its deadline; where there is no answer, the cell runs unchecked.
import { join } from "node:path";
import type { Outline, TypedCompletions, TypeProblem } from "../flow.js";
import { type Candidate, Chain, type CheckOptions } from "./chain.js";
import { complete } from "./complete.js";
import { LocalFiles } from "./files.js";
import { inspect } from "./inspect.js";
import { LanguageServer } from "./server.js";
import { documents, draftName, type WorkspaceOptions } from "./workspace.js";

export interface LanguageOptions extends WorkspaceOptions {
  /** The server's program and its arguments, instead of TypeScript's own. */
  command?: [program: string, ...args: string[]];
  /** Milliseconds that the first cell, and every other one, waits at most. */
  deadlines?: { first: number; other: number };
}

/** Whoever waits for a list has gone on typing by then, in milliseconds. */
const patience = 700;

/** A cell before it runs, and what there is to say about its not being checked. */
export interface Checked extends Candidate {
  notice?: string;
}

export class Language {
  readonly #server: LanguageServer;
  readonly #chain: Chain;
  readonly #workspace: WorkspaceOptions;
  readonly #files: LocalFiles;
  readonly #deadlines: { first: number; other: number };
  #started = false;
  #answered = false;
  #trouble: string | undefined;
  /** The trouble has been told of. */
  #said = false;

  constructor({ command, deadlines = { first: 3000, other: 1000 }, ...workspace }: LanguageOptions) {
    const { directory } = workspace;
    this.#deadlines = deadlines;
    this.#server = new LanguageServer({
      directory,
      first: join(directory, draftName("ts")),
      ...(command && { command }),
      onLost: (reason) => {
        this.#trouble = reason;
      },
    });
    this.#workspace = workspace;
    const made = this.#arrange();
    this.#files = new LocalFiles(directory, made);
    this.#chain = new Chain(this.#server, directory);
  }

  /** Starts the server, for whoever will want it soon; who asks something starts it as well. */
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
      this.#files.follow(outline.text);
      const changes = this.#files.changes();
      if (changes.length > 0) this.#arrange();
      this.#server.touched(changes);
      // A server that was lost is not waited for.
      if (this.#server.ready) deadline = this.#deadlines.other;
      else if (!this.#answered && this.#trouble === undefined) deadline = this.#deadlines.first;
    }
    const candidate = await this.#chain.check(outline, { ...options, deadline });
    this.#answered ||= candidate.checked;
    if (candidate.checked) {
      this.#trouble = undefined;
      this.#said = false;
    }
    if (!wanted || candidate.checked || this.#said) return candidate;
    this.#said = true;
    const why = this.#trouble ?? "it gave no answer";
    const notice = `Types are not checked for now: TypeScript's language server has a problem (${why}). Cells run all the same.`;
    return { ...candidate, notice };
  }

  async complete(outline: Outline, offset: number): Promise<TypedCompletions | undefined> {
    this.start();
    if (!this.#server.ready) return undefined;
    const [, dot, begun = ""] = /(\.\s*#?)?([\p{ID_Continue}$\u200c\u200d]*)$/u.exec(
      outline.text.slice(0, offset + outline.shift),
    ) ?? [""];
    const draft = await this.#chain.draft(outline, { patience, ...(dot === undefined && { begun }) });
    const own = new Set([...outline.declared.map(({ name }) => name), ...this.#chain.namesLike(begun)]);
    return await complete(this.#server, draft, {
      offset,
      deadline: patience,
      isOwn: (name) => own.has(name),
      isPlain: (name) => this.#chain.isPlain(name),
    });
  }

  async diagnose(outline: Outline): Promise<TypeProblem[] | undefined> {
    this.start();
    if (!this.#server.ready) return undefined;
    return await this.#chain.diagnose(outline, patience);
  }

  async inspect(outline: Outline, offset: number): Promise<string | undefined> {
    this.start();
    if (!this.#server.ready) return undefined;
    const draft = await this.#chain.draft(outline, { patience });
    return await inspect(this.#server, draft, { offset, deadline: patience });
  }

  /** Shows the server the folder's configuration. @returns the files that it is made of */
  #arrange(): string[] {
    const made = documents(this.#workspace);
    for (const [path, text] of made) this.#server.put(path, text);
    return [...made.keys()];
  }

  /** A new engine knows no names. */
  reset(): void {
    this.#chain.reset();
  }

  /** So many modules are kept for later cells. */
  get modules(): number {
    return this.#chain.size;
  }

  /** The server's process. */
  get pid(): number | undefined {
    return this.#server.pid;
  }

  stop(): void {
    this.#server.stop();
  }
}
