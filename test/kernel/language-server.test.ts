// The kernel's language server stands still, dies, is not there, or says nonsense: cells run all the same, it is said once,
// and types are checked again as soon as there is somebody to ask.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dist, root } from "../places.js";
import type { Client } from "./client.js";
import { type KernelProcess, startKernelProcess } from "./kernel.js";

const wrong = "const wrong: number = 'text'";
const noticed = "Types are not checked for now";

/** What a cell came to, and what the kernel said above its output. */
async function run(client: Client, code: string): Promise<{ status: string; notices: string[] }> {
  const { reply, iopub } = await client.execute(code);
  const notices = iopub
    .filter(({ type }) => type === "display_data")
    .map(({ content }) => String(content.data["text/plain"]));
  return { status: reply.content.ename ?? reply.content.status, notices };
}

function serverOf({ process: kernel }: KernelProcess): number {
  return Number(
    execFileSync("pgrep", ["-P", String(kernel.pid), "-f", "--", "--lsp"])
      .toString()
      .trim(),
  );
}

/** Once it stands: on a busy machine a thread of it may have the processor for some time after the signal. */
async function stop(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await expect.poll(() => execFileSync("ps", ["-o", "stat=", "-p", String(pid)]).toString()).toMatch(/^T/);
}

/** Waits until cells are checked again; those before ran unchecked, without a word. */
async function recovers(client: Client): Promise<void> {
  await expect
    .poll(async () => (await run(client, wrong)).status, { timeout: 20_000 })
    .toBe("TypeScriptError");
}

test.skipIf(process.platform === "win32")("it stands still (not on Windows: no SIGSTOP)", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  expect(await run(client, wrong)).toEqual({ status: "TypeScriptError", notices: [] });
  const server = serverOf(kernel);
  await stop(server);
  const first = await run(client, "let n = 1");
  expect(first.status).toBe("ok");
  expect(first.notices[0]).toContain(noticed);
  expect(await run(client, "const w: number = 'ran'")).toEqual({ status: "ok", notices: [] });
  // Questions are answered by values meanwhile.
  const { reply } = await client.request("complete_request", { code: "w.toU", cursor_pos: 5 });
  expect(reply.content.matches).toContain("toUpperCase");
  process.kill(server, "SIGCONT");
  await recovers(client);
  expect((await run(client, "n.foo")).status).toBe("TypeScriptError");
});

test("it is killed", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await run(client, "interface P { a: number }\nconst p: P = { a: 1 }");
  process.kill(serverOf(kernel), "SIGKILL");
  expect((await run(client, "p.a")).status).toBe("ok");
  await recovers(client);
  expect((await run(client, "p.b")).status).toBe("TypeScriptError");
});

const servers: [title: string, script: string | undefined][] = [
  ["its file is not there", undefined],
  [
    "it says nonsense",
    "#!/bin/sh\necho nonsense\nprintf 'Content-Length: 5\\r\\n\\r\\n{{{{{'\nprintf 'Content-Length: -3\\r\\n\\r\\n'\nexec cat > /dev/null\n",
  ],
  ["it ends at once", "#!/bin/sh\nexit 7\n"],
  ["it reads nothing and says nothing", "#!/bin/sh\nexec sleep 60\n"],
];

test.skipIf(process.platform === "win32").each(servers)(
  "%s (not on Windows: a shell script stands for it)",
  async (_title, script) => {
    await using installation = installationWith(script);
    await using kernel = await startKernelProcess({ dist: installation.dist });
    const { client } = kernel;
    const outcomes = [];
    for (const code of [wrong, "let a = wrong + 1", "a"]) outcomes.push(await run(client, code));
    expect(outcomes.map(({ status }) => status)).toEqual(["ok", "ok", "ok"]);
    expect(outcomes.flatMap(({ notices }) => notices).filter((text) => text.includes(noticed))).toHaveLength(
      1,
    );
    const { reply } = await client.request("complete_request", { code: "a.toU", cursor_pos: 5 });
    expect(reply.content.matches).toContain("toUpperCase");
    const { reply: shown } = await client.request("inspect_request", {
      code: "a",
      cursor_pos: 1,
      detail_level: 0,
    });
    expect(shown.content.data["text/plain"]).toContain("text1");
  },
);

/** An installation like this one, but with another language server. */
function installationWith(script: string | undefined): AsyncDisposable & { dist: string } {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-installation-"));
  cpSync(dist, join(folder, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  cpSync(join(root, "tsconfig.cells.json"), join(folder, "tsconfig.cells.json"));
  const modules = join(root, "node_modules");
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(modules))
    if (!/^(\.|@?typescript$)/.test(name))
      symlinkSync(join(modules, name), join(folder, "node_modules", name));
  const put = (path: string, text: string): void => {
    mkdirSync(join(folder, "node_modules", path, ".."), { recursive: true });
    writeFileSync(join(folder, "node_modules", path), text);
  };
  put("typescript/package.json", "{}");
  const native = `@typescript/typescript-${process.platform}-${process.arch}`;
  put(`${native}/package.json`, "{}");
  if (script !== undefined) {
    put(`${native}/lib/tsc`, script);
    chmodSync(join(folder, "node_modules", native, "lib", "tsc"), 0o755);
  }
  return {
    dist: join(folder, "dist"),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
