// What is in an object, a list or a map. Getters are not called unless one asks for their value, long lists come in ranges.
import type { Runtime } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { describe } from "./describe.js";
import { DebugProblem, type Inspector } from "./inspector.js";
import { type Held, IDENTIFIER, messageOf, type Variables } from "./variables.js";

type Remote = Runtime.RemoteObject;
type Property = Runtime.PropertyDescriptor;

/** What of a list is shown at once. */
export const MOST_SHOWN = 100;

export class Contents {
  readonly #inspector: Inspector;
  readonly #variables: Variables;

  constructor(inspector: Inspector, variables: Variables) {
    this.#inspector = inspector;
    this.#variables = variables;
  }

  async object(
    { objectId, path, plain }: Extract<Held, { kind: "object" }>,
    namedOnly: boolean,
  ): Promise<DebugProtocol.Variable[]> {
    const { length } = await this.#size(objectId);
    if (length > MOST_SHOWN && !namedOnly) {
      const step = MOST_SHOWN ** Math.max(1, Math.ceil(Math.log(length) / Math.log(MOST_SHOWN)) - 1);
      return this.#ranges({ objectId, path }, 0, length, step);
    }
    const { properties, internal } = await this.properties(objectId, true);
    const entries = internal.find(({ name }) => name === "[[Entries]]")?.value;
    const shown = properties
      .filter(
        ({ name, enumerable }) => !(namedOnly && /^\d+$/.test(name)) && (enumerable || name !== "length"),
      )
      .map((property) => this.#property(property, objectId, path));
    if (entries?.objectId) shown.push(...(await this.#entries(entries.objectId)));
    for (const { name, value } of internal)
      if (value && !/^\[\[(Entries|Prototype|FunctionLocation|Scopes|.*Data)\]\]$/.test(name))
        shown.push(this.#variables.toVariable(name, value));
    if (!plain) shown.push(...(await this.#inherited(objectId, properties)));
    return shown;
  }

  /** A list that is too long to be shown at once. */
  #ranges(
    of: { objectId: string; path?: string | undefined },
    start: number,
    end: number,
    step: number,
  ): DebugProtocol.Variable[] {
    const parts: DebugProtocol.Variable[] = [];
    for (let from = start; from < end; from += step) {
      const to = Math.min(from + step, end);
      const variablesReference = this.#variables.hold({ kind: "range", ...of, start: from, end: to });
      parts.push({ name: `[${from}…${to - 1}]`, value: "", variablesReference });
    }
    return parts;
  }

  async range(
    of: { objectId: string; path?: string | undefined },
    start: number,
    end: number,
  ): Promise<DebugProtocol.Variable[]> {
    if (end - start > MOST_SHOWN * MOST_SHOWN)
      return this.#ranges(of, start, end, (end - start) / MOST_SHOWN);
    if (end - start > MOST_SHOWN) return this.#ranges(of, start, end, MOST_SHOWN);
    const { result } = await this.#inspector.call("Runtime.callFunctionOn", {
      objectId: of.objectId,
      // A copy of the descriptors, so that getters stay what they are.
      functionDeclaration: `function(start, end) {
        const part = {};
        for (let i = start; i < end; i++) {
          const found = Object.getOwnPropertyDescriptor(this, i);
          if (found) Object.defineProperty(part, i, found);
        }
        return part;
      }`,
      arguments: [{ value: start }, { value: end }],
      objectGroup: this.#variables.group,
      silent: true,
    });
    if (!result.objectId) return [];
    const { properties } = await this.properties(result.objectId, true);
    return properties.map((property) => this.#property(property, of.objectId, of.path));
  }

  /** Of a Map or a Set. */
  async #entries(objectId: string): Promise<DebugProtocol.Variable[]> {
    const { length } = await this.#size(objectId);
    if (length > MOST_SHOWN) return this.#ranges({ objectId }, 0, length, MOST_SHOWN);
    const { properties } = await this.properties(objectId, true);
    const shown: DebugProtocol.Variable[] = [];
    for (const { name, value } of properties) {
      if (!/^\d+$/.test(name) || !value) continue;
      if (!value.objectId || value.subtype !== "internal#entry") {
        shown.push(this.#variables.toVariable(name, value));
        continue;
      }
      const pair = (await this.properties(value.objectId, true)).properties;
      const [key, one] = ["key", "value"].map((part) => pair.find((other) => other.name === part)?.value);
      if (one && key) shown.push({ ...this.#variables.toVariable(describe(key), one) });
      else if (one) shown.push(this.#variables.toVariable(name, one));
    }
    return shown;
  }

  /** Getters of its classes: a socket's address is one. */
  async #inherited(objectId: string, own: Property[]): Promise<DebugProtocol.Variable[]> {
    const { result = [] } = await this.#inspector.call("Runtime.getProperties", {
      objectId,
      ownProperties: false,
      accessorPropertiesOnly: true,
    });
    const names = new Set(own.map(({ name }) => name));
    return result
      .filter(
        ({ name, get, isOwn }) =>
          !isOwn && get && !/^_/.test(name) && IDENTIFIER.test(name) && !names.has(name),
      )
      .map(({ name }) => this.#lazy(name, objectId));
  }

  #property(
    { name, value, get, symbol }: Property,
    objectId: string,
    path: string | undefined,
  ): DebugProtocol.Variable {
    if (!value) {
      if (get?.type === "function" && !symbol) return this.#lazy(name, objectId);
      return { name, value: "(no getter)", variablesReference: 0 };
    }
    const key = /^\d+$/.test(name)
      ? `[${name}]`
      : IDENTIFIER.test(name)
        ? `.${name}`
        : `[${JSON.stringify(name)}]`;
    return this.#variables.toVariable(name, value, path !== undefined && !symbol ? path + key : undefined);
  }

  #lazy(name: string, objectId: string): DebugProtocol.Variable {
    const variablesReference = this.#variables.hold({ kind: "getter", objectId, name });
    return { name, value: "(…)", variablesReference, presentationHint: { lazy: true } };
  }

  /** Calls a getter, for somebody who asked for it. Only what is evaluated can be ended in time. */
  async get({ objectId, name }: Extract<Held, { kind: "getter" }>): Promise<Remote> {
    await this.#inspector.call("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: "function() { __wirebook.take(this); }",
      silent: true,
    });
    const { result, exceptionDetails } = await this.#inspector.call("Runtime.evaluate", {
      expression: `__wirebook.taken()[${JSON.stringify(name)}]`,
      objectGroup: this.#variables.group,
      generatePreview: true,
      silent: true,
      timeout: 500,
    });
    if (exceptionDetails) throw new DebugProblem(messageOf(exceptionDetails));
    return result;
  }

  async #size(objectId: string): Promise<{ length: number }> {
    const { result } = await this.#inspector.call("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration:
        "function() { return Array.isArray(this) || ArrayBuffer.isView(this) ? this.length ?? 0 : 0; }",
      returnByValue: true,
      throwOnSideEffect: true,
      silent: true,
    });
    return { length: Number(result.value) || 0 };
  }

  async properties(
    objectId: string,
    ownProperties: boolean,
  ): Promise<{ properties: Property[]; internal: Runtime.InternalPropertyDescriptor[] }> {
    const answer = await this.#inspector.call("Runtime.getProperties", {
      objectId,
      ownProperties,
      generatePreview: true,
    });
    const hidden =
      (answer as { privateProperties?: { name: string; value?: Remote }[] }).privateProperties ?? [];
    const fields = hidden.map(
      ({ name, value }): Property => ({
        name,
        ...(value && { value }),
        configurable: false,
        enumerable: true,
      }),
    );
    return { properties: [...answer.result, ...fields], internal: answer.internalProperties ?? [] };
  }
}
