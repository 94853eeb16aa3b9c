import { expect, test } from "vitest";
import type { World } from "../../kernel-helpers/middleware/flow.js";
import { Attention } from "../../kernel-helpers/middleware/wire/attention.js";

/** Says something so often, and hears the answer so many milliseconds later. @returns how often it stayed awake for it */
function talk(times: number, answersAfter: number, attention: Attention, clock: { now: number }): number {
  const before = awake;
  for (let i = 0; i < times; i++) {
    attention.said();
    clock.now += answersAfter;
    attention.heard(clock.now);
    clock.now += 0.01;
  }
  return awake - before;
}

let awake = 0;

function attentive(): [Attention, { now: number }] {
  const clock = { now: 1000 };
  const world = { now: () => clock.now, stayAwake: () => awake++ } as unknown as World;
  return [new Attention(world), clock];
}

test("whoever answers within an instant is waited for awake every time", () => {
  const [attention, clock] = attentive();
  expect(talk(1000, 0.05, attention, clock)).toBe(1000);
});

test("whoever is far away is waited for awake once in 256 messages, and every time when he has come near", () => {
  const [attention, clock] = attentive();
  talk(1000, 20, attention, clock);
  expect(talk(2560, 20, attention, clock)).toBe(10);
  talk(256, 0.05, attention, clock);
  expect(talk(100, 0.05, attention, clock)).toBe(100);
});

test("many messages at once are one instant", () => {
  const [attention, clock] = attentive();
  const before = awake;
  for (let i = 0; i < 128; i++) attention.said();
  attention.heard(clock.now + 0.05);
  expect(awake - before).toBe(1);
});
