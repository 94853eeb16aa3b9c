/**
 * `wirebook/middleware/experiments`: what does a middleware hide? One experiment for each transparency, made with any design that implements a
 * small interface.
 *
 * ```ts
 * import { type Design, experiments, ours, plain } from 'wirebook/middleware/experiments';
 * class Mine implements Design { … }
 * await experiments({ 'plain WebSockets': plain, mine: () => new Mine(), 'wirebook/middleware': ours });
 * ```
 * @module
 */
import { host } from "../../host-contract.js";
import { LiveOutput } from "../../serve/live-output.js";
import type { Design } from "./design.js";
import { access } from "./kinds/access.js";
import { failure, persistence, replication } from "./kinds/faults.js";
import { concurrency, scaling } from "./kinds/load.js";
import { location, migration, relocation } from "./kinds/places.js";
import { transaction } from "./kinds/transaction.js";
import { Network } from "./network.js";
import type { Experiment, Observed } from "./observed.js";
import { type Finding, Results } from "./results.js";
import { DesignFailed, inLine, Site } from "./site.js";

export type { Call, Design, Host, Service, Step } from "./design.js";
export type { Check, Verdict } from "./observed.js";
export { ours } from "./ours.js";
export { plain } from "./plain.js";
export type { Finding, Results } from "./results.js";

/** Kinds of transparency, as RM-ODP (ISO/IEC 10746-3) calls them; concurrency and scaling are ANSA's. */
export type Kind =
  | "access"
  | "location"
  | "migration"
  | "relocation"
  | "replication"
  | "failure"
  | "persistence"
  | "concurrency"
  | "scaling"
  | "transaction";

const EXPERIMENTS: Readonly<Record<Kind, { hides: string; run: Experiment }>> = {
  access: { hides: "how values look, and how calls are made, elsewhere", run: access },
  location: { hides: "where an object is", run: location },
  migration: { hides: "that an object was moved", run: migration },
  relocation: { hides: "that an object moves while it is in use", run: relocation },
  replication: { hides: "that there are copies of it", run: replication },
  failure: { hides: "that something breaks, and is mended", run: failure },
  persistence: { hides: "that an object ended, and was made again", run: persistence },
  concurrency: { hides: "that others use it at the same time", run: concurrency },
  scaling: { hides: "that more hosts do more work", run: scaling },
  transaction: { hides: "that several objects change one by one", run: transaction },
};

/** Experiments that run side by side, each with a network of its own. */
const TOGETHER = 5;

export interface ExperimentsOptions {
  /** Only these; all where it is left out. */
  only?: readonly Kind[];
}

/**
 * Makes the experiments with each of these designs, on WebSockets of this machine, and tells what each hides: a table. A design that fails,
 * hangs or answers wrongly is told so in its row; whatever it opened is closed afterwards.
 * @param designs what makes one, by the names that the table shall have; each experiment gets a new one
 * @throws RangeError for a kind that there is not
 */
export async function experiments(
  designs: Readonly<Record<string, () => Design>>,
  { only = Object.keys(EXPERIMENTS) as Kind[] }: ExperimentsOptions = {},
): Promise<Results> {
  const unknown = only.find((kind) => !Object.hasOwn(EXPERIMENTS, kind));
  if (unknown !== undefined)
    throw new RangeError(
      `there is no experiment ${JSON.stringify(unknown)}. There are: ${Object.keys(EXPERIMENTS).join(", ")}`,
    );
  const findings: Finding[] = [];
  const kinds = Object.fromEntries(only.map((kind) => [kind, EXPERIMENTS[kind].hides]));
  const cell = host()?.cell();
  // The cell that made the experiments shows them already, from the first row on.
  const results = new Results(kinds, Object.keys(designs), findings, {
    isShown: () => cell !== undefined && host()?.cell() === cell,
  });
  const ended = { "text/plain": "(the engine has ended, and the experiments with it)" };
  const live = cell && new LiveOutput(() => results.bundle(), ended);
  live?.show();
  const interrupted = host()?.signal();
  const waiting = Object.entries(designs).flatMap(([design, make]) =>
    only.map((kind) => ({ design, make, kind })),
  );
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !interrupted?.aborted; next = waiting.shift()) {
      const { design, make, kind } = next;
      findings.push({ kind, design, ...(await experiment(kind, make)) });
      live?.update();
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  live?.renew();
  return results;
}

/** One experiment with one design, and everything closed after it. */
async function experiment(kind: Kind, make: () => Design): Promise<Omit<Finding, "kind" | "design">> {
  const began = performance.now();
  const network = new Network();
  return await network.run(async () => {
    let observed: Observed;
    let troubles: string[] = [];
    let site: Site | undefined;
    try {
      site = new Site(make(), network);
      observed = await EXPERIMENTS[kind].run(site);
      if (network.connections === 0 && observed.verdict !== "not")
        observed = failed("Nothing went over a connection: on two computers this would not work.");
    } catch (error) {
      const cause = error instanceof DesignFailed && error.cause ? error.cause : error;
      const isOpen = cause instanceof Error && cause.name === "NotAnswered";
      observed = failed(isOpen ? "Not answered yet." : `${inWords(error)}.`);
    } finally {
      troubles = (await site?.end()) ?? [];
      if (!site) network.clear();
    }
    return { ...observed, troubles, ms: performance.now() - began };
  });
}

const failed = (evidence: string): Observed => ({ verdict: "not", evidence, checks: [] });

const inWords = (error: unknown): string => (error instanceof DesignFailed ? error.message : inLine(error));
