// What callers saw of a register and of a counter among trouble in simulated networks, judged by porcupine.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COUNTER, REGISTER, type Subject } from "../simulation/callers.js";
import type { Seen } from "../simulation/history.js";
import { GALE, weather } from "../simulation/storm.js";
import { verdicts as ask, go, type Kind, makeJudge } from "./judge.js";

const SEEDS = Number(process.env.WIREBOOK_SEEDS ?? 15);

describe.skipIf(go === undefined)("porcupine (only where Go is)", () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-porcupine-"));
  let program = "";
  const verdicts = (histories: { kind: Kind; calls: readonly Seen[] }[]): Promise<string[]> =>
    ask(program, histories);
  beforeAll(() => {
    program = makeJudge(folder);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

  test.each<[Kind, Subject]>([
    ["register", REGISTER],
    ["counter", COUNTER],
  ])(
    `a %s among trouble is linearizable (${SEEDS} seeds)`,
    async (kind, subject) => {
      const histories: { kind: Kind; calls: Seen[] }[] = [];
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
