// What can go wrong between two nodes, and nowhere else. Every remote type lists what its calls may end with.

/** What all of these are. */
export class MiddlewareError extends Error {}

/** Nobody could be reached in time. The call had no effect, and never will have one. */
export class Unreachable extends MiddlewareError {}

/** Nobody exports this name. */
export class NoSuchName extends Unreachable {}

/**
 * The call may have had its effect, or may still have it, or not: whoever knows cannot be asked now. `node.outcome(error)` asks
 * later.
 */
export class Uncertain extends MiddlewareError {
  /** The object that was called. */
  readonly target: string;
  /** Of the call. */
  readonly key: string;

  constructor(message: string, { target, key, cause }: { target: string; key: string; cause?: unknown }) {
    super(message, { cause });
    this.target = target;
    this.key = key;
  }
}

/** A copy that is fresh enough was not to be had. */
export class Stale extends MiddlewareError {}

/** The other node has forgotten what was said, or has ended: callbacks, streams and references of it are gone. */
export class SessionLost extends MiddlewareError {}

/** It was not given. */
export class Forbidden extends MiddlewareError {}

/** A chain of calls came back to an object that waits for its end. */
export class Deadlock extends MiddlewareError {}

/** What is to be kept has more bytes than a registry takes. Nothing of it was kept. */
export class TooLarge extends MiddlewareError {
  /** @param limit in bytes */
  constructor(what: string, { bytes, limit }: { bytes: number; limit: number }) {
    const mb = (size: number): string => `${(size / 1024 / 1024).toFixed(1)} MB`;
    super(`${what} has ${mb(bytes)}, and this registry keeps up to ${mb(limit)}: make several objects of it`);
  }
}

/** @internal Somebody was quicker: the key has another revision. */
export class Conflict extends MiddlewareError {}

/** @internal Nobody listens there. */
export class Refused extends MiddlewareError {}

for (const type of [
  ...[MiddlewareError, Unreachable, NoSuchName, Uncertain, Stale, SessionLost, Forbidden, Deadlock],
  ...[TooLarge, Conflict, Refused],
])
  Object.defineProperty(type.prototype, "name", { value: type.name, writable: true, configurable: true });
