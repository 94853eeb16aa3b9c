// TypeScript for a notebook: its language server, started in the background, and the cells that it knows. Nothing here keeps a
// cell waiting for longer than its deadline; where there is no answer, the cell runs unchecked.
import { join } from "node:path";
import type { Outline, TypedCompletions, TypeProblem } from "../flow.js";
import { isPlain, namesLike } from "./bindings.js";
import { type Candidate, Chain, type CheckOptions } from "./chain.js";
import { complete } from "./complete.js";
import { type Completed, completed } from "./endings.js";
import { LocalFiles } from "./files.js";
import { inspect, toldBefore } from "./inspect.js";
import { Members } from "./members.js";
import { LanguageServer } from "./server.js";
import { Signatures } from "./signatures.js";
import { documents, draftName, type WorkspaceOptions } from "./workspace.js";

export interface LanguageOptions extends WorkspaceOptions {
  /** The server's program and its arguments, instead of TypeScript's own. */
  command?: [program: string, ...args: string[]];
  /** Milliseconds that the first cell, and every other one, waits at most. */
  deadlines?: { first: number; other: number };
  /** Cells are JavaScript: what only TypeScript finds wrong with them is not wrong. */
  javascript?: boolean;
  /** After so many milliseconds in which nobody asks it anything the server is let go, until somebody does. */
  idle?: number;
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
  readonly #signatures: Signatures;
  readonly #members = new Members();
  readonly #workspace: WorkspaceOptions;
  readonly #files: LocalFiles;
  readonly #deadlines: { first: number; other: number };
  #started = false;
  readonly #idle: number;
  #resting: NodeJS.Timeout | undefined;
  #questions = 0;
  #trouble: string | undefined;
  /** The trouble has been told of. */
  #said = false;

  constructor({
    command,
    deadlines = { first: 3000, other: 1000 },
    javascript = false,
    idle = 15 * 60_000,
    ...workspace
  }: LanguageOptions) {
    const { directory } = workspace;
    this.#idle = idle;
    this.#deadlines = deadlines;
    this.#server = new LanguageServer({
      directory,
      first: join(directory, draftName("ts")),
      ...(command && { command }),
      onLost: (reason) => {
        this.#trouble = reason;
      },
    });
    this.#signatures = new Signatures(this.#server);
    this.#workspace = workspace;
    const made = this.#arrange();
    this.#files = new LocalFiles(directory, made);
    this.#chain = new Chain(this.#server, { directory, javascript });
  }

  /** Lets the server go until somebody asks again. */
  rest(): void {
    this.#server.rest();
    this.#started = false;
    this.#trouble = undefined;
  }

  /** Starts the server, for whoever will want it soon; who asks something starts it as well. */
  start(): void {
    clearTimeout(this.#resting);
    if (this.#questions === 0) this.#resting = setTimeout(() => this.rest(), this.#idle).unref();
    if (this.#started) return;
    this.#started = true;
    this.#server.start();
  }

  /** Asks, if there is somebody to ask, now or in a moment. */
  async #asking<T>(ask: () => Promise<T>): Promise<T | undefined> {
    return await this.#awake(async () => {
      await this.#server.warmed(patience);
      return this.#server.ready ? await ask() : undefined;
    });
  }

  /** As long as there are questions the server does not rest. */
  async #awake<T>(work: () => Promise<T>): Promise<T> {
    this.#questions++;
    try {
      this.start();
      return await work();
    } finally {
      this.#questions--;
      this.start();
    }
  }

  /**
   * Looks at a cell that is about to run.
   * @param options.wanted are its types to be checked? If not, its names are known to later cells all the same.
   */
  async check(
    outline: Outline,
    { wanted, ...options }: Omit<CheckOptions, "deadline"> & { wanted: boolean },
  ): Promise<Checked> {
    if (!wanted) return await this.#check(outline, { ...options, wanted, deadline: 0 });
    return await this.#awake(async () => {
      this.#files.follow(outline.text);
      for (const [path, text] of this.#files.completed()) this.#server.put(path, text);
      const changes = this.#files.changes();
      if (changes.length > 0) this.#arrange();
      this.#server.touched(changes);
      for (const [path, text] of this.#files.completed()) this.#server.put(path, text);
      // A server that was lost is not waited for.
      const first = this.#trouble === undefined ? this.#deadlines.first : 0;
      const deadline = this.#server.ready ? this.#deadlines.other : first;
      return await this.#check(outline, { ...options, wanted, deadline });
    });
  }

  async #check(
    outline: Outline,
    { wanted, deadline, ...options }: CheckOptions & { wanted: boolean },
  ): Promise<Checked> {
    this.#signatures.forget();
    this.#members.forget();
    const whole = this.#completed(outline);
    const found = await this.#chain.check(whole.outline, { ...options, deadline });
    const candidate: Candidate = {
      ...found,
      problems: found.problems.map(whole.problem),
      enter: (hasValue) => {
        this.#members.forget();
        return found.enter(hasValue);
      },
    };
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

  complete(written: Outline, cursor: number): Promise<TypedCompletions | undefined> {
    return this.#asking(() => this.#complete(written, cursor));
  }

  async #complete(written: Outline, cursor: number): Promise<TypedCompletions | undefined> {
    const { outline, forth, back } = this.#completed(written, cursor);
    const offset = forth(cursor);
    const [, dot, begun = ""] = /(\.\s*#?)?([\p{ID_Continue}$\u200c\u200d]*)$/u.exec(
      outline.text.slice(0, offset + outline.shift),
    ) ?? [""];
    const draft = await this.#chain.draft(outline, { patience, ...(dot === undefined && { begun }) });
    const own = new Set([
      ...outline.declared.map(({ name }) => name),
      ...namesLike(begun, this.#chain.bindings),
    ]);
    const found = await complete(this.#server, draft, {
      offset,
      deadline: patience,
      signatures: this.#signatures,
      list: this.#members.of(outline, offset + outline.shift, this.#chain.bindings),
      isOwn: (name) => own.has(name),
      isPlain: (name) => isPlain(name, this.#chain.bindings),
    });
    return found && { ...found, start: back(found.start), end: back(found.end) };
  }

  diagnose(outline: Outline): Promise<TypeProblem[] | undefined> {
    return this.#asking(async () => {
      const whole = this.#completed(outline);
      return (await this.#chain.diagnose(whole.outline, patience))?.map(whole.problem);
    });
  }

  inspect(written: Outline, offset: number): Promise<string | undefined> {
    return this.#asking(async () => {
      const told = toldBefore(written, offset, this.#chain.bindings);
      if (told !== undefined) return told;
      const { outline, forth } = this.#completed(written);
      const draft = await this.#chain.draft(outline, { patience });
      return await inspect(this.#server, draft, { offset: forth(offset), deadline: patience });
    });
  }

  #completed(outline: Outline, cursor?: number): Completed {
    const { directory } = this.#workspace;
    return completed(outline, { directory, ...(cursor !== undefined && { cursor }) });
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
    clearTimeout(this.#resting);
    this.#server.stop();
  }
}
