// When the memory of messages is given back.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createGiveBack } from "../../src/wire/give-back.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const KB = 1024;
const MB = 1024 * KB;

test("while messages flood, and once nothing moves any more", () => {
  const collect = vi.fn();
  const { left } = createGiveBack(collect);
  for (let i = 0; i < 40; i++) {
    left(MB);
    vi.advanceTimersByTime(100);
  }
  expect(collect).toHaveBeenCalledTimes(20);
  vi.advanceTimersByTime(60_000);
  expect(collect).toHaveBeenCalledTimes(21);
  expect(collect.mock.calls.flat()).toEqual([...Array(20).fill("all"), "pages"]);
});

test.each(["came", "left"] as const)(
  "of what %s in small messages mostly the nursery is looked at",
  (way) => {
    const collect = vi.fn();
    const giveBack = createGiveBack(collect);
    for (let i = 0; i < 48 * 1024; i++) giveBack[way](KB);
    expect(collect.mock.calls.flat()).toEqual([...Array(7).fill("nursery"), "all"]);
    vi.advanceTimersByTime(500);
    expect(collect).toHaveBeenCalledTimes(9);
    expect(collect).toHaveBeenLastCalledWith("pages");
  },
);

test("a few messages are no flood, however far apart, until there are many", () => {
  const collect = vi.fn();
  const { left } = createGiveBack(collect);
  for (let i = 0; i < 5; i++) {
    left(300 * KB);
    vi.advanceTimersByTime(10_000);
  }
  expect(collect).not.toHaveBeenCalled();
  left(MB);
  vi.advanceTimersByTime(10_000);
  expect(collect).toHaveBeenCalledTimes(2);
});

test.each(["came", "left"] as const)(
  "what is no longer needed is collected, when messages have %s",
  async (way) => {
    vi.useRealTimers();
    const collected = vi.fn();
    const registry = new FinalizationRegistry(collected);
    registry.register({ big: new Uint8Array(8 * MB) }, way);
    createGiveBack()[way](6 * MB);
    await vi.waitFor(() => expect(collected).toHaveBeenCalledWith(way), 5000);
  },
);

test("the memory of a flood that is over is the system's again", async () => {
  vi.useRealTimers();
  const { came } = createGiveBack();
  let flood: unknown[] | undefined = Array.from({ length: 400_000 }, (_, i) => ({
    i,
    text: "x".repeat(30) + i,
    list: [i],
  }));
  const most = process.memoryUsage.rss();
  expect(flood.length).toBe(400_000);
  flood = undefined;
  came(6 * MB);
  await vi.waitFor(() => expect(most - process.memoryUsage.rss()).toBeGreaterThan(50 * MB), 5000);
});
