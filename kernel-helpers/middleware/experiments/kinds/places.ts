// Location, migration, relocation: does it matter where an object is, and that this changes?

import { setTimeout as pause } from "node:timers/promises";
import type { Service } from "../design.js";
import { byChecks, check, counter, type Experiment, type Observed } from "../observed.js";
import { type Attempt, DesignFailed, short } from "../site.js";

/** Which object is on which host. */
const NAMES = { apple: 0, bread: 1, cheese: 0 };

export const location: Experiment = async (site) => {
  const hosts = [await site.host(), await site.host()];
  for (const [name, at] of Object.entries(NAMES))
    await site.offer(hosts[at] as (typeof hosts)[0], name, () => ({ name: () => name }));
  const checks = [];
  let isAstray = false;
  for (const name of Object.keys(NAMES)) {
    const found = await site.client(name).then(
      (call) => site.attempt(call, "name"),
      (error: unknown) => {
        if (!(error instanceof DesignFailed)) throw error;
        return { value: undefined, why: error.message };
      },
    );
    const held = found.why === undefined && found.value === name;
    // Worse than no answer.
    isAstray ||= found.why === undefined && !held;
    checks.push(
      check(
        `"${name}" is found by its name`,
        held,
        found.why ?? (held ? "it answered" : `${String(found.value)} answered`),
      ),
    );
  }
  const found = checks.filter(({ held }) => held).length;
  const missed = checks.find(({ held }) => !held);
  return {
    verdict: isAstray ? "not" : byChecks(checks),
    evidence: `${found} of 3 objects were found by their names${missed ? `: “${short(missed.saw, 64)}”` : ", on 2 hosts"}.`,
    checks,
  };
};

const immobile = (): Observed => ({
  verdict: "not",
  evidence: "Objects of this design do not move: its hosts have no move().",
  checks: [],
});

export const migration: Experiment = async (site) => {
  const [from, to] = [await site.host(), await site.host()];
  await site.offer(from, "counter", counter);
  const call = await site.client("counter", from);
  await site.answer(call, "add", 1);
  if (!from.move) return immobile();
  await site.move(from, "counter", to);
  const after = await site.attempt(call, "add", 1);
  await site.stop(from);
  const later = await site.attempt(call, "add", 1);
  const held = after.why === undefined;
  const checks = [
    check("the same client can go on", held, after.why ?? "it was answered"),
    check(
      "the state has come along",
      Number(after.value) === 2,
      held ? `1 and 1 is ${String(after.value)}` : "nobody could look",
    ),
    check("also when the old host is gone", later.why === undefined, later.why ?? "it was answered"),
  ];
  return {
    verdict: byChecks(checks),
    evidence: !held
      ? `After the move the client has “${short(after.why ?? "")}”.`
      : Number(after.value) !== 2
        ? `After the move the client is answered, but by an object that began anew: 1 and 1 is ${String(after.value)}.`
        : later.why === undefined
          ? "After the move the same client goes on, with the state, and without the old host."
          : `After the move the same client goes on, until the old host is gone: then “${short(later.why)}”.`,
    checks,
  };
};

/** So many calls before the move, and after it; meanwhile as many as it takes, up to a limit. */
const CALLS = { around: 50, most: 2000 };
/** So many of them at a time. */
const UNDER_WAY = 5;

export const relocation: Experiment = async (site) => {
  const [from, to] = [await site.host(), await site.host()];
  // Of all objects of that name: what was done, in this order.
  const done: number[] = [];
  const list = (): Service => counter(0, () => ({ note: (number) => done.push(Number(number)) }));
  await site.offer(from, "list", list);
  const call = await site.client("list", from);
  await site.answer(call, "value");
  if (!from.move) return immobile();
  const failed: Attempt[] = [];
  let moved: Promise<unknown> | undefined;
  let calls = 0;
  let end = CALLS.most;
  const caller = async (): Promise<void> => {
    while (calls < end) {
      const number = calls++;
      if (number === CALLS.around)
        moved = site
          .move(from, "list", to)
          .catch((error: unknown) => error)
          .finally(() => {
            end = Math.min(end, calls + CALLS.around);
          });
      const answer = await site.attempt(call, "note", number).catch((error: unknown) => {
        // Nobody goes on after that.
        end = 0;
        throw error;
      });
      if (answer.why !== undefined) failed.push(answer);
      await pause(1);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, caller));
  const trouble = await moved;
  if (trouble) throw trouble;
  const missing = calls - new Set(done).size;
  const doubled = done.length - new Set(done).size;
  const inOrder = done.every((number, at) => at === 0 || number > (done[at - 1] as number));
  const checks = [
    check(
      "every call is answered",
      failed.length === 0,
      failed.length === 0 ? `all ${calls}` : `${failed.length} failed; the first: ${failed[0]?.why}`,
    ),
    check("each was done once", missing + doubled === 0, `${missing} not at all, ${doubled} once more`),
    check("in the order of the calls", inOrder, inOrder ? "as they were made" : "not as they were made"),
  ];
  const answered = calls - failed.length;
  return {
    verdict: failed.length > 0 || missing > 0 ? "not" : byChecks(checks),
    evidence:
      failed.length > 0
        ? `The object moved during ${calls} calls, and ${failed.length} ended with “${short(failed[0]?.why ?? "")}”.`
        : `The object moved during ${calls} calls: ${answered} answered, ${
            missing + doubled === 0 ? "each done once" : `${missing} never done, ${doubled} done twice`
          }, ${inOrder ? "in order" : "in another order"}.`,
    checks,
  };
};
