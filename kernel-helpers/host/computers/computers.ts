// Computers in a notebook: as much of other computers as this machine allows.
import { host } from "../../host-contract.js";
import { Computer } from "./computer.js";
import { type Ground, type Kind, NotPossible } from "./ground.js";
import { loopbackGround, processGround } from "./loopback.js";
import { namespaceGround } from "./namespaces.js";
import { Network } from "./network.js";

export interface ComputersOptions {
  /** Insists on one kind, and fails where it is not possible. `WIREBOOK_COMPUTERS` does the same. */
  kind?: Kind;
}

/** The computers by their names, and the network that joins them. */
export type Computers<Names extends string> = { readonly [Name in Names]: Computer } & {
  readonly network: Network;
} & AsyncDisposable;

const GROUNDS: Record<Kind, (names: string[]) => Promise<Ground>> = {
  namespace: namespaceGround,
  loopback: loopbackGround,
  process: processGround,
};
/** Names that the value itself needs, or that JavaScript does. */
const TAKEN = ["network", "then", "constructor"];
const MOST = 20;

/**
 * Makes computers, in the best way that this machine allows, and says which: network namespaces with cables (Linux, by root or in a
 * user namespace), else processes with loopback addresses of their own, else mere processes. They are closed by
 * `network.close()`, when the cell runs again, and with the kernel, however that ends.
 *
 * ```ts
 * const { alice, bob, network } = await computers('alice', 'bob');
 * await alice.run(async (address) => { … }, bob.address);
 * ```
 *
 * @param names letters, digits and dashes; the last argument may be options
 * @throws TypeError; NotPossible where the kind that was asked for is not possible, with the reason
 */
export function computers<const Names extends string>(...names: Names[]): Promise<Computers<Names>>;
export function computers<const Names extends string>(
  ...namesAndOptions: [...names: Names[], options: ComputersOptions]
): Promise<Computers<Names>>;
export async function computers(...given: (string | ComputersOptions)[]): Promise<Computers<string>> {
  const last = given.at(-1);
  const options = typeof last === "object" && last !== null ? last : {};
  const names = (options === last ? given.slice(0, -1) : given) as string[];
  checkNames(names);
  const ground = await chooseGround(names, options.kind ?? process.env.WIREBOOK_COMPUTERS);
  const made = ground.sites.map((site) => new Computer(site, ground));
  const network = new Network(ground, made);
  const signal = host()?.signal();
  if (signal?.aborted) {
    await network.close();
    throw signal.reason;
  }
  const disown = host()?.own(network, { name: `the computers ${names.join(", ")}` });
  if (disown) void network.closed.then(disown);
  console.log(
    `${made.map(({ name, address }) => `${name} ${address}`).join(", ")}: ${[`${ground.made}.`, ...ground.limits].join(" ")}`,
  );
  return {
    ...Object.fromEntries(made.map((computer) => [computer.name, computer])),
    network,
    [Symbol.asyncDispose]: () => network.close(),
  } as unknown as Computers<string>;
}

function checkNames(names: unknown[]): asserts names is string[] {
  if (names.length === 0) throw new TypeError(`computers needs names: computers("alice", "bob")`);
  if (names.length > MOST)
    throw new RangeError(`${names.length} computers are too many; it makes up to ${MOST}`);
  for (const [index, name] of names.entries()) {
    if (typeof name !== "string" || !/^[a-z][a-z\d-]{0,30}$/i.test(name))
      throw new TypeError(
        `${JSON.stringify(name)} is no name for a computer: a letter, then letters, digits, dashes`,
      );
    if (TAKEN.includes(name)) throw new TypeError(`"${name}" cannot be a computer's name`);
    if (names.indexOf(name) < index) throw new TypeError(`there are two computers called "${name}"`);
  }
}

/** The first that works here, or the one that is asked for. @throws NotPossible */
async function chooseGround(names: string[], wanted: string | undefined): Promise<Ground> {
  if (wanted !== undefined && wanted !== "" && !Object.hasOwn(GROUNDS, wanted))
    throw new TypeError(`"${wanted}" is no kind of computer; there are ${Object.keys(GROUNDS).join(", ")}`);
  const reasons: string[] = [];
  for (const [kind, make] of Object.entries(GROUNDS)) {
    if (wanted && wanted !== kind) continue;
    try {
      const ground = await make(names);
      const better = reasons.map((reason) => `Not possible here: ${reason}.`);
      return { ...ground, limits: [...ground.limits, ...better] };
    } catch (error) {
      if (!(error instanceof NotPossible)) throw error;
      reasons.push(
        `${kind === "namespace" ? "network namespaces" : "loopback addresses"} (${error.message})`,
      );
    }
  }
  throw new NotPossible(`Not possible here: ${reasons.join("; ")}`);
}
