// What many students take is arithmetic on measured figures: these show that it is the right one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { HubFigures } from "../../bench/hub.js";
import { ASSUMED, type HubRun, needs, scaleTables, writeScale } from "../../bench/scale.js";

const figures: HubFigures = {
  users: 40,
  hubMemory: 300,
  serverMemory: 100,
  kernelMemory: 100,
  labMemory: 200,
  hubStart: 0.3,
  serverStart: 3,
  kernelStart: 1.5,
  hubIdle: 0.1,
  serverIdle: 1,
  kernelIdle: 2,
  lab: 6,
  serversPerSecond: 0.5,
};
const run: HubRun = {
  command: "c",
  date: "2026-11-26T12:00:00Z",
  minutes: 3,
  machine: {},
  missing: [],
  runs: [{ ...figures, users: 1, serverMemory: 1000 }, figures],
};

test("a hundred students who are all there take a hundred servers and their kernels", () => {
  const [hundred] = needs(figures);
  expect(hundred).toMatchObject({ students: 100, active: 100, machines: 1, hubs: 1 });
  expect(hundred?.memoryGB).toBeCloseTo((100 * (100 + ASSUMED.kernels * 200)) / 1024);
  expect(hundred?.startCores).toBeCloseTo((100 / 600) * (3 + 2 * 1.5 + 0.3) + 100 * 0.0001);
  expect(hundred?.workCores).toBeCloseTo(100 * (0.005 + 30 / 7200));
});

test("machines are counted by what runs out first, and no machine is filled to the brim", () => {
  const memory = needs({ ...figures, serverMemory: 100_000 })[0];
  expect(memory?.machines).toBe(Math.ceil((memory?.memoryGB as number) / 64 / 0.8));
  const processor = needs({ ...figures, lab: 60_000 })[0];
  expect(processor?.machines).toBe(Math.ceil((processor?.workCores as number) / 16 / 0.8));
});

test("cores that mark are computed from a measured rate, and are said to be missing without one", () => {
  expect(needs(figures, 0.5)[2]?.gradingCores).toBeCloseTo(1_000_000 / (8 * 3600) / 0.5);
  expect(scaleTables(run)).toContain("| cores that mark | not measured | not measured | not measured |");
  expect(scaleTables(run, 0.5)).toContain("One core marks 0.50 submissions a second.");
});

test("the page keeps its words, and gets the tables of the most users between two comments", () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-scale-"));
  const page = join(folder, "scale.md");
  try {
    writeFileSync(page, "before\n<!-- npm run bench -- hub --doc -->\nold\n<!-- to here -->\nafter\n");
    for (let times = 0; times < 2; times++) writeScale(run, scaleTables(run), page);
    const text = readFileSync(page, "utf8");
    expect(text).toMatch(/^before\n[\s\S]*Computed from the column with 40 users[\s\S]*\nafter\n$/);
    expect(text).not.toContain("old");
    expect(JSON.parse(readFileSync(join(folder, "scale.json"), "utf8"))).toEqual(run);
    writeFileSync(page, "nothing\n");
    expect(() => writeScale(run, "", page)).toThrow("no place for tables");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
