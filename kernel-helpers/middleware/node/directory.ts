// Names → places. What was found is remembered; who remembers wrongly is sent on by whoever he comes to.
import { NoSuchName } from "../errors.js";
import type { NodeId, Semantics, Store, Where } from "../flow.js";
import { nodeKey } from "./membership.js";
import { type ObjectRecord, recordKey } from "./record.js";

/** What a node tells of what it exports. */
export interface Export {
  where: Where;
  semantics: Readonly<Record<string, Semantics>>;
  /** It has a state, and is on one node at a time. */
  isStateful: boolean;
}

export interface Host extends Export {
  node: NodeId;
  /** Under which it exports the name. */
  pattern: string;
}

/** Patterns of one folder lie in one folder of the registry: who follows that hears of all that names in it may mean. */
const EXPORTS = "export/";
const afterSlash = (pattern: string): number => pattern.lastIndexOf("/") + 1;
const besideOf = (pattern: string): string =>
  `${EXPORTS}${encodeURIComponent(pattern.slice(0, afterSlash(pattern)))}/`;
const folderOf = (pattern: string): string =>
  `${besideOf(pattern)}${encodeURIComponent(pattern.slice(afterSlash(pattern)))}/`;
export const exportKey = (pattern: string, node: NodeId): string => folderOf(pattern) + node;

/** @returns whose export it is of */
function patternOf(key: string): string {
  const [folder = "", last = ""] = key.slice(EXPORTS.length).split("/").map(decodeURIComponent);
  return folder + last;
}

/** `cart/42` is exported as that, or as `cart/*`. */
export function patternsOf(name: string): string[] {
  const at = name.lastIndexOf("/");
  return at < 0 ? [name] : [name, `${name.slice(0, at)}/*`];
}

/** What finds the places of names. */
export interface Names {
  /** Nodes that export this name, all under the same pattern: all, or of many some. */
  hosts(name: string): Promise<Host[]>;
  /** Those that export this very pattern. */
  exporters(pattern: string): Promise<Host[]>;
  /**
   * Tells of each pattern in the folder of this one for which a node came or went, from now on; without one: any of them. Who has ended without a word
   * may be told of late, or not at all.
   * @returns ends it
   */
  follow(pattern: string, look: (changed: string | undefined) => void): Promise<() => void>;
  /** The node that has this object now; `undefined`: none has. */
  owner(name: string): Promise<{ node: NodeId; where: Where; isAlive: boolean } | undefined>;
}

/** To choose among more is not worth their way. */
const MOST_HOSTS = 32;

export class Directory implements Names {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async hosts(name: string): Promise<Host[]> {
    for (const pattern of patternsOf(name)) {
      const found = await this.exporters(pattern);
      if (found.length > 0) return found;
    }
    return [];
  }

  async exporters(pattern: string): Promise<Host[]> {
    const folder = folderOf(pattern);
    const found = await this.#store.list(folder, MOST_HOSTS);
    return [...found].map(([key, { value }]) => ({
      ...(JSON.parse(value) as Export),
      ...{ node: key.slice(folder.length), pattern },
    }));
  }

  follow(pattern: string, look: (changed: string | undefined) => void): Promise<() => void> {
    return this.#store.follow(besideOf(pattern), (key) => look(key === undefined ? key : patternOf(key)));
  }

  /** This node, if it exports that name. */
  async host(name: string, node: NodeId): Promise<Host | undefined> {
    for (const pattern of patternsOf(name)) {
      const entry = await this.#store.get(exportKey(pattern, node));
      if (entry) return { ...(JSON.parse(entry.value) as Export), node, pattern };
    }
    return undefined;
  }

  async owner(name: string): Promise<{ node: NodeId; where: Where; isAlive: boolean } | undefined> {
    const entry = await this.#store.get(recordKey(name));
    if (!entry) return undefined;
    const { owner, where } = JSON.parse(entry.value) as ObjectRecord;
    if (owner === "") return undefined;
    return { node: owner, where, isAlive: await this.isAlive(owner) };
  }

  async isAlive(node: NodeId): Promise<boolean> {
    return (await this.#store.get(nodeKey(node))) !== undefined;
  }
}

export function nobody(name: string): NoSuchName {
  return new NoSuchName(`nobody exports ${JSON.stringify(name)}`);
}

/** Of several hosts, the one that everybody takes first for this name (rendezvous hashing; Thaler and Ravishankar 1996). */
export function preferred(name: string, hosts: readonly Host[]): Host | undefined {
  let best: Host | undefined;
  let highest = -1;
  for (const host of hosts) {
    const weight = hash(`${name} ${host.node}`);
    if (weight > highest) {
      best = host;
      highest = weight;
    }
  }
  return best;
}

/** FNV-1a, 32 bits, with a last mix: names that differ in their ends differ everywhere. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}
