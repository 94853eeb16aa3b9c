// What a namespace gives to others: one object, or a folder of them, or some of its methods, until a time. A grant is a text; who has it may call that
// much, and who changes it has nothing. It names the nodes, since its holder sees no registry of ours.
import { createHmac, timingSafeEqual } from "node:crypto";
import { Forbidden } from "../errors.js";
import type { Granted, Where } from "../flow.js";
import type { Host, Names } from "./directory.js";
import { patternsOf } from "./directory.js";

const PREFIX = "wirebook-grant.";

export function toGrant(granted: Granted, secret: string): string {
  const text = Buffer.from(JSON.stringify(granted)).toString("base64url");
  return `${PREFIX}${text}.${sign(text, secret)}`;
}

/** What it says; whether that is so only its giver can tell. @throws TypeError for what is no grant */
export function readGrant(grant: string): Granted {
  const [, text = ""] = grant.split(".");
  if (grant.startsWith(PREFIX)) {
    try {
      return JSON.parse(Buffer.from(text, "base64url").toString()) as Granted;
    } catch {
      // Said below.
    }
  }
  throw new TypeError(
    "this is no grant: take the whole text that node.grant() gave, from wirebook-grant. on",
  );
}

/** @returns undefined: it is not ours, was changed, or has ended */
export function verifyGrant(grant: string, secret: string, now: number): Granted | undefined {
  const [, text = "", signature = ""] = grant.split(".");
  const [given, wanted] = [Buffer.from(signature), Buffer.from(sign(text, secret))];
  if (!grant.startsWith(PREFIX) || given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return undefined;
  const granted = readGrant(grant);
  return hasEnded(granted, now) ? undefined : granted;
}

const hasEnded = ({ until = Number.POSITIVE_INFINITY }: Granted, now: number): boolean => until < now;

function sign(text: string, secret: string): string {
  return createHmac("sha256", secret).update(`${PREFIX}${text}`).digest("base64url");
}

/** @throws Forbidden */
export function checkGranted(granted: Granted, target: string, method: string): void {
  const { name, methods, until = 0 } = granted;
  if (hasEnded(granted, Date.now()))
    throw new Forbidden(`the grant of ${name} has ended at ${new Date(until).toLocaleString()}`);
  if (!patternsOf(target).includes(name)) throw new Forbidden(`${target} was not given, only ${name}`);
  if (methods && !methods.includes(method))
    throw new Forbidden(`${target}.${method} was not given, only ${methods.join(", ")}`);
}

/** Names → places, for who has no more than a grant. */
export class GrantedNames implements Names {
  readonly #granted: Granted;
  #turn = 0;

  constructor(granted: Granted) {
    this.#granted = granted;
  }

  async hosts(): Promise<Host[]> {
    const { wheres, semantics, isStateful } = this.#granted;
    return wheres.map((where) => ({
      where,
      semantics,
      isStateful,
      node: where,
      pattern: this.#granted.name,
    }));
  }

  exporters(): Promise<Host[]> {
    return this.hosts();
  }

  async follow(): Promise<() => void> {
    return () => {};
  }

  /** Whoever is asked sends on to who has it. Where one is gone, the next is asked. */
  async owner(): Promise<{ node: string; where: Where; isAlive: boolean }> {
    const { wheres } = this.#granted;
    const where = wheres[this.#turn++ % wheres.length] as Where;
    return { node: where, where, isAlive: true };
  }
}
