// What a call costs does not grow with the number of nodes.
import { expect, test } from "vitest";
import { scale } from "./scale.js";

test("a call among two hundred nodes takes no more messages than among ten, and dead nodes are replaced", async () => {
  const [few, many] = [await scale(10, 1), await scale(200, 1)];
  expect(many.warm.messages / few.warm.messages).toBeLessThan(1.2);
  expect(many.warm.asked / few.warm.asked).toBeLessThan(1.2);
  // Nobody is asked for a list of all nodes.
  expect(many.cold.messages).toBeLessThan(30);
  expect(many.heal).toBeLessThan(3000);
}, 60_000);
