import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { labPort } from "../../../kernel-helpers/host/index.js";
import { dist } from "../../places.js";

let folder: string;
let printed: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, folder);
  vi.stubEnv("WIREBOOK_PORT_BASE", undefined);
  vi.stubEnv("WIREBOOK_PORT_COUNT", undefined);
  vi.stubEnv("JUPYTERHUB_USER", undefined);
  printed = [];
  vi.spyOn(console, "log").mockImplementation((line) => void printed.push(line));
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

test("on one's own machine the number of the sheet is the port", () => {
  expect(labPort(12345)).toBe(12345);
  expect(printed).toEqual([]);
});

test("a base moves all ports, always to the same places, and that is said once", () => {
  vi.stubEnv("WIREBOOK_PORT_BASE", "30000");
  const port = labPort(12346);
  expect(port).toBeGreaterThanOrEqual(30_000);
  expect(port).toBeLessThan(30_500);
  expect(labPort(12346)).toBe(port);
  expect(printed).toEqual([`12346 → ${port}`]);
});

test("where a hub gives each user a base and a count, no two users get the same port, and neighbours in the sheet do not meet", () => {
  vi.stubEnv("WIREBOOK_PORT_COUNT", "20");
  const ports = ["10000", "10020", "10040"].flatMap((base) => {
    vi.stubEnv("WIREBOOK_PORT_BASE", base);
    const own = Array.from({ length: 20 }, (_, at) => labPort(12_345 + at));
    for (const port of own) {
      expect(port).toBeGreaterThanOrEqual(Number(base));
      expect(port).toBeLessThan(Number(base) + 20);
    }
    return own;
  });
  expect(new Set(ports).size).toBe(60);
});

test("on a hub each user has a free port of their own, the same in all notebooks", async () => {
  const ask = (user: string): number =>
    Number(
      execFileSync(
        process.execPath,
        [
          "-e",
          `import(${JSON.stringify(join(dist, "helpers/host/index.js"))}).then(({ labPort }) => labPort(12347))`,
        ],
        { env: { ...process.env, JUPYTERHUB_USER: user }, encoding: "utf8" },
      ).match(/^12347 → (\d+)$/m)?.[1],
    );
  const ada = ask("ada");
  expect(ada).toBeGreaterThanOrEqual(20_000);
  expect(ask("ada")).toBe(ada);
  expect(ask("ben")).not.toBe(ada);
  // Somebody else has it already: the next free one is chosen, and stays chosen.
  rmSync(folder, { recursive: true });
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(ada, resolve));
  const chosen = ask("ada");
  other.close();
  expect(chosen).toBeGreaterThan(ada);
  expect(ask("ada")).toBe(chosen);
});

test.each([0, 65_536, 1.5, Number.NaN, "80" as never])("%j is no port", (label) => {
  expect(() => labPort(label)).toThrow("a port is a whole number from 1 to 65535");
});

test.each(["80", "65001", "soon"])("a base of %j is refused", (base) => {
  vi.stubEnv("WIREBOOK_PORT_BASE", base);
  expect(() => labPort(5)).toThrow(
    `WIREBOOK_PORT_BASE is "${base}"; it takes a whole number from 1024 to 65000`,
  );
});

test.each(["0", "many"])("a count of %j is refused", (count) => {
  vi.stubEnv("WIREBOOK_PORT_BASE", "30000");
  vi.stubEnv("WIREBOOK_PORT_COUNT", count);
  expect(() => labPort(5)).toThrow(
    `WIREBOOK_PORT_COUNT is "${count}"; it takes a whole number from 1 to 10000`,
  );
});
