// What joins computers: cables that can be cut, a rate, a delay, losses.
import { inspect } from "node:util";
import type { Computer } from "./computer.js";
import { type Cables, type Ground, NotPossible, type Shape, type Shaped } from "./ground.js";
import { closeRelays, type Relay, relay } from "./relay.js";

export class Network implements AsyncDisposable {
  readonly #ground: Ground;
  readonly #computers: Computer[];
  readonly #relay: Relay;
  #shape: Shape = {};
  #shaped: Shaped = {};
  #cut: string[] = [];
  #closed = false;
  #resolveClosed: () => void = () => {};
  /** Resolves when it has closed, for whatever reason. */
  readonly closed: Promise<void> = new Promise((resolve) => {
    this.#resolveClosed = resolve;
  });

  /**
   * @internal
   * @param options.forward makes delay and loss where the ground cannot
   */
  constructor(ground: Ground, computers: Computer[], { forward = relay }: { forward?: Relay } = {}) {
    this.#ground = ground;
    this.#computers = computers;
    this.#relay = forward;
  }

  get kind(): Ground["kind"] {
    return this.#ground.kind;
  }

  /**
   * Cuts cables: nothing gets through, and nobody is told. Without names all of them.
   * @throws NotPossible where there are none
   */
  async cut(...computers: (Computer | string)[]): Promise<void> {
    const names = this.#named(computers);
    await this.#cables("a cable").cut(names);
    this.#cut = [...new Set([...this.#cut, ...names])];
  }

  /** Puts the cables in again. Without names all of them. @throws NotPossible */
  async mend(...computers: (Computer | string)[]): Promise<void> {
    const names = this.#named(computers);
    await this.#cables("a cable").mend(names);
    this.#cut = this.#cut.filter((name) => !names.includes(name));
  }

  /**
   * How fast the way between computers is, and how good; replaces what was there, and `shape({})` takes it back. Says by what
   * it is done. Where the system cannot delay and lose packets (Linux can, where it has netem), that is made by relays: see
   * {@link via}.
   * @returns what each part is done by: `tbf`, `netem`, `relay`
   * @throws RangeError, NotPossible
   * @see tc-tbf(8), tc-netem(8)
   */
  async shape(shape: Shape): Promise<Shaped> {
    check(shape);
    this.#checkOpen();
    const wanted = Object.fromEntries(
      Object.entries(shape).filter(([, value]) => value !== undefined),
    ) as Shape;
    if (wanted.rate !== undefined) this.#cables("a rate");
    await Promise.all(this.#computers.map((computer) => computer.running && computer.run(closeRelays)));
    const done = (await this.#ground.cables?.shape(wanted)) ?? {};
    const left = Object.keys(wanted).filter((key) => !(key in done));
    this.#shape = wanted;
    this.#shaped = { ...done, ...Object.fromEntries(left.map((key) => [key, "relay"])) };
    if (left.length > 0)
      console.log(
        `${left.join(", ")}: ${this.#ground.cables ? "this system has no netem" : `there is no cable between ${this.#ground.made}`}, so relays do it, a port each. Connect to await network.via(computer, port) in place of [computer.address, port].`,
      );
    return this.#shaped;
  }

  /**
   * Where to connect to for a port of a computer: its own address, or that of a relay in front of it where delay and loss need one.
   * @returns address and port
   */
  async via(
    to: Computer,
    port: number,
    { protocol = "tcp" }: { protocol?: "tcp" | "udp" } = {},
  ): Promise<[address: string, port: number]> {
    const { address } = to;
    if (!Object.values(this.#shaped).includes("relay")) return [address, port];
    const { delay = 0, jitter = 0, loss = 0 } = this.#shape;
    return [address, await to.run(this.#relay, { address, port, protocol, delay, jitter, loss })];
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("the network is closed: run the cell again that calls computers()");
    this.#ground.check?.();
  }

  #cables(what: string): Cables {
    this.#checkOpen();
    const { cables, made } = this.#ground;
    if (cables) return cables;
    throw new NotPossible(
      `these computers are ${made}: there is no cable, so none can be cut and none has a rate. ${what} needs network namespaces (Linux)`,
    );
  }

  #named(computers: (Computer | string)[]): string[] {
    const all = this.#computers.map(({ name }) => name);
    if (computers.length === 0) return all;
    return computers.map((one) => {
      const name = typeof one === "string" ? one : one.name;
      if (!all.includes(name))
        throw new TypeError(`no computer is called "${name}"; there are ${all.join(", ")}`);
      return name;
    });
  }

  /** Ends the computers, with all that runs on them. */
  async close(): Promise<void> {
    if (this.#closed) return this.closed;
    this.#closed = true;
    await Promise.all(this.#computers.map((computer) => computer.close()));
    await this.#ground.close();
    this.#resolveClosed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toString(): string {
    const names = this.#computers.map(({ name }) => name).join(", ");
    const { rate, delay, jitter, loss } = this.#shape;
    const by = (key: keyof Shape): string => ` (${this.#shaped[key]})`;
    return [
      `network of ${names}: ${this.#ground.made}`,
      ...(this.#closed ? ["closed"] : []),
      ...(this.#cut.length > 0 ? [`cable cut: ${this.#cut.join(", ")}`] : []),
      ...(rate !== undefined ? [`rate ${rate} bit/s${by("rate")}`] : []),
      ...(delay !== undefined ? [`delay ${delay} ms${by("delay")}`] : []),
      ...(jitter !== undefined ? [`jitter ${jitter} ms${by("jitter")}`] : []),
      ...(loss !== undefined ? [`loss ${loss * 100} %${by("loss")}`] : []),
    ].join("; ");
  }
}

function check({ rate, delay, jitter, loss }: Shape): void {
  const wrong = (name: string, what: string, value: unknown): never => {
    throw new RangeError(`shape: ${name} is ${what}, not ${value}`);
  };
  if (rate !== undefined && !(rate >= 1000 && rate <= 1e11))
    wrong("rate", "bits per second, 1000 to 1e11", rate);
  for (const [name, value] of Object.entries({ delay, jitter }))
    if (value !== undefined && !(value >= 0 && value <= 60_000))
      wrong(name, "milliseconds, 0 to 60000", value);
  if (loss !== undefined && !(loss >= 0 && loss <= 1)) wrong("loss", "a share, 0 to 1", loss);
}

Object.defineProperty(Network.prototype, inspect.custom, {
  value(this: Network): string {
    return `<${this.toString()}>`;
  },
});
