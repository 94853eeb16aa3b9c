// When the memory of messages is given back.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createGiveBack } from "../../src/wire/give-back.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MB = 1024 * 1024;

test("while messages flood, and once nothing moves any more", () => {
  const collect = vi.fn();
  const moved = createGiveBack(collect);
  for (let i = 0; i < 40; i++) {
    moved(MB);
    vi.advanceTimersByTime(100);
  }
  expect(collect).toHaveBeenCalledTimes(6);
  vi.advanceTimersByTime(60_000);
  expect(collect).toHaveBeenCalledTimes(7);
});

test("a few messages are no flood, however far apart, until there are many", () => {
  const collect = vi.fn();
  const moved = createGiveBack(collect);
  for (let i = 0; i < 5; i++) {
    moved(MB);
    vi.advanceTimersByTime(10_000);
  }
  expect(collect).not.toHaveBeenCalled();
  moved(MB);
  vi.advanceTimersByTime(10_000);
  expect(collect).toHaveBeenCalledTimes(2);
});

test("what is no longer needed is collected", async () => {
  vi.useRealTimers();
  const collected = vi.fn();
  const registry = new FinalizationRegistry(collected);
  registry.register({ big: new Uint8Array(8 * MB) }, "big");
  createGiveBack()(6 * MB);
  await vi.waitFor(() => expect(collected).toHaveBeenCalledWith("big"), 5000);
});
