// Ports that are chosen before anybody binds them.
import { expect, test } from "vitest";
import { freePorts } from "../../src/client/free-ports.js";

test("whoever chooses at the same time is given others", async () => {
  const given = await Promise.all(Array.from({ length: 200 }, () => freePorts(5)));
  expect(new Set(given.flat()).size).toBe(1000);
});
