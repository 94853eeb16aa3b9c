// The mistakes of a networking lab, made for real: with real sockets, through node:net, node:http, fetch and
// wirebook/socket. Each shows the student's own line and column, and says in one line what it means.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Received } from "./client.js";
import { type KernelProcess, startKernelProcess } from "./kernel.js";

interface Mistake {
  title: string;
  code: string;
  /** Name and message. */
  error: RegExp;
  /** Line and column in the student's text, and the cell where that is not the one that ran. */
  at: string;
  /** What stands in that line, from the column on. */
  line: string;
  advice: RegExp;
}

const prelude = `import * as net from "node:net";
import * as http from "node:http";
import { once } from "node:events";
import * as socket from "wirebook/socket";
const sleep = (ms: number) => new Promise((ok) => setTimeout(ok, ms));
/** A port that nobody listens at. */
async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  await new Promise((ok) => server.close(ok));
  return port;
}
const closed = await closedPort();
/** Breaks every connection off as soon as something arrives. */
const rude = net.createServer((conn) => conn.on("error", () => {}).once("data", () => conn.resetAndDestroy()));
/** Closes every connection at once. */
const curt = net.createServer((conn) => conn.on("error", () => {}).destroy());
await once(rude.listen(0, "127.0.0.1"), "listening");
await once(curt.listen(0, "127.0.0.1"), "listening");
const portOf = (server: net.Server) => (server.address() as net.AddressInfo).port;`;

const refused = /nothing listens at that port/;
const busy = /Close it, or choose another port/;
const reset = /broke the connection off/;
const late = /where no try of the cell's own code can catch it/;
const unawaited = /nobody had awaited it: put await before the call/;

const mistakes: Mistake[] = [
  {
    title: "a refused connection, awaited with once",
    code: 'const s = net.connect(closed, "127.0.0.1");\nawait once(s, "connect");',
    error: /^Error: connect ECONNREFUSED 127\.0\.0\.1:\d+/,
    at: "1:15",
    line: 'connect(closed, "127.0.0.1");',
    advice: refused,
  },
  {
    title: "a refused connection that nobody listens for",
    code: '1;\nnet.connect(closed, "127.0.0.1");\n2',
    error: /^Error: connect ECONNREFUSED/,
    at: "2:5",
    line: 'connect(closed, "127.0.0.1");',
    advice: late,
  },
  {
    title: "a refused connection through wirebook/socket",
    code: "const c = socket.socket();\nawait c.connect(['127.0.0.1', closed]);",
    error: /^ConnectionRefusedError: \[Errno \d+\] Connection refused/,
    at: "2:7",
    line: "c.connect(['127.0.0.1', closed]);",
    advice: refused,
  },
  {
    title: "a refused connection through fetch, where it is the cause of the cause",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the cell's own
    code: "const url = `http://127.0.0.1:${closed}/`;\nawait fetch(url);",
    error: /^TypeError: fetch failed/,
    at: "2:7",
    line: "fetch(url);",
    advice: refused,
  },
  {
    title: "a refused request of node:http",
    code: 'http.get({ port: closed, host: "127.0.0.1" });\n0',
    error: /^Error: connect ECONNREFUSED/,
    at: "1:6",
    line: 'get({ port: closed, host: "127.0.0.1" });',
    advice: refused,
  },
  {
    title: "a busy port that is awaited",
    code: 'const second = net.createServer();\nsecond.listen(portOf(rude), "127.0.0.1");\nawait once(second, "listening");',
    error: /^Error: listen EADDRINUSE: address already in use/,
    at: "2:8",
    line: 'listen(portOf(rude), "127.0.0.1");',
    advice: busy,
  },
  {
    title: "a busy port that nobody listens for",
    code: 'net.createServer().listen(portOf(rude), "127.0.0.1");\n0',
    error: /^Error: listen EADDRINUSE/,
    at: "1:20",
    line: 'listen(portOf(rude), "127.0.0.1");',
    advice: busy,
  },
  {
    title: "a busy port through wirebook/socket",
    code: "const b = socket.socket();\nawait b.bind(['127.0.0.1', portOf(rude)]);",
    error: /^OSError: \[Errno \d+\] Address already in use/,
    at: "2:7",
    line: "b.bind(['127.0.0.1', portOf(rude)]);",
    advice: busy,
  },
  {
    title: "a reset connection",
    code: 'const r = net.connect(portOf(rude), "127.0.0.1");\nawait once(r, "connect");\nr.write("hello");\nawait once(r, "data");',
    error: /^Error: read ECONNRESET/,
    at: "1:15",
    line: 'connect(portOf(rude), "127.0.0.1");',
    advice: reset,
  },
  {
    title: "a reset connection through wirebook/socket",
    code: "const r = socket.socket();\nawait r.connect(['127.0.0.1', portOf(rude)]);\nawait r.sendall('hello');\nawait r.recv(5);",
    error: /^ConnectionResetError: \[Errno \d+\] Connection reset by peer/,
    at: "4:7",
    line: "r.recv(5);",
    advice: reset,
  },
  {
    title: "a reset connection through fetch",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the cell's own
    code: "await fetch(`http://127.0.0.1:${portOf(rude)}/`);",
    error: /^TypeError: fetch failed/,
    at: "1:7",
    line: "fetch(",
    advice: reset,
  },
  {
    title: "a server that closes before it answers, through fetch",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the cell's own
    code: "await fetch(`http://127.0.0.1:${portOf(curt)}/`);",
    error: /^TypeError: fetch failed/,
    at: "1:7",
    line: "fetch(",
    advice: /closed the connection before the answer was complete|broke the connection off/,
  },
  {
    title: "sending after the other side has closed",
    code: 'const p = net.connect({ port: portOf(curt), host: "127.0.0.1", allowHalfOpen: true });\nawait once(p.resume(), "end");\np.write("a");\nawait sleep(50);\np.write("b");\nawait once(p, "close");',
    error: /^Error: write EPIPE/,
    at: "5:3",
    line: 'write("b");',
    advice: /after the other side had closed/,
  },
  {
    title: "sending after the other side has closed, through wirebook/socket",
    code: "const p = socket.socket();\nawait p.connect(['127.0.0.1', portOf(curt)]);\nawait p.recv(1);\nfor (let i = 0; i < 20; i++) {\n  await p.sendall('x');\n  await sleep(10);\n}",
    error: /^(BrokenPipeError|ConnectionResetError): /,
    at: "5:9",
    line: "p.sendall('x');",
    advice: /after the other side had closed|broke the connection off/,
  },
  {
    title: "an unknown name",
    code: 'const n = net.connect(80, "no-such-host.invalid");\nawait once(n, "connect");',
    error: /^Error: getaddrinfo (ENOTFOUND|EAI_AGAIN) no-such-host\.invalid/,
    at: "1:15",
    line: 'connect(80, "no-such-host.invalid");',
    advice: /Is it spelled right|No name server answered/,
  },
  {
    title: "an unknown name through wirebook/socket",
    code: "await socket.gethostbyname('no-such-host.invalid');",
    error: /^gaierror: \[Errno -\d\] /,
    at: "1:7",
    line: "socket.gethostbyname('no-such-host.invalid');",
    advice: /Is it spelled right|No name server answered/,
  },
  {
    title: "an unknown name through fetch",
    code: "await fetch('http://no-such-host.invalid/');",
    error: /^TypeError: fetch failed/,
    at: "1:7",
    line: "fetch('http://no-such-host.invalid/');",
    advice: /Is it spelled right|No name server answered/,
  },
  {
    title: "a server that does not answer in time, of several addresses",
    code: `const full = socket.socket();
await full.bind(["127.0.0.1", 0]);
await full.listen(0);
const at = full.getsockname()[1] as number;
const crowd = [1, 2, 3, 4].map(() => net.connect(at, "127.0.0.1").on("error", () => {}));
await sleep(50);
const t = net.connect({
  port: at, host: "two.example", autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 10,
  lookup: (_, __, found) => found(null, [{ address: "127.0.0.1", family: 4 }, { address: "127.0.0.2", family: 4 }]),
});
await once(t, "connect");`,
    error: /^\[1\] Error: connect ETIMEDOUT 127\.0\.0\.1:\d+/,
    at: "7:15",
    line: "connect({",
    advice: /neither yes nor no/,
  },
  {
    title: "a deadline of wirebook/socket that goes by",
    code: "const w = socket.socket();\nw.settimeout(0.05);\nconst quiet = net.createServer(() => {});\nawait once(quiet.listen(0, '127.0.0.1'), 'listening');\nawait w.connect(['127.0.0.1', portOf(quiet)]);\nawait w.recv(1);",
    error: /^TimeoutError: timed out/,
    at: "6:7",
    line: "w.recv(1);",
    advice: /within the time that settimeout allows/,
  },
  {
    title: "a call before there is a connection",
    code: "const u = socket.socket();\nawait u.recv(5);",
    error: /^OSError: \[Errno \d+\] Transport endpoint is not connected/,
    at: "2:9",
    line: "recv(5);",
    advice: /connect \(and await it\) first/,
  },
  {
    title: "a forgotten await whose promise fails",
    code: "const f = socket.socket();\nf.connect(['127.0.0.1', closed]);\n0",
    error: /^ConnectionRefusedError/,
    at: "2:1",
    line: "f.connect(['127.0.0.1', closed]);",
    advice: unawaited,
  },
  {
    title: "a forgotten await in a cell that has to be compiled",
    code: "enum Side { Client, Server }\nconst f = socket.socket();   f.connect(['127.0.0.1', closed]);\nSide.Client",
    error: /^ConnectionRefusedError/,
    at: "2:30",
    line: "f.connect(['127.0.0.1', closed]);",
    advice: unawaited,
  },
  {
    title: "an unhandled rejection",
    code: "const g = async () => {\n  throw new RangeError('too far');\n};\ng();\n0",
    error: /^RangeError: too far/,
    at: "2:9",
    line: "new RangeError('too far');",
    advice: unawaited,
  },
  {
    title: "an exception of a timer's callback",
    code: "setTimeout(() => {\n  throw new RangeError('too late');\n}, 5);\n0",
    error: /^RangeError: too late/,
    at: "2:9",
    line: "new RangeError('too late');",
    advice: late,
  },
  {
    title: "an exception in a server's handler",
    code: 'const bad = net.createServer((conn) => {\n  conn.on("error", () => {}).destroy();\n  (conn as any).nothing();\n});\nawait once(bad.listen(0, "127.0.0.1"), "listening");\nnet.connect(portOf(bad), "127.0.0.1").on("error", () => {});\nawait sleep(50);',
    error: /^TypeError: .*nothing is not a function/,
    at: "3:17",
    line: "nothing();",
    advice: late,
  },
  {
    title: "a method of what a promise will give",
    code: "%%types off\nconst page = fetch('data:,x');\npage.text();",
    error: /^TypeError: page\.text is not a function/,
    at: "3:6",
    line: "text();",
    advice: /page is a promise, and what is wanted is what it will give/,
  },
  {
    title: "a property of a property of what a call's promise will give",
    code: "%%types off\nconst h = fetch('data:,x').headers.get('x');",
    error: /^TypeError: Cannot read properties of undefined \(reading 'get'\)/,
    at: "2:35",
    line: ".get('x');",
    advice: /fetch\(\) gives a promise/,
  },
  {
    title: "a property of a promise, as types see it",
    code: "const resp = fetch('data:,x');\nresp.status",
    error: /^TypeScriptError: Property 'status' does not exist on type 'Promise<Response>'/,
    at: "2:6",
    line: "status",
    advice: /That is a promise, and not yet what it will give: put await in front/,
  },
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken away
const bare = (text: string): string => text.replace(/\u001b\[\d+m/g, "");

/** Runs a cell and gives the lines of its error, its own or a later one. */
async function tracebackOf(
  { client }: KernelProcess,
  code: string,
): Promise<{ number: number; text: string }> {
  const { reply } = await client.execute(code);
  const id = reply.parent.msg_id;
  const error: Received = await client.wait((m) => m.type === "error" && m.parent.msg_id === id, {
    what: `an error of ${code}`,
    timeout: 10_000,
  });
  expect(error.content.traceback.join("\n")).toContain(error.content.evalue.split("\n")[0].split(" at ")[0]);
  return { number: reply.content.execution_count, text: bare(error.content.traceback.join("\n")) };
}

function check({ number, text }: { number: number; text: string }, mistake: Mistake): void {
  const { code, error, at, line, advice } = mistake;
  const [row = 0, column = 0] = at.split(":").map(Number);
  const lines = text.split("\n");
  expect(
    lines.find((one) => error.test(one)),
    text,
  ).toBeDefined();
  expect(text).toContain(`\nCell [${number}], line ${row}, column ${column}\n`);
  const source = code.split("\n")[row - 1] as string;
  expect(source.slice(column - 1)).toMatch(new RegExp(`^${line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
  expect(
    lines.find((one) => one.startsWith(`> `) && one.includes(` ${row} | `)),
    text,
  ).toContain(source.slice(0, 100));
  expect(lines.filter((one) => one.startsWith("→ ")).join("\n")).toMatch(advice);
  // Nothing of the kernel's, and Node's inside as a number only.
  expect(text).not.toMatch(
    /__wirebook|wirebook:\/\/|\/dist\/|node:internal|at .*node:(?!net"|http"|events")/,
  );
}

describe("errors that teach", () => {
  let kernel: KernelProcess;
  beforeAll(async () => {
    kernel = await startKernelProcess();
    expect((await kernel.client.execute(prelude)).reply.content.status).toBe("ok");
  });
  afterAll(() => kernel[Symbol.asyncDispose]());
  // A cell that did not fail as it should must not hold up the others.
  afterEach(async () => {
    await kernel.client.request("interrupt_request", {}, { channel: "control" });
  });

  test.each(mistakes)("$title: the student's place, and what it means", async (mistake) => {
    check(await tracebackOf(kernel, mistake.code), mistake);
  });

  test("an error that came through several cells shows a line of each", async () => {
    const { client } = kernel;
    const number = async (code: string): Promise<number> =>
      (await client.execute(code)).reply.content.execution_count;
    const a = await number(
      "class Dialler {\n  async dial() {\n    const s = socket.socket();\n    await s.connect(['127.0.0.1', closed]);\n  }\n}",
    );
    const b = await number(
      "async function all() {\n  await Promise.all([sleep(1), new Dialler().dial()]);\n}",
    );
    const { number: c, text } = await tracebackOf(kernel, "1;\nawait all();");
    expect(text).toContain(`Cell [${a}], line 4, column 11`);
    expect(text).toContain("> 4 |     await s.connect(['127.0.0.1', closed]);");
    expect(text).toContain(`    at dial Cell [${a}]:4:11
    at all Cell [${b}]:2:9
       2 | await Promise.all([sleep(1), new Dialler().dial()]);
    at Cell [${c}]:2:7
       2 | await all();
`);
  });

  test("causes and the errors of an AggregateError have places of their own", async () => {
    const { client } = kernel;
    await client.execute("function parse(text: string) {\n  return JSON.parse(text);\n}");
    const wrapped = await tracebackOf(
      kernel,
      "try {\n  parse('{');\n} catch (error) {\n  throw new Error('bad settings', { cause: error });\n}",
    );
    expect(wrapped.text).toMatch(/^Error: bad settings\n\nCell \[\d+\], line 4, column 9\n/);
    expect(wrapped.text).toMatch(/\nCaused by: SyntaxError: [^\n]*\n\nCell \[\d+\], line 2, column 15\n/);
    expect(wrapped.text).toContain("> 2 |   return JSON.parse(text);");
    const any = await tracebackOf(
      kernel,
      "const dial = (port: number) => once(net.connect(port, '127.0.0.1'), 'connect');\nawait Promise.any([\n  dial(closed),\n  dial(closed),\n]);",
    );
    expect(any.text).toMatch(
      /AggregateError: All promises were rejected[\s\S]*\[1\] Error: connect ECONNREFUSED[\s\S]*\[2\] Error: connect/,
    );
    expect(any.text).toContain(`Cell [${any.number}], line 2, column 7`);
    expect(any.text.match(/→/g)).toHaveLength(1);
  });

  test("a promise that becomes text is told of, with its line", async () => {
    const { reply, iopub } = await kernel.client.execute(
      "const v = socket.socket();\nconst later = sleep(1);\nlater.toString();\n'got ' + later",
    );
    const notices = iopub.filter((m) => m.type === "display_data").map((m) => m.content.data["text/plain"]);
    expect(reply.content.status).toBe("ok");
    expect(notices.join("\n")).toContain(
      "Lines 3, 4: a promise became text, `[object Promise]`. Put `await` in front",
    );
  });

  test("colours are in tracebacks only: values and notices are plain text", async () => {
    const { iopub } = await kernel.client.execute("sleep(1);\n[new Error('x'), 1]");
    const plain = iopub.flatMap((m) => m.content.data?.["text/plain"] ?? []);
    expect(plain).toHaveLength(2);
    expect(plain.join("")).not.toContain("\u001b");
  });
});

const root = process.getuid?.() === 0;
const can = (...command: string[]): boolean =>
  spawnSync(command[0] as string, [...command.slice(1), "true"]).status === 0;

const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
// Root may take any port, so the kernel gives that up; others may not anyway.
const lowly = root ? (can(...asNobody) ? asNobody : undefined) : [];
describe.skipIf(lowly === undefined || process.platform === "win32")(
  `a port below 1024${lowly ? "" : " (skipped: root, and there is no setpriv)"}`,
  () => {
    let kernel: KernelProcess;
    beforeAll(async () => {
      kernel = await startKernelProcess({ ...(lowly?.length && { prefix: lowly, env: { HOME: "/tmp" } }) });
      expect((await kernel.client.execute(prelude)).reply.content).toMatchObject({ status: "ok" });
    });
    afterAll(() => kernel[Symbol.asyncDispose]());

    test.each<Mistake>([
      {
        title: "node:net",
        code: "const low = net.createServer();\nlow.listen(80, '127.0.0.1');\nawait once(low, 'listening');",
        error: /^Error: listen EACCES: permission denied 127\.0\.0\.1:80/,
        at: "2:5",
        line: "listen(80, '127.0.0.1');",
        advice: /choose one from 1024 on/,
      },
      {
        title: "wirebook/socket",
        code: "const low = socket.socket();\nawait low.bind(['127.0.0.1', 80]);",
        error: /^PermissionError: \[Errno \d+\] Permission denied/,
        at: "2:7",
        line: "low.bind(['127.0.0.1', 80]);",
        advice: /choose one from 1024 on/,
      },
    ])("through $title: the student's place, and from where on ports are free", async (mistake) => {
      check(await tracebackOf(kernel, mistake.code), mistake);
    });
  },
);

const unplugged = ["unshare", "--net"];
const reason = can(...unplugged) ? undefined : "no network namespaces here";
describe.skipIf(reason !== undefined)(`without a network${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-unplugged-"));
  let kernel: KernelProcess;
  beforeAll(async () => {
    // Nothing else leads in from outside.
    const connection = { transport: "ipc", ip: join(folder, "kernel") } as const;
    kernel = await startKernelProcess({ prefix: unplugged, connection });
    await kernel.client.execute(
      'import * as net from "node:net";\nimport { once } from "node:events";\nimport * as socket from "wirebook/socket";',
    );
  });
  afterAll(async () => {
    await kernel?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each<Mistake>([
    {
      title: "a name is looked up through node:net",
      code: "const n = net.connect(80, 'example.org');\nawait once(n, 'connect');",
      error: /^Error: getaddrinfo EAI_AGAIN example\.org/,
      at: "1:15",
      line: "connect(80, 'example.org');",
      advice: /No name server answered/,
    },
    {
      title: "a name is looked up through wirebook/socket",
      code: "await socket.gethostbyname('example.org');",
      error: /^gaierror: \[Errno -3\] Temporary failure in name resolution/,
      at: "1:7",
      line: "socket.gethostbyname('example.org');",
      advice: /No name server answered/,
    },
    {
      title: "an address is connected to",
      code: "const d = socket.socket();\nawait d.connect(['192.0.2.1', 80]);",
      error: /^OSError: \[Errno \d+\] Network is unreachable/,
      at: "2:7",
      line: "d.connect(['192.0.2.1', 80]);",
      advice: /Is this computer online/,
    },
  ])("$title: the student's place, and what it means", async (mistake) => {
    check(await tracebackOf(kernel, mistake.code), mistake);
  });
});
