// What callers saw of a register and of a counter among trouble, judged by porcupine: is there an order of all calls, each within its time, that one
// object could have answered so?
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COUNTER, REGISTER, type Subject } from "../simulation/callers.js";
import type { Seen } from "../simulation/history.js";
import { GALE, weather } from "../simulation/storm.js";

const SEEDS = Number(process.env.WIREBOOK_SEEDS ?? 15);
const go = ["go", "/usr/local/go/bin/go"].find(
  (path) => (path === "go" || existsSync(path)) && spawnSync(path, ["version"]).status === 0,
);

describe.skipIf(go === undefined)("porcupine (only where Go is)", () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-porcupine-"));
  const program = join(folder, "check");
  beforeAll(() => {
    const { status, stderr } = spawnSync(go as string, ["build", "-o", program, "."], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function verdicts(histories: { kind: string; calls: readonly Seen[] }[]): Promise<string[]> {
    const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"], timeout: 120_000 });
    const lines = histories.map(({ kind, calls }) =>
      JSON.stringify({
        kind,
        calls: calls
          .filter(({ isRefused }) => !isRefused)
          .map(({ what, a, b, from, to, value }) => ({
            what,
            a,
            b,
            from,
            ...(Number.isFinite(to) && { to, value }),
          })),
      }),
    );
    child.stdin.end(`${lines.join("\n")}\n`);
    return (await text(child.stdout)).trim().split("\n");
  }

  test("what cannot be is seen", async () => {
    const call = (what: Seen["what"], from: number, to: number, value: number, a = 0): Seen => ({
      ...{ what, from, to, value, a },
    });
    const written = [call("write", 0, 1, 0, 7)];
    expect(
      await verdicts([
        { kind: "register", calls: [...written, call("read", 2, 3, 7)] },
        { kind: "register", calls: [...written, call("read", 2, 3, 0)] },
        // It is under way: both may be.
        { kind: "register", calls: [...written, call("read", 0.5, 0.6, 0)] },
        { kind: "counter", calls: [call("add", 0, 5, 1, 1), call("add", 0, 5, 1, 1)] },
        { kind: "counter", calls: [{ ...call("add", 0, Infinity, 0, 1) }, call("read", 9, 10, 1)] },
      ]),
    ).toEqual(["Ok", "Illegal", "Ok", "Illegal", "Ok"]);
  });

  test.each<[string, Subject]>([
    ["register", REGISTER],
    ["counter", COUNTER],
  ])(
    `a %s among trouble is linearizable (${SEEDS} seeds)`,
    async (kind, subject) => {
      const histories: { kind: string; calls: Seen[] }[] = [];
      for (let seed = 1; seed <= SEEDS; seed++)
        histories.push({ kind, calls: (await weather(seed, GALE, { subject })).history });
      const found = await verdicts(histories);
      expect(
        found.flatMap((verdict, at) => (verdict === "Ok" ? [] : [`seed ${at + 1}: ${verdict}`])),
      ).toEqual([]);
      expect(found).toHaveLength(SEEDS);
    },
    600_000,
  );
});
