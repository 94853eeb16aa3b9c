// Transaction: do objects on several hosts change together, or not at all?

import type { Call, Service, Step } from "../design.js";
import { byChecks, check, counter, type Experiment } from "../observed.js";
import type { Attempt, Site } from "../site.js";

const HAD = 100;
const step = (name: string, by: number, address: string | undefined): Step => ({
  ...{ name, method: "add", args: [by] },
  ...(address !== undefined && { address }),
});

/** Accounts that know how much they have, whoever can be asked. */
async function accounts(site: Site): Promise<{
  has: { left: number; right: number };
  steps(by: number): Step[];
  left: Call;
  right: Call;
  /** The second account's host is switched off. */
  stop(): Promise<void>;
  close(): void;
}> {
  const has = { left: HAD, right: HAD };
  let isClosed = false;
  const account = (name: keyof typeof has): Service =>
    counter(HAD, (change) => ({
      add: (by) => {
        if (isClosed && name === "right" && Number(by) > 0) throw new RangeError("this account is closed");
        has[name] = change(Number(by));
        return has[name];
      },
    }));
  const [one, other] = [await site.host(), await site.host()];
  await site.offer(one, "left", () => account("left"));
  await site.offer(other, "right", () => account("right"));
  return {
    has,
    steps: (by) => [step("left", -by, one.address), step("right", by, other.address)],
    left: await site.client("left", one),
    right: await site.client("right", other),
    stop: () => site.stop(other),
    close: () => {
      isClosed = true;
    },
  };
}

export const transaction: Experiment = async (site) => {
  const { has, steps, left, right, stop, close } = await accounts(site);
  const all = (): number => has.left + has.right;
  const done = await site.transaction(steps(10));
  if (done === undefined) {
    await site.answer(left, "add", -10);
    await stop();
    const second = await site.attempt(right, "add", 10);
    return {
      verdict: "not",
      evidence: `There is no transaction(). The second host is gone between two calls, and ${all()} of ${2 * HAD} are left.`,
      checks: [check("both accounts change, or none", false, second.why ?? "the second call was answered")],
    };
  }
  const both = has.left === HAD - 10 && has.right === HAD + 10;
  close();
  const refused = await site.transaction(steps(10));
  const afterRefusal = all();
  await stop();
  const cut = await site.transaction(steps(10));
  const saw = (attempt: Attempt | undefined, sum: number): string =>
    `${sum} of ${2 * HAD} are left; ${attempt?.why ?? "the transaction said that all went well"}`;
  const checks = [
    check(
      "all goes well: both change",
      done.why === undefined && both,
      done.why ?? `${has.left} and ${has.right}`,
    ),
    check(
      "the second step is refused: none changes",
      both && refused?.why !== undefined && afterRefusal === 2 * HAD,
      saw(refused, afterRefusal),
    ),
    check(
      "the second host is gone: none changes",
      both && cut?.why !== undefined && all() === 2 * HAD,
      saw(cut, all()),
    ),
  ];
  return {
    verdict: both ? byChecks(checks) : "not",
    evidence: checks.map(({ what, saw: seen }) => `${what.split(":")[0]}: ${seen}`).join(". "),
    checks,
  };
};
