// The types of what is somewhere else. An interface says what its methods promise; its proxy has promises that list what can go wrong, its
// implementation has plain methods.
import type { Forbidden, SessionLost, Stale, Uncertain, Unreachable } from "./errors.js";
import type { Semantics } from "./flow.js";

declare const promised: unique symbol;
/** What an interface says that a method gives, and what it promises of its effect. There is no such value. */
interface Promised<T, S extends Semantics> {
  readonly [promised]: { value: T; semantics: S };
}

/** Sent until there is an answer; what it does happens once, with the state. */
export type ExactlyOnce<T> = Promised<T, "exactly-once">;
/** Sent until there is an answer; may run twice. */
export type AtLeastOnce<T> = Promised<T, "at-least-once">;
/** Sent once: what is not marked. */
export type AtMostOnce<T> = Promised<T, "at-most-once">;
/** Changes nothing. */
export type Reads<T> = Promised<T, "reads">;

type MarkOf<R> = R extends Promised<unknown, infer S> ? S : "at-most-once";
type Unmarked<R> = R extends Promised<infer T, Semantics> ? T : R;
type Result<R> = Awaited<Unmarked<R>>;

/** What a call of such a method may end with besides what the method itself throws. */
export type FailureOf<S extends Semantics> = S extends "reads"
  ? Unreachable | Stale | Forbidden
  : S extends "at-most-once"
    ? Unreachable | Uncertain | SessionLost | Forbidden
    : Unreachable | Uncertain | Forbidden;

type Methods<I> = { [M in keyof I]: I[M] extends (...args: never[]) => unknown ? M : never }[keyof I];

/** What somebody has who calls an `I` that is somewhere else. */
export type Remote<I> = {
  readonly [M in Methods<I>]: I[M] extends (...args: infer A) => infer R
    ? (...args: A) => Call<Result<R>, FailureOf<MarkOf<R>>>
    : never;
};

/** What implements an `I`: the same methods, plain or asynchronous. */
export type Local<I> = {
  [M in Methods<I>]: I[M] extends (...args: infer A) => infer R
    ? (...args: A) => Result<R> | Promise<Result<R>>
    : never;
};

/** What its methods promise, for `export`: it has to say the same as the interface. */
export type SemanticsOf<I> = {
  readonly [M in Methods<I> as I[M] extends (...args: never[]) => infer R
    ? MarkOf<R> extends "at-most-once"
      ? never
      : M
    : never]: I[M] extends (...args: never[]) => infer R ? MarkOf<R> : never;
};

/** State that outlives its object: whoever has the object next makes it anew with this. */
export interface Stateful<S = unknown> {
  /** What is to be kept: data, no functions. */
  dehydrate(): S;
  rehydrate(state: S): void;
}

/** How a call ended. */
export type Outcome<T, F> = { ok: true; value: T } | { ok: false; error: F | Error };

/** A call that is on its way, or over. */
export interface Call<T, F = Error> extends Promise<T> {
  /** Names this call: who retries it names it again. */
  readonly key: string;
  /** Never fails: the value, or what went wrong. */
  outcome(): Promise<Outcome<T, F>>;
}
