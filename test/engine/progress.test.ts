import { afterAll, expect, test } from "vitest";
import { type Ran, startEngineUnderTest } from "./fixture.js";

const engine = startEngineUnderTest();
afterAll(() => engine[Symbol.asyncDispose]());

const shown = (ran: Ran): { text: string; update: boolean; id: string | undefined }[] =>
  ran.events.flatMap((event) =>
    event.type === "display"
      ? [
          {
            text: String(event.bundle.data["text/plain"]),
            update: event.update === true,
            id: event.displayId,
          },
        ]
      : [],
  );

test("a loop shows how far it is, at what rate and how long it takes, in one output", async () => {
  const ran = await engine.cell(
    "let sum = 0;\nfor (const x of progress([1, 2, 3, 4], { label: 'adding' })) { sum += x; await new Promise((ok) => setTimeout(ok, 120)); }\nsum",
  );
  expect(ran.value).toBe("10");
  const lines = shown(ran);
  expect(new Set(lines.map(({ id }) => id)).size).toBe(1);
  expect(lines.map(({ update }) => update)).toEqual([false, ...lines.slice(1).map(() => true)]);
  expect(lines[0]?.text).toMatch(/^adding {4}0 % {2}░{30} {2}0\/4 {2}00:00$/);
  expect(lines[1]?.text).toMatch(/25 % {2}█+░+ {2}1\/4 .*\d\.\d\/s {2}00:0\d left$/);
  expect(lines.at(-1)?.text).toMatch(/100 % {2}█{30} {2}4\/4 {2}00:0\d {2}\d\.\d\/s$/);
});

test("without a known total it counts; with `for await` it follows a stream; what is left early says so", async () => {
  const counted = await engine.cell("for (const x of progress((function* () { yield 1; yield 2 })())) {}");
  expect(shown(counted).at(-1)?.text).toMatch(/^2 {2}00:00/);
  const awaited = await engine.cell(
    "const out: number[] = []; for await (const x of progress((async function* () { yield 1; yield 2 })(), { total: 2 })) out.push(x);\nout",
  );
  expect(awaited.value).toBe("[ 1, 2 ]");
  expect(shown(awaited).at(-1)?.text).toContain("100 %");
  const left = await engine.cell("for (const x of progress([1, 2, 3])) if (x === 2) break;");
  expect(shown(left).at(-1)?.text).toMatch(/1\/3 .*stopped$/);
  expect((await engine.cell("progress(5 as any)")).errors[0]).toContain("something to iterate over");
});
