import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { build } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");
let folder: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "wb-load-")));
  // One folder where koffi is found, and one where no package is.
  for (const name of ["with", "without"]) {
    await build({
      cwd: root,
      platform: "node",
      external: [/^node:/, "koffi"],
      input: "kernel-helpers/socket/index.ts",
      output: { file: join(folder, name, "socket.js"), format: "esm" },
    });
    writeFileSync(join(folder, name, "package.json"), '{"type":"module"}');
  }
  symlinkSync(join(root, "node_modules"), join(folder, "with", "node_modules"), "junction");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TALK = `const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
await s.bind(['127.0.0.1', 0]);
await s.listen(1);
const c = socket.socket();
await c.connect(s.getsockname());
const [conn] = await s.accept();
await conn.sendall('thank you');
await conn.close();
console.log(s.backend, String(await c.recv(100)), (await c.recv(100)).length);
await c.close();
await s.close();`;

function node(where: string, script: string, { commonjs = false, env = {} } = {}): Promise<string> {
  const load = commonjs ? `const socket = require("./socket.js");` : `import * as socket from "./socket.js"`;
  const file = join(folder, where, `try-${Math.random().toString(36).slice(2)}.${commonjs ? "cjs" : "mjs"}`);
  writeFileSync(file, `${load}\n${commonjs ? `(async () => {${script}})()` : script}`);
  return run(process.execPath, [file], {
    timeout: 20_000,
    env: { ...process.env, WIREBOOK_SOCKETS: "", ...env },
  }).then((done) => done.stdout.trim());
}

test("plain Node imports it, talks, and ends by itself", async () => {
  expect(await node("with", TALK)).toMatch(/^(koffi|doorman|eager) thank you 0$/);
});

test("require() loads it too", async () => {
  expect(await node("with", TALK, { commonjs: true })).toMatch(/ thank you 0$/);
});

test.skipIf(process.platform === "win32")(
  "without native code the doorman serves, and the socket says so",
  async () => {
    expect(await node("without", TALK)).toBe("doorman thank you 0");
    expect(await node("without", "console.log(socket.socket())")).toContain("backend=doorman");
    await expect(node("without", TALK, { env: { WIREBOOK_SOCKETS: "koffi" } })).rejects.toThrow(
      'back-end "koffi" does not work here',
    );
  },
);

test("TypeScript 5.0 with the old resolution understands its declarations", async () => {
  const types = join(folder, "types");
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const project = join(folder, "tsconfig.json");
  const typeRoots = [join(root, "node_modules/@types")];
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        emitDeclarationOnly: true,
        rootDir: join(root, "kernel-helpers"),
        outDir: types,
        typeRoots,
      },
      files: [join(root, "kernel-helpers/socket/index.ts")],
      include: [],
    }),
  );
  await run(process.execPath, [tsc, "-p", project]);
  mkdirSync(join(folder, "old"), { recursive: true });
  const program = join(folder, "old", "cell.ts");
  writeFileSync(
    program,
    `import * as socket from "wirebook/socket";
export async function cell(): Promise<number> {
  const s: socket.Socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  try {
    await s.connect(["127.0.0.1", 12345]);
    const [conn, address] = await s.accept();
    const bytes: Buffer = await conn.recv(4096);
    for await (const [other, [host, port]] of s) console.log(other, host, port, address, bytes);
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR);
  } catch (e) {
    if (e instanceof socket.error) return e.errno ?? 0;
    throw e;
  }
}
// @ts-expect-error a host alone is no address
void socket.socket().bind(12345);
`,
  );
  const ofTslab = createRequire(createRequire(import.meta.url).resolve("tslab/package.json"));
  const ts = ofTslab("@tslab/typescript-for-tslab") as {
    version: string;
    createProgram(files: string[], options: object): unknown;
    getPreEmitDiagnostics(
      program: unknown,
    ): { messageText: string | { messageText: string }; file?: { fileName: string } }[];
  };
  expect(ts.version).toMatch(/^5\.0\./);
  const found = ts
    .getPreEmitDiagnostics(
      ts.createProgram([program], {
        module: 1,
        moduleResolution: 2,
        target: 9,
        lib: ["lib.es2022.d.ts"],
        strict: true,
        noEmit: true,
        esModuleInterop: true,
        typeRoots,
        types: ["node"],
        baseUrl: folder,
        paths: { "wirebook/socket": [join(types, "socket/index.d.ts")] },
      }),
    )
    // Node's own declarations are newer than this compiler.
    .filter((each) => !each.file?.fileName.includes("node_modules"))
    .map((each) => (typeof each.messageText === "string" ? each.messageText : each.messageText.messageText));
  expect(found).toEqual([]);
});

/** Starts a process whose socket is served by a doorman, and tells the doorman's number. */
async function parent(rest: string): Promise<{ child: ChildProcess; doorman: number }> {
  const file = join(folder, "with", `parent-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(
    file,
    `import { ChildProcess } from "node:child_process";
import * as socket from "./socket.js";
const spawn = ChildProcess.prototype.spawn;
let pid;
ChildProcess.prototype.spawn = function (...args) { const result = spawn.apply(this, args); pid = this.pid; return result; };
const s = socket.socket();
await s.bind(["127.0.0.1", 0]);
await s.listen(1);
${rest}
setTimeout(() => console.log(pid), 100);
setInterval(() => {}, 1000);`,
  );
  const child = spawn(process.execPath, [file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, WIREBOOK_SOCKETS: "doorman" },
  });
  const line = await createInterface({ input: child.stdout as NodeJS.ReadableStream })
    [Symbol.asyncIterator]()
    .next();
  return { child, doorman: Number(line.value) };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.skipIf(process.platform === "win32").each([
  ["while it sleeps", ""],
  ["while it waits for a connection", "s.accept().catch(() => {});"],
])("the doorman ends when its parent is killed, %s", async (_, rest) => {
  const { child, doorman } = await parent(rest);
  expect(alive(doorman)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  for (let wait = 0; wait < 200 && alive(doorman); wait++) await sleep(25);
  expect(alive(doorman)).toBe(false);
});
