// Reads values for checks, from the control worker. The inspector lists what an object holds by itself: no getter, no trap of a proxy
// and no method runs, and nothing that a cell has replaced (`JSON`, `Object`, iterators) is used.
import { type Runtime, Session } from "node:inspector";
import type { Read, Reading } from "../flow.js";

/** Node 26 may leave a message lie, either way, when the thread is just coming to rest; the next one takes it along. */
const NUDGE_MS = 20;
/** A value may hold so many others, so deep, and so many characters in all. */
const MOST_NODES = 20_000;
const DEEPEST = 12;
const MOST_CHARACTERS = 1_000_000;
const MOST_BYTES = 16 * 1024;
const GROUP = "read";

type Remote = Runtime.RemoteObject;
type Budget = { nodes: number; characters: number };

export class Reader {
  #session: Session | undefined;

  /** What an expression of the kernel's own gives. */
  async read(expression: string): Promise<Reading> {
    const answer = await this.#post<Runtime.EvaluateReturnType>("Runtime.evaluate", {
      expression,
      silent: true,
      objectGroup: GROUP,
    });
    const reading = answer ? await this.#settled(answer.result) : { value: other("nothing") };
    // A promise is asked for again.
    if (!("pending" in reading)) void this.#post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    return reading;
  }

  async #settled(remote: Remote): Promise<Reading> {
    const budget = { nodes: MOST_NODES, characters: MOST_CHARACTERS };
    if (remote.subtype !== "promise" || remote.objectId === undefined)
      return { value: await this.#value(remote, budget, 0) };
    const { internal } = await this.#members(remote.objectId);
    const of = (name: string): Remote | undefined => internal.find((each) => each.name === name)?.value;
    const [state, result] = [of("[[PromiseState]]")?.value, of("[[PromiseResult]]")];
    if (!result || state === "pending") return { pending: true };
    if (state === "fulfilled") return { value: await this.#value(result, budget, 0) };
    const thrown = await this.#value(result, budget, DEEPEST - 2);
    if (typeof thrown === "object" && thrown?.is === "error")
      return { thrown: { name: thrown.name, message: thrown.message } };
    return { thrown: { name: "Error", message: shortly(result) } };
  }

  /** Before the process ends: Node would wait for us, and say so on stderr. */
  close(): void {
    this.#session?.disconnect();
    this.#session = undefined;
  }

  #post<T>(method: string, params: object): Promise<T | undefined> {
    if (!this.#session) {
      this.#session = new Session();
      this.#session.connectToMainThread();
    }
    const session = this.#session;
    return new Promise((resolve) => {
      const nudge = setInterval(() => {
        if (this.#session !== session) clearInterval(nudge);
        else session.post("Runtime.getIsolateId" as "Runtime.enable", () => {});
      }, NUDGE_MS).unref();
      session.post(method as "Runtime.evaluate", params as Runtime.EvaluateParameterType, (error, result) => {
        clearInterval(nudge);
        resolve(error ? undefined : (result as T));
      });
    });
  }

  async #value(remote: Remote, budget: Budget, depth: number): Promise<Read> {
    const { type, subtype, className = "" } = remote;
    if (--budget.nodes < 0) return other("more than can be read");
    if (type === "undefined") return { is: "undefined" };
    if (subtype === "null") return null;
    if (type === "boolean") return remote.value as boolean;
    if (type === "string") return this.#text(remote.value as string, budget);
    if (type === "number")
      return remote.unserializableValue === undefined
        ? (remote.value as number)
        : { is: "number", text: remote.unserializableValue };
    if (type === "bigint") return { is: "bigint", text: (remote.unserializableValue ?? "0n").slice(0, -1) };
    if (type === "symbol") return { is: "symbol", text: shortly(remote) };
    if (type === "function" || subtype === "proxy" || remote.objectId === undefined || depth >= DEEPEST)
      return other(type === "function" ? "function" : shortly(remote));
    if (subtype === "date" || subtype === "regexp") return { is: subtype, text: shortly(remote) };
    const sized = /\((\d+)\)$/.exec(remote.description ?? "");
    if (Number(sized?.[1] ?? 0) > (subtype === "typedarray" ? MOST_BYTES : MOST_NODES))
      return other(`${shortly(remote)}, too large to be read`);
    const { own, internal } = await this.#members(remote.objectId);
    const read = (each: Remote): Promise<Read> => this.#value(each, budget, depth + 1);
    const indexed = own.filter(({ name }) => /^\d+$/.test(name));
    if (subtype === "typedarray" && /^(Buffer|Uint8Array)$/.test(className)) return bytes(indexed);
    if (subtype === "array" || subtype === "typedarray") {
      const length = Number(own.find(({ name }) => name === "length")?.value?.value ?? indexed.length);
      const items: Read[] = Array.from({ length }, () => ({ is: "undefined" }));
      for (const property of indexed) items[Number(property.name)] = await this.#property(property, read);
      return { is: "array", items };
    }
    if (subtype === "map" || subtype === "set") {
      const entries: [Read, Read][] = [];
      for (const entry of await this.#entries(internal)) {
        const parts = new Map((await this.#members(entry)).own.map(({ name, value }) => [name, value]));
        const [key, value] = [parts.get("key"), parts.get("value")];
        entries.push([key ? await read(key) : null, value ? await read(value) : null]);
      }
      if (subtype === "map") return { is: "map", entries };
      return { is: "set", items: entries.map(([, value]) => value) };
    }
    const entries: [string, Read][] = [];
    for (const property of own) {
      if (property.symbol || !property.enumerable || budget.nodes < 0) continue;
      entries.push([this.#text(property.name, budget), await this.#property(property, read)]);
    }
    if (subtype !== "error") return { is: "object", name: className.slice(0, 200), entries };
    const message = own.find(({ name }) => name === "message")?.value?.value;
    const text = this.#text(typeof message === "string" ? message : "", budget);
    return { is: "error", name: className.slice(0, 200), message: text, entries };
  }

  #text(text: string, budget: Budget): string {
    budget.characters -= text.length;
    return budget.characters < 0 ? text.slice(0, 100) : text;
  }

  async #property(
    { value }: Runtime.PropertyDescriptor,
    read: (each: Remote) => Promise<Read>,
  ): Promise<Read> {
    return value ? await read(value) : other("getter");
  }

  async #members(
    objectId: string,
  ): Promise<{ own: Runtime.PropertyDescriptor[]; internal: Runtime.InternalPropertyDescriptor[] }> {
    const answer = await this.#post<Runtime.GetPropertiesReturnType>("Runtime.getProperties", {
      objectId,
      ownProperties: true,
    });
    return { own: answer?.result ?? [], internal: answer?.internalProperties ?? [] };
  }

  /** Objects with `key` and `value`, which the inspector makes of a map or a set. */
  async #entries(internal: Runtime.InternalPropertyDescriptor[]): Promise<string[]> {
    const list = internal.find(({ name }) => name === "[[Entries]]")?.value?.objectId;
    if (list === undefined) return [];
    const { own } = await this.#members(list);
    return own.flatMap(({ name, value }) => (/^\d+$/.test(name) && value?.objectId ? [value.objectId] : []));
  }
}

function bytes(elements: Runtime.PropertyDescriptor[]): Read {
  return {
    is: "bytes",
    base64: Buffer.from(elements.map(({ value }) => Number(value?.value))).toString("base64"),
  };
}

const other = (text: string): Read => ({ is: "other", text });

function shortly(remote: Remote): string {
  return (remote.description ?? String(remote.value ?? remote.type)).slice(0, 1000);
}
