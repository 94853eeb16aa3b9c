// What cells ask: the globals, and `process.stdin` with all that reads it. The test answers as a front end would.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Event } from "../../src/flow.js";
import { type EngineUnderTest, type Ran, startEngineUnderTest } from "./fixture.js";

let engine: EngineUnderTest;
beforeAll(async () => {
  engine = startEngineUnderTest();
  await engine.cell(`import * as readline from "node:readline"; import * as lines from "node:readline/promises";
import { once } from "node:events"; import { promisify } from "node:util"; import { stdin } from "node:process";
const sleep = (ms: number) => new Promise((ok) => setTimeout(ok, ms)); let kept = 7;`);
});
afterAll(() => engine[Symbol.asyncDispose]());

type Call = Extract<Event, { type: "call" }>;
const calls = (run: number): Call[] =>
  engine.events.filter((event) => event.type === "call" && event.run === run) as Call[];
const question = async (run: number, number: number): Promise<Call> => {
  await expect.poll(() => calls(run).length, { timeout: 5000 }).toBeGreaterThanOrEqual(number);
  return calls(run)[number - 1] as Call;
};

/** Runs a cell and answers its questions; `null` is Ctrl-D. */
async function answered(code: string, answers: (string | null)[]): Promise<Ran & { asked: unknown[] }> {
  const { run, done } = engine.start(code, { allowStdin: true });
  for (const [index, value] of answers.entries()) {
    const { id } = await question(run, index + 1);
    engine.process.send({ type: "return", id, value });
  }
  const ran = await done;
  return { ...ran, asked: calls(run).map(({ params }) => params.prompt) };
}

const errorOf = async (run: number): Promise<string> => {
  const event = await engine.event((one) => one.type === "error" && one.run === run, "an error");
  return event.type === "error" ? `${event.error.ename}: ${event.error.evalue}` : "";
};

test("input and getpass give the answer, and only getpass hides it", async () => {
  const { value, asked, run } = await answered("[await input('name? '), await getpass()]", ["Ada", "secret"]);
  expect(value).toBe("[ 'Ada', 'secret' ]");
  expect(asked).toEqual(["name? ", "Password: "]);
  expect(calls(run).map(({ params }) => params.password)).toEqual([false, true]);
});

test("prompt, confirm and alert are those of browsers: null where a question is dismissed, the default for an empty answer", async () => {
  const { value, asked } = await answered(
    "[prompt('a?'), prompt('b?', '80'), prompt('c?'), prompt('d?'), confirm('e?'), confirm('f?'), confirm('g?'), alert('h')]",
    ["x", "", "", null, "y", "no", null, ""],
  );
  expect(value?.replace(/\s+/g, " ")).toBe("[ 'x', '80', '', null, true, false, false, undefined ]");
  expect(asked).toEqual(["a?", "b? [80] ", "c?", "d?", "e? [y/N] ", "f? [y/N] ", "g? [y/N] ", "h [Enter] "]);
});

test("Ctrl-D where an answer is needed is an EOFError", async () => {
  expect((await answered("await input('?')", [null])).errors).toEqual([
    "EOFError: input: the input has ended (Ctrl-D)",
  ]);
});

test("timers and servers go on while input waits, and stand still while prompt does", async () => {
  const setUp = `let ticks = 0; const timer = setInterval(() => { if (++ticks === 3) console.log("three") }, 5);`;
  const { run, done } = engine.start(
    `${setUp} await input(); const then = ticks; clearInterval(timer); then`,
    {
      allowStdin: true,
    },
  );
  await engine.event(
    (event) => event.type === "stream" && event.run === run && event.text === "three\n",
    "ticks",
  );
  engine.process.send({ type: "return", id: (await question(run, 1)).id, value: "" });
  expect(Number((await done).value)).toBeGreaterThanOrEqual(3);
  const still = engine.start(`${setUp} prompt(); const then = ticks; clearInterval(timer); then`, {
    allowStdin: true,
  });
  const { id } = await question(still.run, 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  engine.process.send({ type: "return", id, value: "" });
  expect((await still.done).value).toBe("0");
});

const asking = [
  "await input('?')",
  "await getpass()",
  "prompt('?')",
  "confirm('?')",
  "alert('?')",
  "for await (const line of process.stdin) console.log(String(line))",
  "await once(process.stdin, 'data')",
  "const rl = lines.createInterface({ input: process.stdin }); await rl.question('?')",
  "const rl = readline.createInterface({ input: process.stdin }); await new Promise((ok) => rl.question('?', ok))",
  "const rl = readline.createInterface({ input: process.stdin }); for await (const line of rl) console.log(line)",
];

test.each(asking)("%s: a front end that answers no questions is an error that says so", async (code) => {
  const ran = await engine.cell(code);
  expect(ran.errors[0]).toMatch(
    /this front end does not answer questions; give the value in the cell instead/,
  );
  expect(calls(ran.run)).toEqual([]);
});

test.each(asking)(
  "%s: an interrupt ends the wait, keeps the variables, and the cell can ask again",
  async (code) => {
    const { run, done } = engine.start(code, { allowStdin: true });
    await question(run, 1);
    await engine.interrupt();
    expect((await done).errors).toEqual(["Interrupted: the cell was interrupted; its variables are kept"]);
    // Too late: it must not be taken for the answer to the next question.
    engine.process.send({ type: "return", id: (await question(run, 1)).id, value: "late" });
    expect((await answered("[kept, await input()]", ["on time"])).value).toBe("[ 7, 'on time' ]");
    const again = await answered(code, /for await/.test(code) ? ["again", null] : ["again"]);
    expect(again.status).toBe("ok");
  },
);

test.each([
  ["input", "input('?')"],
  ["getpass", "getpass()"],
  ["prompt", "prompt('?')"],
  ["confirm", "confirm('?')"],
  ["alert", "alert('?')"],
  ["rl.question", "lines.createInterface({ input: process.stdin }).question('?')"],
])("%s in a timer or a server's handler whose cell has ended: no cell is asking", async (name, call) => {
  const words = `Error: ${name}: no cell is asking: Cell [`;
  const timer = await engine.cell(`setTimeout(() => ${call}, 5); 0`, { allowStdin: true });
  expect(await errorOf(timer.run)).toContain(words);
  const server = await engine.cell(
    `import * as net from "node:net"; var server = net.createServer((conn) => { conn.destroy(); ${call} }); await once(server.listen(0, "127.0.0.1"), "listening"); 0`,
    { allowStdin: true },
  );
  // Another cell that could ask is no reason to ask there.
  await engine.cell(
    'net.connect((server.address() as any).port, "127.0.0.1").resume(); await sleep(20); server.close(); 0',
    {
      allowStdin: true,
    },
  );
  expect(await errorOf(server.run)).toContain(`${words}${server.run}] has ended`);
});

test("reading process.stdin in a callback whose cell has ended is that error, too", async () => {
  const { run } = await engine.cell("process.stdin.on('data', () => {}); 0", { allowStdin: true });
  expect(await errorOf(run)).toContain("process.stdin: no cell is asking");
});

test("a question that its cell does not wait for fails when the cell ends", async () => {
  const { run } = await engine.cell("input('?'); await sleep(20); 0", { allowStdin: true });
  expect(calls(run)).toHaveLength(1);
  expect(await errorOf(run)).toMatch(
    /no cell is asking: Cell \[\d+\] has ended before the answer came\. Put await/,
  );
});

// ── process.stdin

test("for await reads process.stdin line by line until Ctrl-D, and asks for no line before the last one is dealt with", async () => {
  const { stdout, asked } = await answered(
    "for await (const line of process.stdin) console.log(JSON.stringify(String(line)), await input('between? ')); console.log('end')",
    ["a", "1", "b", "2", null],
  );
  expect(stdout).toBe('"a\\n" 1\n"b\\n" 2\nend\n');
  expect(asked).toEqual(["", "between? ", "", "between? ", ""]);
});

test("nothing is asked before somebody reads, nor after", async () => {
  const idle = await answered(
    "process.stdin.setEncoding('utf8'); const rl = readline.createInterface({ input: process.stdin }); await sleep(20); 0",
    [],
  );
  expect(idle.asked).toEqual([]);
  const once_ = await answered(
    "const got: string[] = []; process.stdin.once('data', (line) => got.push(String(line))); while (!got.length) await sleep(1); await sleep(20); got",
    ["x"],
  );
  expect(once_.value).toBe("[ 'x\\n' ]");
  const left = await answered("for await (const line of process.stdin) break; await sleep(20); 'left'", [
    "x",
  ]);
  expect([left.value, left.asked]).toEqual(["'left'", [""]]);
});

test("who has listened once can listen again", async () => {
  const { value } = await answered(
    "const heard = []; for (let i = 0; i < 3; i++) { heard.push(String(await once(process.stdin, 'data'))); await sleep(5) } heard",
    ["a", "b", "c"],
  );
  expect(value).toBe("[ 'a\\n', 'b\\n', 'c\\n' ]");
});

test("readline asks its questions at the box, one after the other, callbacks and promises alike", async () => {
  const promised = await answered(
    "const rl = lines.createInterface({ input: stdin, output: process.stdout }); const a = await rl.question('a? '); await sleep(20); const b = await rl.question('b? '); rl.close(); [a, b]",
    ["1", "2"],
  );
  expect([promised.value, promised.asked, promised.stdout]).toEqual(["[ '1', '2' ]", ["a? ", "b? "], ""]);
  const called = await answered(
    "const rl = readline.createInterface(process.stdin); const a = await new Promise((ok) => rl.question('a? ', ok)); const b = await promisify(rl.question).call(rl, 'b? '); rl.close(); [a, b]",
    ["1", "2"],
  );
  expect([called.value, called.asked]).toEqual(["[ '1', '2' ]", ["a? ", "b? "]]);
});

test("an interface that one cell made asks for another", async () => {
  await answered("const shared = lines.createInterface({ input: process.stdin }); 0", []);
  const { value, asked } = await answered("await shared.question('still? ')", ["yes"]);
  expect([value, asked]).toEqual(["'yes'", ["still? "]]);
});

test("readline gives lines as events and as an iterable, with the prompt that it prints", async () => {
  const { stdout, asked } = await answered(
    "const rl = readline.createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' }); rl.prompt(); for await (const line of rl) { if (line === 'quit') break; console.log(line.toUpperCase()); rl.prompt(); } rl.close()",
    ["hello", "quit"],
  );
  expect(stdout).toBe("> HELLO\n> ");
  expect(asked).toEqual(["", ""]);
});

test("Ctrl-D at a question closes the interface and fails the question", async () => {
  const { errors, stdout } = await answered(
    "const rl = lines.createInterface({ input: process.stdin }); rl.on('close', () => console.log('closed')); await rl.question('? ')",
    [null],
  );
  expect([errors, stdout]).toEqual([["EOFError: rl.question: the input has ended (Ctrl-D)"], "closed\n"]);
});

test("a question can be given up by a signal", async () => {
  const { run, done } = engine.start(
    "const rl = lines.createInterface({ input: process.stdin }); await rl.question('? ', { signal: AbortSignal.timeout(5) })",
    { allowStdin: true },
  );
  await question(run, 1);
  expect((await done).errors[0]).toMatch(/^AbortError/);
});

test("a cell that runs again reads anew, also what it imported from node:process, whatever became of the last time", async () => {
  for (const name of ["process.stdin", "input"]) {
    const code = `import { stdin as input } from "node:process"; let all = ""; for await (const part of ${name}) all += part; all`;
    expect((await answered(code, ["a", null])).value).toBe("'a\\n'");
    expect((await answered(code, ["b", "c", null])).value).toBe("'b\\nc\\n'");
  }
});

test("what an earlier cell left listening hears nothing of a later cell's lines", async () => {
  await answered(
    "process.stdin.on('data', (line) => console.log('old', String(line))); await once(process.stdin, 'data'); 0",
    ["x"],
  );
  const { stdout } = await answered("console.log('new', String(await once(process.stdin, 'data')))", ["y"]);
  expect(stdout).toBe("new y\n\n");
  expect(engine.events.filter((event) => event.type === "stream" && event.text.startsWith("old y"))).toEqual(
    [],
  );
});

test("descriptor 0 itself is empty, so a synchronous read ends at once instead of standing still", async () => {
  expect((await answered('import fs from "node:fs"; fs.readFileSync(0, "utf8")', [])).value).toBe("''");
});
