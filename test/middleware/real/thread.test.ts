// The thread that holds a node's lease, and perhaps the registry, ends; the node goes on with another one.
import { rmSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { type Counter, CounterObject, semantics } from "../simulation/counter.js";
import { createSite } from "./processes.js";

test("a node goes on when the thread that keeps its lease and the registry ends", async () => {
  const posted = vi.spyOn(Worker.prototype, "postMessage");
  await using site = await createSite("embedded");
  const node = await site.node({ timeout: 20_000 });
  const [worker] = posted.mock.contexts as [Worker];
  posted.mockRestore();
  await node.export<Counter>("counter", () => new CounterObject(), { semantics });
  const counter = node.bind<Counter>("counter");
  expect(await counter.add(1)).toBe(1);
  const before = node.id;
  await worker.terminate();
  expect(await counter.add(1)).toBe(2);
  await expect.poll(() => node.id, { timeout: 10_000 }).not.toBe(before);
  expect(await counter.value()).toBe(2);
  expect(await counter.add(1)).toBe(3);
});

test("a thread that cannot even begin, since its folder is gone, does not take the process with it", async () => {
  const posted = vi.spyOn(Worker.prototype, "postMessage");
  await using site = await createSite("embedded");
  const node = await site.node({ timeout: 1000 });
  const [worker] = posted.mock.contexts as [Worker];
  posted.mockRestore();
  rmSync(site.folder, { recursive: true });
  await worker.terminate();
  await expect(node.bind<Counter>("counter").add(1)).rejects.toThrow("no answer in time");
});
