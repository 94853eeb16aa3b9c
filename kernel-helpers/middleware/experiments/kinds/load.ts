// Concurrency and scaling: do many callers matter, and many hosts?

import { setTimeout as pause } from "node:timers/promises";
import type { Call, Service } from "../design.js";
import { byChecks, check, counter, type Experiment } from "../observed.js";
import { type Attempt, type Site, short } from "../site.js";

const CLIENTS = 10;

export const concurrency: Experiment = async (site) => {
  const host = await site.host();
  await site.offer(host, "counter", () => {
    const mine = counter();
    return {
      ...mine,
      // Looks, thinks, and writes down: whoever comes in between is forgotten.
      add: async (by) => {
        const before = Number(mine.value?.());
        await pause(2);
        const after = before + Number(by);
        mine.rehydrate?.(after);
        return after;
      },
    };
  });
  const clients: Call[] = [];
  for (let number = 0; number < CLIENTS; number++) clients.push(await site.client("counter", host));
  const answers = await Promise.all(clients.map((call) => site.attempt(call, "add", 1)));
  const failed = answers.find(({ why }) => why !== undefined);
  const sum = Number(await site.answer(clients[0] as Call, "value"));
  const different = new Set(answers.map(({ value }) => Number(value))).size;
  const checks = [
    check("every client is answered", failed === undefined, failed?.why ?? `all ${CLIENTS}`),
    check("the sum is right", sum === CLIENTS, `${sum}`),
    check("each is told another sum", different === CLIENTS, `${different} different answers`),
  ];
  return {
    verdict: sum === CLIENTS ? byChecks(checks) : "not",
    evidence: failed
      ? `${CLIENTS} clients add 1 at the same time, and one of them gets “${short(failed.why ?? "")}”.`
      : `${CLIENTS} clients add 1 at the same time: the sum is ${sum}, and they were told ${different === 1 ? "all the same" : `${different} different ones`}.`,
    checks,
  };
};

const HOSTS = 4;
const PIECES = 12;

/** Work that each host does piece by piece. */
async function work(
  site: Site,
  name: string,
  hosts: number,
): Promise<{ each: number[]; ms: number; why: string | undefined }> {
  const each: number[] = Array.from({ length: hosts }, () => 0);
  const places = [];
  for (let at = 0; at < hosts; at++) {
    const host = await site.host();
    places.push(host);
    let busy: Promise<unknown> = Promise.resolve();
    const worker = (): Service => ({
      work: () => {
        each[at] = (each[at] ?? 0) + 1;
        busy = busy.then(() => pause(20));
        return busy.then(() => at);
      },
    });
    await site.offer(host, name, worker);
  }
  const call = await site.client(name, places[0]);
  const began = performance.now();
  const pieces: Attempt[] = await Promise.all(
    Array.from({ length: PIECES }, () => site.attempt(call, "work")),
  );
  return { each, ms: performance.now() - began, why: pieces.find(({ why }) => why !== undefined)?.why };
}

export const scaling: Experiment = async (site) => {
  const one = await work(site, "one", 1);
  const many = await work(site, "many", HOSTS);
  const busy = many.each.filter((pieces) => pieces > 0).length;
  const why = one.why ?? many.why;
  const checks = [
    check("every piece of work is done", why === undefined, why ?? `all ${PIECES}, twice`),
    check("new hosts get work, and the client is the same", busy > 1, `${many.each.join(" + ")} pieces`),
    check("all hosts have something to do", busy === HOSTS, `${busy} of ${HOSTS}`),
  ];
  return {
    verdict: busy > 1 ? byChecks(checks) : "not",
    evidence:
      why === undefined
        ? `${PIECES} pieces of work took ${one.ms.toFixed(0)} ms on one host, and ${many.ms.toFixed(0)} ms on ${HOSTS}, of which ${busy === 1 ? "one" : busy} worked.`
        : `Not all work was done: “${short(why)}”.`,
    checks,
  };
};
