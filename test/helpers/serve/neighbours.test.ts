// Two notebooks of one user, each in its own kernel.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Received } from "../../kernel/client.js";
import { startKernelProcess } from "../../kernel/kernel.js";
import { isOpen } from "../../places.js";

const texts = (iopub: Received[]): string =>
  iopub.map(({ content }) => content.text ?? content.data?.["text/plain"] ?? "").join("");

test("another notebook's server is named when its port is wanted, is listed everywhere, and can be closed from here", async () => {
  const runtime = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  const env = (notebook: string): NodeJS.ProcessEnv => ({
    XDG_RUNTIME_DIR: runtime,
    JPY_SESSION_NAME: notebook,
  });
  try {
    await using one = await startKernelProcess({ env: env("/lab/one.ipynb") });
    await using two = await startKernelProcess({ env: env("/lab/two.ipynb") });
    const serving = await one.client.execute(
      "import { serve } from 'wirebook/serve'; const server = await serve(0, () => {}, { name: 'theirs' }); console.log('port', server.port)",
    );
    const port = Number(/port (\d+)/.exec(texts(serving.iopub))?.[1]);
    // A note of a process that is gone.
    writeFileSync(join(runtime, "wirebook-servers", "999999999-1.json"), "{}");

    await two.client.execute("import { serve, servers } from 'wirebook/serve';");
    const refused = await two.client.execute(`await serve(${port}, () => {})`);
    expect(refused.reply.content).toMatchObject({ status: "error", ename: "OSError" });
    expect(refused.reply.content.evalue).toContain(
      `127.0.0.1:${port} is in use by the notebook /lab/one.ipynb`,
    );
    const listed = await two.client.execute(
      "await serve(0, () => {}, { name: 'ours' }); servers({ everywhere: true })",
    );
    expect(texts(listed.iopub)).toMatch(
      new RegExp(`ours +127\\.0\\.0\\.1:\\d+ +this one\\ntheirs +127\\.0\\.0\\.1:${port} +/lab/one\\.ipynb`),
    );
    expect(readdirSync(join(runtime, "wirebook-servers"))).not.toContain("999999999-1.json");

    const closed = await two.client.execute(
      "await servers({ everywhere: true }).find((server) => server.name === 'theirs')!.close(); servers({ everywhere: true }).length",
    );
    expect(texts(closed.iopub)).toMatch(/1$/);
    expect(await isOpen(port)).toBe(false);
    const there = await one.client.execute("server.state");
    expect(texts(there.iopub)).toContain("'closed'");
    const again = await two.client.execute(`(await serve(${port}, () => {})).port`);
    expect(texts(again.iopub)).toContain(String(port));
  } finally {
    rmSync(runtime, { recursive: true, force: true });
  }
});

test("a notebook that ends takes its notes with it", async () => {
  const runtime = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  try {
    {
      await using kernel = await startKernelProcess({ env: { XDG_RUNTIME_DIR: runtime } });
      await kernel.client.execute("import { serve } from 'wirebook/serve'; await serve(0, () => {})");
      expect(readdirSync(join(runtime, "wirebook-servers"))).not.toEqual([]);
    }
    await expect.poll(() => readdirSync(join(runtime, "wirebook-servers"))).toEqual([]);
  } finally {
    rmSync(runtime, { recursive: true, force: true });
  }
});
