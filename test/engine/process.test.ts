import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { expect, test, vi } from "vitest";
import { localAddress, openDoor } from "../../src/engine/door.js";
import { childrenIn, childrenOf, killChildren } from "../../src/engine/interrupt.js";
import { why } from "../../src/engine/process.js";
import { isAlive } from "../places.js";
import { startEngineUnderTest } from "./fixture.js";

async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200 && isAlive(pid); tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return !isAlive(pid);
}

test("however an engine ends, it is said why, and its children go with it", async () => {
  for (const [code, reason] of [
    ["process.kill(process.pid, 'SIGKILL')", /SIGKILL/],
    ["process.abort()", /SIGABRT|exit code/],
    ["const all = []; for (;;) all.push(new Array(1e6).fill({}))", /out of memory/],
  ] as const) {
    await using engine = startEngineUnderTest({ env: { NODE_OPTIONS: "--max-old-space-size=100" } });
    const { value } = await engine.cell(
      'import { spawn } from "node:child_process"; const child = spawn("sleep", ["60"], { stdio: "inherit" }); child.pid',
    );
    engine.start(code).done.catch(() => {});
    expect((await engine.exit).reason).toMatch(reason);
    expect(await gone(Number(value))).toBe(true);
  }
}, 60_000);

test("stopping disposes of what is open, and ends a loop by force", async () => {
  {
    await using engine = startEngineUnderTest();
    await engine.cell("using x = { [Symbol.dispose]() { console.log('disposed') } }");
    await engine.process.stop(5000);
    expect(engine.text(1)).toBe("disposed\n");
    expect(await engine.exit).toMatchObject({ code: 0 });
  }
  await using engine = startEngineUnderTest();
  engine.start("console.log('in'); for (;;);").done.catch(() => {});
  await engine.event((event) => event.type === "stream", "the loop's beginning");
  await engine.process.stop(50);
  expect(await engine.exit).toMatchObject({ signal: "SIGKILL" });
});

test("the secret of the connection is nowhere in the student's environment", async () => {
  await using engine = startEngineUnderTest();
  expect((await engine.cell("Object.keys(process.env).filter(k => /wirebook_engine/i.test(k))")).value).toBe(
    "[]",
  );
  const { stdout } = await engine.cell(
    'import { execSync } from "node:child_process"; console.log(execSync("env").toString().includes("WIREBOOK_ENGINE"))',
  );
  expect(stdout).toBe("false\n");
});

test("a paused reader loses nothing: the code that prints waits, an interrupt ends that wait, and order is kept", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("1");
  engine.process.pause();
  const { done } = engine.start("for (let i = 0; i < 400_000; i++) console.log(String(i).padStart(49))");
  await new Promise((resolve) => setTimeout(resolve, 300));
  engine.process.resume();
  const { stdout, events } = await done;
  expect(stdout.length).toBe(400_000 * 50);
  expect(stdout).toBe(Array.from({ length: 400_000 }, (_, i) => `${String(i).padStart(49)}\n`).join(""));
  expect(events.at(-1)?.type).toBe("done");
  engine.process.pause();
  const flood = engine.start("for (;;) console.log('x'.repeat(1000))");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const interrupted = engine.interrupt();
  engine.process.resume();
  await interrupted;
  expect((await flood.done).errors).toEqual([expect.stringMatching(/^Interrupted/)]);
}, 60_000);

test("one string of ten megabytes, characters of all sizes and a display of a million units arrive whole", async () => {
  await using engine = startEngineUnderTest();
  expect((await engine.cell("console.log('x'.repeat(10_000_000))")).stdout.length).toBe(10_000_001);
  const text = "aé€😀".repeat(100_000);
  expect((await engine.cell("process.stdout.write('aé€😀'.repeat(100_000))")).stdout).toBe(text);
  const { events } = await engine.cell("display({ 'text/plain': 'aé€😀'.repeat(200_000) }, { raw: true })");
  const shown = events.find((event) => event.type === "display");
  expect(shown?.bundle.data["text/plain"]).toBe("aé€😀".repeat(200_000));
});

test("the address of the connection is in a folder of the user alone; on Windows it is a pipe nobody can guess", () => {
  const here = localAddress();
  if (process.platform !== "win32") expect(statSync(dirname(here.path)).mode & 0o777).toBe(0o700);
  here.remove();
  expect(existsSync(dirname(here.path))).toBe(process.platform === "win32");
  const one = localAddress("win32").path;
  expect(one).toMatch(/^\\\\\.\\pipe\\wirebook-[0-9a-f]{32}$/);
  expect(localAddress("win32").path).not.toBe(one);
});

test("where the kernel ends before its engine has come in, the folder goes with it", () => {
  const before = process.listeners("exit");
  const door = openDoor(() => {});
  const folder = dirname(door.invitation.split(" ")[1] as string);
  expect(existsSync(folder)).toBe(true);
  for (const atExit of process.listeners("exit").filter((one) => !before.includes(one))) atExit(0);
  expect(existsSync(folder)).toBe(false);
  door.close();
  expect(process.listeners("exit")).toEqual(before);
});

test("whoever does not know the secret is not let in, and an engine leaves no folder behind", async () => {
  const own = mkdtempSync(`${tmpdir()}/wirebook-test-`);
  vi.stubEnv("TMPDIR", own);
  try {
    const engine = startEngineUnderTest();
    // The engine itself needs longer than this to get here.
    const name = readdirSync(own).find((folder) => /^wirebook-[A-Za-z0-9]{6}$/.test(folder)) ?? "";
    await expect.poll(() => existsSync(`${own}/${name}/engine`), { interval: 2 }).toBe(true);
    const stranger = connect(`${own}/${name}/engine`, () => stranger.write(Buffer.alloc(32, 7)));
    const answer = await new Promise((resolve) =>
      stranger.once("error", () => resolve("refused")).once("close", () => resolve("closed")),
    );
    expect(answer).toBe("closed");
    expect((await engine.cell("2")).value).toBe("2");
    await engine[Symbol.asyncDispose]();
    expect(readdirSync(own)).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    rmSync(own, { recursive: true, force: true });
  }
});

test("reasons of an end are put in a student's words", () => {
  expect(
    why(null, "SIGABRT", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"),
  ).toBe("it ran out of memory");
  expect(why(null, "SIGSEGV", "")).toBe("killed by SIGSEGV");
  expect(why(7, null, "")).toBe("its process ended with exit code 7");
});

test("the lists of processes of Windows and of Unix are read alike", () => {
  expect(childrenIn("4 0\r\n812 4\r\n9001 812\r\n9002 812\r\n", 812)).toEqual([9001, 9002]);
  expect(childrenIn("    1     0\n  812     1\n 9001   812\n", 812)).toEqual([9001]);
  expect(childrenIn("", 812)).toEqual([]);
});

test.skipIf(process.platform === "win32")("child processes are found by the means of each Unix", async () => {
  const parent = spawn("sh", ["-c", "sleep 20 & echo $!; wait"], { stdio: ["ignore", "pipe", "inherit"] });
  const pid = parent.pid as number;
  try {
    const child = await new Promise<number>((resolve) =>
      parent.stdout.once("data", (line) => resolve(Number(line))),
    );
    expect(childrenOf(pid, "darwin")).toEqual([child]);
    expect(childrenOf(pid)).toEqual([child]);
    killChildren(pid);
    expect(await gone(child)).toBe(true);
  } finally {
    parent.kill("SIGKILL");
  }
});

test("the end of an engine is not seen in any output", async () => {
  await using engine = startEngineUnderTest();
  await engine.interrupted("console.log('in'); for (;;);");
  await engine.process.stop(3000);
  await engine.exit;
  const texts = engine.events.flatMap((event) => (event.type === "stream" ? [event.text] : []));
  expect(texts).toEqual(["in\n"]);
});
