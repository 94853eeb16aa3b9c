// What a design of a middleware has to have so that experiments can be made with it: as little as possible.

/** A method of an object; it may be asynchronous. Declared so that methods with parameters of any type are one. */
type Method = { call(...args: unknown[]): unknown }["call"];

/**
 * An object on a host. If it has a state, it has two more methods: `dehydrate()` gives the state as data, and `rehydrate(state)` of a new object
 * takes it over.
 */
export interface Service {
  [method: string]: Method;
}

/** Calls a method of an object that is on some host. It fails with what the method throws, or with what went wrong on the way. */
export type Call = (method: string, ...args: unknown[]) => Promise<unknown>;

/** One of the computers on which objects are. Here all are in one process, and what they know of each other has to go over WebSockets. */
export interface Host {
  /** Where it is, as `ws://127.0.0.1:4711`: clients of a design without names are given this. */
  readonly address?: string;
  /**
   * Offers an object under a name. Several hosts may offer the same name.
   * @param make makes a new object
   */
  offer(name: string, make: () => Service): void | Promise<void>;
  /** Moves an object with its state to another host of this design. Left out: objects do not move. */
  move?(name: string, to: Host): Promise<void>;
  /** Switched off: from now on it answers nobody, listens nowhere, and has no connections. */
  stop(): void | Promise<void>;
}

/** A step of a transaction: the call of a method. */
export interface Step {
  name: string;
  method: string;
  args: unknown[];
  /** Of the host where the object was offered. */
  address?: string;
}

/** A middleware, to be tried out. */
export interface Design {
  startHost(): Host | Promise<Host>;
  /**
   * What a client does that knows an object's name.
   * @param address where its host was when it was offered; left out where the name has to be enough
   */
  connect(name: string, address?: string): Call | Promise<Call>;
  /** Makes all of these calls, or none, and gives their results. Left out: there are no transactions. */
  transaction?(steps: Step[]): Promise<unknown[]>;
  /** Ends all that it has still running: clients, a list of names, … */
  close?(): void | Promise<void>;
}
