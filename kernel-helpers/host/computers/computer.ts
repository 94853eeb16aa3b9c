// One computer: code and commands run on it, and it tells what it knows of its network.
import { inspect } from "node:util";
import { type NeighbourAddress, neighboursBy } from "../arp.js";
import { type Interface, interfaceTable } from "../interfaces.js";
import { type PingOptions, pingBy, type Reply } from "../ping.js";
import { type Ask, ProgramMissing } from "../programs.js";
import { type Route, routesBy } from "../route.js";
import { type TableDisplay, tableBundle } from "../table.js";
import { Agent, type CallOptions } from "./agent.js";
import type { Ground, Site } from "./ground.js";
import type { Ended, RemoteError } from "./messages.js";
import { inNotebook, toError } from "./remote-error.js";
import { CapturedVariables, pack } from "./travel.js";

export { CapturedVariables };

export interface ExecOptions {
  /** Seconds that the command may take. */
  timeout?: number;
}

export class Computer implements AsyncDisposable {
  readonly name: string;
  /** IPv4. */
  readonly address: string;
  /** IPv6, where it has one. */
  readonly address6: string | undefined;
  /** What it is made of: a network namespace, another loopback address, a process. */
  readonly kind: Ground["kind"];
  readonly #ground: Ground;
  readonly #agent: Agent;

  /** @internal */
  constructor(site: Site, ground: Ground) {
    this.name = site.name;
    this.address = site.address;
    this.address6 = site.address6;
    this.kind = ground.kind;
    this.#ground = ground;
    this.#agent = new Agent(site.name, site.enter, () => ground.check?.());
  }

  /** Has something run on it, so that its process is there? */
  get running(): boolean {
    return this.#agent.pid !== undefined;
  }

  /**
   * Runs a function on this computer, and gives what it returns. What it prints stands at this cell, also what its servers and
   * timers print later. Arguments and result are copied (structured clone). It may use its parameters, Node's globals, and
   * imports; other variables of the notebook are not there. `globalThis` is this computer's own, and stays from one call to the next.
   *
   * ```ts
   * const port = await bob.run(async () => {
   *   const { serve } = await import('wirebook/serve');
   *   return (await serve(0, (conn) => conn.sendall('Hello'), { address: '' })).port;
   * });
   * ```
   *
   * @throws CapturedVariables before it starts; TypeError where an argument or the result cannot be copied; what the function throws, as
   * the same class with the property `computer`
   */
  async run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    const options = this.#options();
    const { source, imports, origin } = await pack(
      this.name,
      fn as (...args: never[]) => unknown,
      (names) => this.#agent.call({ type: "unknown", names }, options) as Promise<string[]>,
    );
    return (await this.#agent.call(
      { type: "run", source, imports, args },
      {
        toError: (error) => toError(error, this.name, origin),
        toText: (text) => inNotebook(text, this.name, origin),
      },
    )) as Awaited<R>;
  }

  /**
   * Runs a command on this computer, prints what it prints, and gives that as a text. A text goes to the shell, a list starts a
   * program as it is: `exec("ip addr")`, `exec(["ping", "-c", "1", bob.address])`.
   * @throws ProgramMissing
   */
  async exec(command: string | string[], { timeout = 60 }: ExecOptions = {}): Promise<string> {
    if (command.length === 0)
      throw new TypeError(`${this.name}.exec needs a command: "ip addr", or ["ip", "addr"]`);
    const { output, status, code } = await this.#command(command, timeout * 1000, false);
    const [program = ""] = typeof command === "string" ? command.trim().split(/\s+/) : command;
    // 127 is the shell's word for it.
    if (code !== undefined || (typeof command === "string" && status === 127 && /^[\w.+-]+$/.test(program)))
      throw new ProgramMissing(program);
    if (status === null) console.error(`${this.name}: ended after ${timeout} seconds`);
    else if (status !== 0) console.error(`${this.name}: exit status ${status}`);
    return output;
  }

  /** Its network interfaces, as {@link interfaces} has them. */
  async interfaces(): Promise<Interface[] & TableDisplay> {
    const found = await this.#agent.call(
      {
        type: "run",
        source: "() => process.getBuiltinModule('node:os').networkInterfaces()",
        imports: [],
        args: [],
      },
      this.#options(),
    );
    return interfaceTable(found as Parameters<typeof interfaceTable>[0]);
  }

  /** Its routing table. @see ip-route(8) */
  route(): Promise<Route[] & TableDisplay> {
    return routesBy(this.#ask);
  }

  /** Whom it has met in its network. @see ip-neighbour(8) */
  arp(): Promise<NeighbourAddress[] & TableDisplay> {
    return neighboursBy(this.#ask);
  }

  /** Does another computer, a name or an address answer from here? @throws ProgramMissing */
  ping(to: Computer | string, options: PingOptions = {}): Promise<Reply[] & TableDisplay> {
    return pingBy(this.#ask, typeof to === "string" ? to : to.address, options);
  }

  readonly #ask: Ask = async (command, timeout) => {
    const { stdout, status, code } = await this.#command(command, timeout, true);
    return { stdout, status, ...(code !== undefined && { code }) };
  };

  #command(command: string | string[], timeout: number, quiet: boolean): Promise<Ended> {
    return this.#agent.call(
      { type: "exec", command, quiet, timeout },
      { ...this.#options(), ends: "command" },
    ) as Promise<Ended>;
  }

  #options(): CallOptions {
    return { toError: (error: RemoteError) => toError(error, this.name, undefined) };
  }

  /** Ends all that runs on it. */
  close(): Promise<void> {
    return this.#agent.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal As a row of a table. */
  toRow(): Record<string, string> {
    return { name: this.name, address: this.address, address6: this.address6 ?? "", kind: this.kind };
  }

  toString(): string {
    return [
      `${this.name}: ${[this.address, this.address6].filter(Boolean).join(", ")}; one of the ${this.#ground.made}.`,
      ...this.#ground.limits,
    ].join("\n");
  }
}

Object.defineProperty(Computer.prototype, inspect.custom, {
  value(this: Computer): string {
    return this.toString();
  },
});
Object.defineProperty(Computer.prototype, Symbol.for("Jupyter.display"), {
  value(this: Computer): Record<string, string> {
    return { ...tableBundle([this.toRow()]), "text/plain": this.toString() };
  },
});
