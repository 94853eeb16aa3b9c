// Several runs at once, as subshells have them.
import { expect, test } from "vitest";
import { startEngineUnderTest } from "./fixture.js";

test("runs take turns at their awaits, each with its own output, result and error", async () => {
  await using engine = startEngineUnderTest();
  const runs = [1, 2, 3].map((n) =>
    engine.start(
      `for (let i = 0; i < 3; i++) { console.log("${n}:" + i); await new Promise(r => setTimeout(r, 1)) } ${n === 3 ? "throw new Error('three')" : `"value ${n}"`}`,
    ),
  );
  const [one, two, three] = await Promise.all(runs.map(({ done }) => done));
  expect([one?.stdout, two?.stdout, three?.stdout]).toEqual([
    "1:0\n1:1\n1:2\n",
    "2:0\n2:1\n2:2\n",
    "3:0\n3:1\n3:2\n",
  ]);
  expect([one?.value, two?.value, three?.errors]).toEqual(["'value 1'", "'value 2'", ["Error: three"]]);
});

test("two runs that declare the same name at the same time both have it", async () => {
  await using engine = startEngineUnderTest();
  const runs = ["a", "b"].map((text) => engine.start(`let same = "${text}"; same`));
  const ran = await Promise.all(runs.map(({ done }) => done));
  expect(ran.map(({ value }) => value)).toEqual(["'a'", "'b'"]);
  expect((await engine.cell("same")).value).toBe("'b'");
});

test("an interrupt ends all runs: those that wait, the one that holds the thread, and those whose turn has not come", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("let begun = 0; const kept = 'kept'");
  const waiting = engine.start("await new Promise(() => {})");
  const loop = engine.start("console.log('in'); for (;;);");
  const queued = Array.from({ length: 20 }, () => engine.start("begun++; for (;;);"));
  await engine.event((one) => one.type === "stream" && one.run === loop.run, "the beginning of the loop");
  await engine.interrupt();
  const all = await Promise.all([waiting, loop, ...queued].map(({ done }) => done));
  for (const { errors, run } of all)
    expect(errors, `run ${run}`).toEqual([expect.stringMatching(/^Interrupted: /)]);
  // They were asked for before the interrupt, so not one of them is begun.
  expect((await engine.cell("kept + begun")).value).toBe("'kept0'");
});

test("one run is ended alone, where it awaits; a run beside it goes on, and so does its output", async () => {
  await using engine = startEngineUnderTest();
  const beside = engine.start(
    "let more = true; while (more) { console.log('tick'); await new Promise(r => setTimeout(r, 2)) } 'to its end'",
  );
  const doomed = engine.start(
    "console.log('in'); try { await new Promise(() => {}) } finally { console.log('finally') }",
  );
  await engine.event((one) => one.type === "stream" && one.run === doomed.run, "the beginning");
  await engine.ask((id) => ({ type: "interrupt", id, run: doomed.run }));
  expect(await doomed.done).toMatchObject({
    errors: [expect.stringMatching(/^Interrupted: /)],
    stdout: "in\nfinally\n",
  });
  await engine.cell("more = false");
  expect((await beside.done).value).toBe("'to its end'");
});

test("a run that will not end when it is interrupted alone is left behind and says nothing any more", async () => {
  await using engine = startEngineUnderTest();
  const stubborn = engine.start(
    "let turns = 0; console.log('in'); for (;;) { try { turns++; await new Promise(r => setTimeout(r, 1)) } catch {} }",
  );
  await engine.event((one) => one.type === "stream", "the beginning");
  await engine.ask((id) => ({ type: "interrupt", id, run: stubborn.run }));
  expect((await stubborn.done).errors).toEqual([expect.stringMatching(/^Interrupted: /)]);
  const turns = (await engine.cell("turns")).value;
  await engine.cell("await new Promise(r => setTimeout(r, 20))");
  expect((await engine.cell("turns")).value).toBe(turns);
});
