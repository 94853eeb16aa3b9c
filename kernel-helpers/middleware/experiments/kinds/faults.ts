// Failure, persistence, replication, transaction: what comes through to the caller when something breaks or ends?

import { setTimeout as pause } from "node:timers/promises";
import type { Call, Host } from "../design.js";
import { byChecks, check, counter, type Experiment } from "../observed.js";
import { type Attempt, DesignFailed, short } from "../site.js";

const seconds = (ms: number): string => (ms < 100 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);
const than = (value: unknown, before: number): string =>
  Number(value) === before ? `${before}, as before` : `${String(value)} instead of ${before}`;
const BOOKINGS = 10;

export const failure: Experiment = async (site) => {
  const host = await site.host();
  /** How often each booking was made. */
  const made = new Map<number, number>();
  await site.offer(host, "bookings", () =>
    counter(0, () => ({
      book: (number) => {
        const times = (made.get(Number(number)) ?? 0) + 1;
        made.set(Number(number), times);
        // Done, but not yet told.
        if (times === 1) site.network.cut();
        return Number(number);
      },
    })),
  );
  const call = await site.client("bookings", host);
  await site.answer(call, "add", 1);
  site.network.cut();
  await pause(20);
  const idle = await site.attempt(call, "add", 1);
  // Where that was too much already, another client has its chance.
  const next = idle.why === undefined ? call : await site.client("bookings", host);
  const booked: Attempt[] = [];
  for (let number = 0; number < BOOKINGS; number++) {
    booked.push(await site.attempt(next, "book", number));
    if (booked.at(-1)?.why !== undefined) break;
  }
  const unanswered = booked.find(({ why }) => why !== undefined);
  const done = made.get(booked.length - 1) ?? 0;
  const twice = [...made.values()].filter((times) => times > 1).length;
  await site.stop(host);
  const gone = await site.attempt(next, "add", 1);
  const checks = [
    check(
      "a connection is cut while nothing is said: the client can go on",
      idle.why === undefined,
      idle.why ?? "it was answered",
    ),
    check(
      "a connection is cut when the work is done, but not yet told: the client is answered",
      unanswered === undefined,
      unanswered?.why ?? `${booked.length} of ${BOOKINGS} calls were answered`,
    ),
    check(
      "and the work is done once",
      unanswered === undefined && twice === 0,
      unanswered
        ? `the client cannot know; it was done ${done === 1 ? "once" : `${done} times`}`
        : `${twice} of ${made.size} were done more than once`,
    ),
    check(
      "the only host is gone: the client does not notice",
      gone.why === undefined,
      gone.why ?? "it was answered",
    ),
  ];
  return {
    verdict: byChecks(checks),
    evidence: [
      unanswered
        ? `The connection breaks between work and answer: “${short(unanswered.why ?? "")}”, and the work was ${done === 0 ? "not done" : done === 1 ? "done" : `done ${done} times`}.`
        : `The connection breaks between work and answer, ${BOOKINGS} times: all answered, ${twice === 0 ? "the work done once each" : `but the work done twice ${twice} times`}.`,
      ...(gone.why === undefined
        ? []
        : [`The only host is gone: “${short(gone.why)}”, after ${seconds(gone.ms)}.`]),
    ].join(" "),
    checks,
  };
};

export const persistence: Experiment = async (site) => {
  const first = await site.host();
  await site.offer(first, "counter", counter);
  const call = await site.client("counter", first);
  await site.answer(call, "add", 7);
  await site.stop(first);
  const second = await site.host();
  await site.offer(second, "counter", counter);
  const same = await site.attempt(call, "value");
  const fresh =
    same.why === undefined
      ? same
      : await site.client("counter", second).then(
          (one) => site.attempt(one, "value"),
          (error: Error): Attempt => {
            if (!(error instanceof DesignFailed)) throw error;
            return { value: undefined, why: error.message, ms: 0 };
          },
        );
  const kept = fresh.why === undefined && Number(fresh.value) === 7;
  const checks = [
    check("the same client can go on", same.why === undefined, same.why ?? "it was answered"),
    check("the state is still there", kept, fresh.why ?? `it was 7, and is ${String(fresh.value)}`),
  ];
  return {
    verdict: byChecks(checks),
    evidence: `The host ended, and another one began: ${
      same.why === undefined
        ? `the same client reads ${than(same.value, 7)}.`
        : fresh.why === undefined
          ? `“${short(same.why)}”, and who connects anew reads ${than(fresh.value, 7)}.`
          : `nobody can be asked any more: “${short(fresh.why)}”.`
    }`,
    checks,
  };
};

const READERS = 3;
const READS = 10;

export const replication: Experiment = async (site) => {
  const hosts: Host[] = [];
  /** Which host answered last, and which ones have at all. */
  let last: Host | undefined;
  const answered = new Set<Host>();
  for (let number = 0; number < 3; number++) {
    const host = await site.host();
    hosts.push(host);
    await site.offer(host, "counter", () => {
      const mine = counter();
      const { value } = mine;
      return {
        ...mine,
        value: () => {
          last = host;
          answered.add(host);
          return value?.();
        },
      };
    });
  }
  const call = await site.client("counter", hosts[0]);
  await site.answer(call, "add", 5);
  const readers: Call[] = [];
  for (let number = 0; number < READERS; number++) readers.push(await site.client("counter", hosts[number]));
  const reads: Attempt[] = [];
  for (let number = 0; number < READS; number++)
    reads.push(...(await Promise.all(readers.map((reader) => site.attempt(reader, "value")))));
  const right = reads.filter(({ why, value }) => why === undefined && Number(value) === 5).length;
  const spread = answered.size;
  await site.attempt(call, "value");
  if (last) await site.stop(last);
  const after = await site.attempt(call, "value");
  const kept = after.why === undefined && Number(after.value) === 5;
  const checks = [
    check(
      "all copies say the same",
      right === reads.length,
      `${right} of ${reads.length} reads after the change saw it`,
    ),
    check("several hosts answer", spread > 1, `${spread} of 3 hosts answered`),
    check(
      "one of them is gone: the client does not notice",
      kept,
      after.why ?? `after ${seconds(after.ms)} it reads ${String(after.value)}, and it was 5`,
    ),
  ];
  return {
    verdict: kept && right === reads.length ? byChecks(checks) : kept ? "partly" : "not",
    evidence: `One of three hosts is gone: ${
      after.why === undefined
        ? `another answers after ${seconds(after.ms)} with ${than(after.value, 5)}.`
        : `“${short(after.why)}”.`
    } Before, ${right} of ${reads.length} reads saw the last change, from ${spread === 1 ? "one host" : `${spread} hosts`}.`,
    checks,
  };
};
