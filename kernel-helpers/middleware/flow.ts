// The nouns that pass from room to room: types only.

/** How a node is reached: `ws://127.0.0.1:4711`. Only nodes know these; programs know names. */
export type Where = string;

/** A node for as long as its lease lives; a node that has lost its lease comes back under another. */
export type NodeId = string;

/** Everything that comes from outside: a simulation has another one, and all that is above this is the same code. */
export interface World {
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  /** @returns takes it back */
  after(ms: number, work: () => void): () => void;
  /** Does not let this thread sleep for so many milliseconds from now. */
  stayAwake?(ms: number): void;
  /** From 0 to below 1. */
  random(): number;
  /** A name that nobody else has. */
  id(): string;
  /**
   * @param accept is given who comes in, and the grant that he comes with; without one he is one of us
   * @param options.grants may others come in, with a grant?
   */
  listen(accept: (pipe: Pipe, grant?: string) => void, options?: { grants?: boolean }): Promise<Listening>;
  /** Calls `work` some time after nobody has this object any more. Left out where that would come at another time in each run. */
  collected?(object: object, work: () => void): void;
  /** @throws Refused where nobody listens; any other error where nobody can tell */
  dial(where: Where, grant?: string): Promise<Pipe>;
}

export interface Listening {
  readonly where: Where;
  close(): Promise<void>;
}

/** One socket: messages arrive whole and in order, until it breaks; what was sent last may be lost then. */
export interface Pipe {
  onMessage: (text: string) => void;
  /** Once, also after `close`. */
  onClose: () => void;
  send(text: string): void;
  close(): void;
}

/** A message between two nodes: its type, and what that needs. */
export type Body = [type: string, ...rest: unknown[]];

/** A value as it travels: `[value]` where JSON has it, else text of devalue's and what that refers to. */
export type Packed = [unknown] | [text: string, lent: unknown[]];

/**
 * What a call promises of its effect.
 * - `at-most-once`: it is sent once. Where the answer is lost, the outcome is uncertain.
 * - `at-least-once`: it is sent until there is an answer, and may run twice.
 * - `exactly-once`: as that, but has its effect once: its key and its result are kept with the state.
 * - `reads`: it changes nothing; as `at-least-once`, and beside others of its kind.
 */
export type Semantics = "at-most-once" | "at-least-once" | "exactly-once" | "reads";

/**
 * What is hidden from who calls (RM-ODP, ISO/IEC 10746-3). Each can be left out, to see what it did:
 * - `access`: values go as JSON has them, errors as `{}`, functions not at all.
 * - `location`: who binds a name says where its object is.
 * - `relocation`: an object that has moved is not followed.
 * - `replication`: only the first node that exports a name is called.
 * - `failure`: a socket that breaks is the end of what was under way; nothing is tried again.
 * - `persistence`: an object that slept, or was taken over, begins anew.
 * - `concurrency`: calls of an object do not wait for one another.
 */
export type Transparency =
  | "access"
  | "location"
  | "relocation"
  | "replication"
  | "failure"
  | "persistence"
  | "concurrency";

/** What a grant says. */
export interface Granted {
  /** An object, or `folder/*`. */
  name: string;
  /** `undefined`: all. */
  methods?: readonly string[] | undefined;
  /** Milliseconds since 1970; `undefined`: for ever. */
  until?: number | undefined;
  wheres: readonly Where[];
  semantics: Readonly<Record<string, Semantics>>;
  isStateful: boolean;
}

/**
 * What an owner did with a call, and when, in milliseconds since it arrived there, on its own clock.
 * - `woken`: the object was not active, and is now.
 * - `known`: it has run before, and is not run again.
 * - `begins`: it was its turn. - `ends`: the method has ended.
 * - `kept`: what it tells is in the registry's journal.
 * - `answers`: the answer leaves.
 */
export type Deed = [what: "woken" | "known" | "begins" | "ends" | "kept" | "answers", ms: number];

/** What is kept under a key. */
export interface Entry {
  readonly value: string;
  /** Grows with every change of anything in the store. Of a record it is the fencing token: who writes must name the last. */
  readonly revision: number;
}

/** What all nodes share. The two engines, embedded and NATS, both are one. */
export interface Store {
  get(key: string): Promise<Entry | undefined>;
  /** All below `folder/`, by their whole keys; of many no more than `most`, others each time. */
  list(folder: string, most?: number): Promise<Map<string, Entry>>;
  /**
   * Compares and sets.
   * @param expected the revision that the key has now; 0: it is not there
   * @param options.lease goes with this lease
   * @returns its new revision
   * @throws Conflict where somebody was quicker; SessionLost, Unreachable where nobody can tell whether it was done
   */
  put(key: string, value: string, expected: number, options?: { lease?: string }): Promise<number>;
  /** As {@link put}; a key that is not there is no conflict. */
  remove(key: string, expected: number): Promise<void>;
  /** Tells of every change of a key from now on, its removal (`undefined`) too; after a gap, what is there now. @returns ends it */
  watch(key: string, look: (entry: Entry | undefined) => void): Promise<() => void>;
  /**
   * Tells of every change of what is below `folder/`, however deep, by its key; without one after a gap: any of it may have changed. What goes with a
   * lease that has ended may still be there for those who follow. @returns ends it
   */
  follow(folder: string, look: (key: string | undefined) => void): Promise<() => void>;
  /** A new lease: it ends when it was not renewed for so many milliseconds, and what goes with it is removed. */
  lease(ms: number): Promise<string>;
  /** Of each: false where it has ended, `undefined` where nobody can tell. */
  renew(leases: readonly string[]): Promise<readonly (boolean | undefined)[]>;
  /** Ends it at once. */
  release(lease: string): Promise<void>;
  close(): void;
}
