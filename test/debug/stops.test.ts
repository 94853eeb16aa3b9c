// Where and when it stops: conditions, errors, handlers, files; and what goes on meanwhile.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Request } from "zeromq";
import { address, textOf } from "../kernel/client.js";
import { DebugFrontEnd } from "./front-end.js";

const server = `import net from 'node:net';
let visits = 0;
const server = net.createServer((connection) => {
  connection.on('data', (request) => {
    visits++;
    connection.end('bye ' + request);
  });
});
await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
const { port } = server.address() as net.AddressInfo;`;
const client = `const socket = net.connect(port, '127.0.0.1');
socket.write('hello');
const answer = await new Promise<Buffer>((done) => socket.once('data', done));
String(answer)`;

describe("a stop", { timeout: 60_000 }, () => {
  let front: DebugFrontEnd;
  beforeEach(async () => {
    front = await DebugFrontEnd.start();
  });
  afterEach(async () => {
    await front[Symbol.asyncDispose]();
  });
  const resultOf = async (id: string): Promise<string | undefined> =>
    (await front.client.answered(id)).iopub.find((m) => m.type === "execute_result")?.content.data[
      "text/plain"
    ];

  it("holds a server's handler of an older cell while the client's cell waits, and lets both go on", async () => {
    await front.client.execute(server);
    const { breakpoints } = await front.breakAt(server, 5);
    expect(breakpoints).toMatchObject([{ verified: true, line: 5 }]);
    const id = await front.run(client);
    expect(await front.stoppedAt()).toEqual(["(anonymous):5"]);
    expect((await front.scope("Locals")).request).toMatch(/^Buffer\(5\)/);
    const { result } = await front.ask("evaluate", { expression: "request.toString()", context: "repl" });
    expect(result).toBe("'hello'");
    expect(await front.step("next")).toEqual(["(anonymous):6"]);
    expect((await front.scope("Globals")).visits).toBe("1");
    await front.goOn();
    expect(await resultOf(id)).toBe("'bye hello'");
  });

  it("comes to a handler while no cell runs, and an interrupt ends the handler only", async () => {
    await front.client.execute(server);
    await front.breakAt(server, 5);
    const id = await front.run("const quiet = net.connect(port, '127.0.0.1');\nvoid quiet.write('hi');");
    await front.client.answered(id);
    expect(await front.stoppedAt()).toEqual(["(anonymous):5"]);
    await front.client.request("interrupt_request", {}, { channel: "control" });
    const error = await front.client.wait((m) => m.type === "error", { what: "the handler's error" });
    expect(error.content.ename).toBe("Interrupted");
    await front.breakAt(server);
    expect(await resultOf(await front.run(client))).toBe("'bye hello'");
  });

  it("shows what was printed before it, before it", async () => {
    const code = "for (let i = 0; i < 1000; i++) console.log(i);\nconst here = 1;";
    await front.breakAt(code, 2);
    const id = await front.run(code);
    await front.stopped();
    const at = front.client.received.findIndex((m) => m.content.event === "stopped");
    const before = front.client.received.slice(0, at).filter((m) => m.parent.msg_id === id);
    expect(textOf(before)).toMatch(/^0\n1\n[\s\S]*\n999\n$/);
    await front.goOn();
    await front.client.answered(id);
  });

  it("keeps heartbeat, control and completion alive", async () => {
    const code = "const shown = { member: 1 };\nshown;";
    await front.breakAt(code, 2);
    const id = await front.run(code);
    await front.stopped();
    const heart = new Request({ linger: 0 });
    heart.connect(address(front.client.connection, front.client.connection.hb_port));
    await heart.send("beat");
    expect(String((await heart.receive())[0])).toBe("beat");
    heart.close();
    const info = await front.client.request("kernel_info_request", {}, { channel: "control" });
    expect(info.reply.content.status).toBe("ok");
    const other = front.kernel.join();
    void other.send("shell", "complete_request", { code: "shown.mem", cursor_pos: 9 });
    await front.goOn();
    const reply = await other.wait((m) => m.type === "complete_reply");
    expect(reply.content.matches).toContain("member");
    await front.client.answered(id);
  });

  it("at a declaration of the cell's own shows the notebook's variables, and nothing of the kernel's", async () => {
    const code = "const one = 1;\nconst list = [one, 2].map((n) => n + one);\nclass After {}\nlist";
    await front.breakAt(code, 2);
    const id = await front.run(code);
    expect((await front.stoppedAt())[0]).toMatch(/:2$/);
    const { stackFrames } = await front.ask("stackTrace", { threadId: 1 });
    const frameId = stackFrames[0].id;
    const { scopes } = await front.ask("scopes", { frameId });
    expect(scopes.map(({ name }: { name: string }) => name)).toEqual(["Globals"]);
    const globals = await front.scope("Globals");
    expect(globals).toMatchObject({ one: "1", list: "undefined" });
    expect(Object.keys(globals).filter((name) => name.startsWith("__"))).toEqual([]);
    expect((await front.ask("evaluate", { expression: "one + 41", frameId })).result).toBe("42");
    expect((await front.step("next"))[0]).toMatch(/:3$/);
    expect((await front.scope("Globals")).list).toMatch(/2, 3/);
    await front.breakAt(code);
    await front.goOn();
    expect(await resultOf(id)).toBe("[ 2, 3 ]");
  });

  it("waits for its condition, and for its number of hits", async () => {
    const code = "let sum = 0;\nfor (let i = 0; i < 10; i++) {\n  sum += i;\n}\nsum";
    const seen = async (breakpoint: object): Promise<string[]> => {
      await front.breakAt(code, { line: 3, ...breakpoint });
      const id = await front.run(code);
      const values: string[] = [];
      for (let stops = 0; stops < 2; stops++) {
        await front.stopped();
        values.push((await front.scope("Locals")).i as string);
        if (stops === 1) await front.breakAt(code);
        await front.goOn();
      }
      await front.client.answered(id);
      return values;
    };
    expect(await seen({ condition: "(i as number) % 4 === 3" })).toEqual(["3", "7"]);
    expect(await seen({ hitCondition: "% 5" })).toEqual(["4", "9"]);
    expect(await seen({ condition: "i > 1", hitCondition: ">= 3" })).toEqual(["4", "5"]);
    const top = "let k = 5;\nk = 6;\nk = 7;";
    await front.breakAt(top, { line: 2, condition: "k === 6" }, { line: 3, condition: "k === 6" });
    const id = await front.run(top);
    expect((await front.stoppedAt())[0]).toMatch(/:3$/);
    expect((await front.ask("evaluate", { expression: "k += 10", context: "repl" })).result).toBe("16");
    await front.goOn();
    await front.client.answered(id);
    const { breakpoints } = await front.breakAt(code, { line: 3, condition: "i >" });
    expect(breakpoints[0]).toMatchObject({ verified: false });
    expect(breakpoints[0]?.message).toContain("condition");
  });

  it("is none at a log point, which prints at its cell", async () => {
    const code = "for (let n = 0; n < 3; n++) {\n  Math.abs(n);\n}";
    await front.breakAt(code, { line: 2, logMessage: "n is {n}, twice {n * 2}" });
    const { iopub } = await front.client.execute(code);
    expect(textOf(iopub)).toBe("n is 0, twice 0\nn is 1, twice 2\nn is 2, twice 4\n");
  });

  it("slides to the next line that has code, and says where there is none", async () => {
    const code = "// a comment\n\nconst first = 1;\ninterface Nothing { a: 1 }\n";
    const { breakpoints } = await front.breakAt(code, 1, 4);
    expect(breakpoints).toMatchObject([
      { verified: true, line: 3 },
      { verified: false, message: "no code stands here" },
    ]);
  });

  const errors: [filter: string, title: string, code: string, line: number | undefined][] = [
    ["uncaught", "at the cell's own level", "const a = 1;\nthrow new Error('x');", 2],
    ["uncaught", "after an await", "await null;\nthrow new Error('x');", 2],
    [
      "uncaught",
      "in a function that is awaited",
      "async function h() {\n  await null;\n  throw new Error('x');\n}\nawait h();",
      3,
    ],
    ["uncaught", "where a value is undefined", "const u: any = undefined;\nu.x;", 2],
    [
      "uncaught",
      "in a timer",
      "setTimeout(() => {\n  throw new Error('t');\n}, 5);\nawait new Promise((r) => setTimeout(r, 200));",
      2,
    ],
    [
      "uncaught",
      "but not where `catch` stands around it",
      "try {\n  throw new Error('c');\n} catch {}",
      undefined,
    ],
    [
      "uncaught",
      "but not where the caller catches",
      "async function k() {\n  await null;\n  throw new Error('c');\n}\ntry {\n  await k();\n} catch {}",
      undefined,
    ],
    [
      "uncaught",
      "but not where the promise has a catch",
      "async function m() {\n  await null;\n  throw new Error('c');\n}\nawait m().catch(() => 1);",
      undefined,
    ],
    ["raised", "where it is caught too", "try {\n  throw new Error('c');\n} catch {}", 2],
    [
      "raised",
      "in what Node does for the cell",
      "import fs from 'node:fs';\ntry {\n  fs.readFileSync('/nowhere/at/all');\n} catch {}",
      3,
    ],
    [
      "raised",
      "but not at what the kernel does for itself",
      "await import('node:dns');\nawait import('node:tls');",
      undefined,
    ],
  ];
  it.each(errors)("of kind %s comes %s", async (filter, _, code, line) => {
    await front.ask("setExceptionBreakpoints", { filters: [filter] });
    const id = await front.run(code);
    if (line !== undefined) {
      expect(await front.stopped()).toMatchObject({
        reason: "exception",
        text: expect.stringMatching(/Error/),
      });
      expect((await front.frames())[0]).toMatch(new RegExp(`:${line}$`));
      expect(await front.ask("exceptionInfo", { threadId: 1 })).toMatchObject({
        exceptionId: expect.stringMatching(/Error$/),
      });
      await front.ask("setExceptionBreakpoints", { filters: [] });
      await front.goOn();
    }
    await front.client.answered(id);
    expect(front.client.received.filter((m) => m.content.event === "stopped")).toHaveLength(
      line === undefined ? 0 : 1,
    );
  });

  it("comes to a local TypeScript file, at its own lines, also after it was edited", async () => {
    const path = join(front.kernel.folder, "helper.ts");
    const text =
      "interface Pair {\n  a: number;\n}\n\nexport function twice(pair: Pair): number {\n  const made = pair.a * 2;\n  return made;\n}\n";
    writeFileSync(path, text);
    const set = async (line: number): Promise<void> => {
      const body = await front.ask("setBreakpoints", { source: { path }, breakpoints: [{ line }] });
      expect(body.breakpoints).toMatchObject([{ verified: true, line }]);
    };
    await set(6);
    const code = "const { twice } = await import('./helper.ts');\ntwice({ a: 2 })";
    let id = await front.run(code);
    expect(await front.stoppedAt()).toEqual(["twice:6", expect.stringMatching(/:2$/)]);
    expect((await front.scope("Locals")).pair).toBe("{a: 2}");
    expect((await front.ask("source", { source: { path } })).content).toBe(text);
    expect((await front.ask("modules")).modules).toContainEqual(expect.objectContaining({ path }));
    await front.goOn();
    await front.client.answered(id);
    writeFileSync(path, `// one line more\n${text}`);
    await set(7);
    id = await front.run(code);
    expect((await front.stoppedAt())[0]).toBe("twice:7");
    await front.goOn();
    expect(await resultOf(id)).toBe("4");
  });

  it("is over when the engine dies; the next engine stops where the breakpoints were", async () => {
    const code = "const before = 1;\nconst behind = 2;";
    await front.breakAt(code, 2);
    const id = await front.run(code);
    await front.stopped();
    const { result } = await front.ask("evaluate", { expression: "process.pid" });
    process.kill(Number(result), "SIGKILL");
    expect((await front.client.answered(id)).reply.content.ename).toBe("EngineDied");
    await front.event("continued");
    expect((await front.ask("debugInfo")).stoppedThreads).toEqual([]);
    const again = await front.run(code);
    expect((await front.stoppedAt())[0]).toMatch(/:2$/);
    await front.goOn();
    expect((await front.client.answered(again)).reply.content.status).toBe("ok");
  });

  it("does not hold up the end of the kernel", async () => {
    const code = "const stay = 1;\nstay;";
    await front.breakAt(code, 2);
    await front.run(code);
    await front.stopped();
    const exit = once(front.kernel.process, "exit");
    await front.client.send("control", "shutdown_request", { restart: false });
    expect((await exit)[0]).toBe(0);
  });

  it("is over when the debugger is turned off, and there are no more", async () => {
    const code = "const open = 1;\nopen + 1";
    await front.breakAt(code, 2);
    const id = await front.run(code);
    await front.stopped();
    await front.ask("disconnect", { restart: false, terminateDebuggee: false });
    expect(await resultOf(id)).toBe("2");
    expect(await front.ask("debugInfo")).toMatchObject({
      isStarted: false,
      breakpoints: [],
      stoppedThreads: [],
    });
    expect(await resultOf(await front.run(code))).toBe("2");
    expect(await front.raw("stackTrace", { threadId: 1 })).toMatchObject({
      success: false,
      message: "the debugger is off: `initialize` and `attach` come first",
    });
    await front.turnOn();
    await front.breakAt(code, 2);
    const again = await front.run(code);
    await front.stopped();
    await front.goOn();
    expect(await resultOf(again)).toBe("2");
  });

  it("lets a cell be run again, which closes what it had left open", async () => {
    const metadata = { cellId: "one" };
    await front.client.execute(server, {}, { metadata });
    await front.breakAt(server, 9);
    const id = await front.run(server, metadata);
    await front.stopped();
    await front.goOn();
    const { iopub } = await front.client.answered(id);
    expect(JSON.stringify(iopub.map((m) => m.content))).toContain(
      "closed what this cell's earlier run had left open",
    );
  });
});
