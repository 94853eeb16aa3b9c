// What a notebook can reach and use when its engine runs within the sandbox, and that checks reach its servers all the same.

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Fixture, secret, startGrading } from "./fixture.js";

const works =
  process.platform === "linux" &&
  spawnSync("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "true"]).status === 0 &&
  spawnSync("prlimit", ["--version"]).status === 0 &&
  spawnSync("nsenter", ["--version"]).status === 0;
const walled = works ? test : test.skip;
const skipped = works ? "" : " (skipped: bwrap, prlimit and nsenter are needed, and user namespaces)";

const start = (limits: object = {}, env: NodeJS.ProcessEnv = {}): Promise<Fixture> =>
  startGrading({
    graded: true,
    env: {
      WIREBOOK_SANDBOX: "bubblewrap",
      WIREBOOK_SANDBOX_LIMITS: JSON.stringify(limits),
      A_PASSWORD: secret,
      ...env,
    },
    prepare: (folder) => writeFileSync(join(folder, "beside.txt"), "handed in with it"),
  });

/** What a cell's last expression gives, or its error. */
async function given(grading: Fixture, code: string): Promise<string> {
  const { iopub } = await grading.run(code, { timeout: 30_000 });
  const result = iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"];
  const error = iopub.find(({ type }) => type === "error")?.content;
  return result ?? (error ? `${error.ename}: ${error.evalue}` : "");
}

walled(
  `a notebook sees its own folder's copy, and nothing else of this computer${skipped}`,
  async () => {
    await using grading = await start();
    const own = join(grading.kernel.folder, "written.txt");
    expect(await given(grading, `import fs from "node:fs"; fs.readFileSync("beside.txt", "utf8")`)).toContain(
      "handed in",
    );
    expect(
      await given(
        grading,
        `fs.writeFileSync("written.txt", "x"); fs.readdirSync(".").includes("written.txt")`,
      ),
    ).toBe("true");
    expect(existsSync(own)).toBe(false);
    for (const path of [
      import.meta.dirname,
      grading.kernel.folder,
      "/root",
      "/home/..",
      "/var",
      "/etc/shadow",
    ])
      expect(
        await given(
          grading,
          `try { fs.readdirSync(${JSON.stringify(path)}).join() } catch (e) { (e as any).code }`,
        ),
      ).not.toContain("checks");
    const everything = await given(
      grading,
      `const found: string[] = [];
     const walk = (folder: string, depth: number) => {
       if (depth > 6 || /^\\/(usr|proc|dev|bin|sbin|lib|wirebook.node_modules)/.test(folder)) return;
       for (const each of (() => { try { return fs.readdirSync(folder, { withFileTypes: true }); } catch { return []; } })()) {
         const path = (folder === "/" ? "" : folder) + "/" + each.name;
         if (each.isDirectory()) walk(path, depth + 1);
         else try { if (fs.readFileSync(path, "utf8").includes("the-secret" + "-answer")) found.push(path); } catch {}
       }
     };
     walk("/", 0); found.join()`,
    );
    expect(everything).toBe("''");
  },
  90_000,
);

walled(
  `neither its environment nor /proc tells of the graders${skipped}`,
  async () => {
    await using grading = await start();
    expect(await given(grading, "JSON.stringify(process.env)")).not.toMatch(
      /secret-answer|WIREBOOK_CHECKS|wirebook-hidden/,
    );
    const pids = await given(
      grading,
      `import fs from "node:fs"; fs.readdirSync("/proc").filter((n) => /^\\d+$/.test(n)).length`,
    );
    expect(Number(pids)).toBeLessThan(6);
    const environs = await given(
      grading,
      `fs.readdirSync("/proc").map((n) => { try { return fs.readFileSync("/proc/" + n + "/environ", "utf8") + fs.readFileSync("/proc/" + n + "/cmdline", "utf8"); } catch { return ""; } }).join()`,
    );
    expect(environs).not.toMatch(/secret-answer|WIREBOOK_CHECKS|wirebook-hidden/);
  },
  60_000,
);

walled(
  `its network is a loopback of its own, and a check reaches its servers there${skipped}`,
  async () => {
    await using grading = await start();
    const outside = createServer((socket) => socket.end("outside")).listen(0, "127.0.0.1");
    await new Promise((resolve) => outside.once("listening", resolve));
    const { port } = outside.address() as { port: number };
    const reach = (host: string, to: number): string => `
    import net from "node:net";
    await new Promise((resolve) => net.connect({ host: "${host}", port: ${to}, timeout: 1500 }).once("connect", () => resolve("reached")).once("error", (e: any) => resolve(e.code)).once("timeout", () => resolve("timeout")))`;
    expect(await given(grading, reach("127.0.0.1", port))).toContain("ECONNREFUSED");
    expect(await given(grading, reach("192.0.2.1", 80))).toMatch(/ENETUNREACH|EHOSTUNREACH/);
    outside.close();
    await grading.run(`
    import { createServer } from "node:net";
    const server = createServer((conn) => conn.end("hello")).listen(12345, "127.0.0.1");
    const port = 12345;`);
    expect((await grading.check("1.2")).plain).toBe("3");
  },
  60_000,
);

walled(
  `the helpers work in there, too${skipped}`,
  async () => {
    await using grading = await start();
    const said = await given(
      grading,
      `import * as socket from "wirebook/socket";
     import { serve } from "wirebook/serve";
     const server = await serve(12345, async (conn: any) => { await conn.sendall("hello"); });
     const s = socket.socket();
     await s.connect(["localhost", 12345]);
     (await s.recv(1024)).toString()`,
    );
    expect(said).toBe("'hello'");
  },
  60_000,
);

const other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
const asOther =
  works &&
  process.getuid?.() === 0 &&
  spawnSync("setpriv", [...other.slice(1), process.execPath, "-e", "0"]).status === 0;
test.skipIf(!asOther)(
  `whoever is not root has the same walls, and the checker comes in${asOther ? "" : " (skipped: it needs root, to become somebody else)"}`,
  async () => {
    await using grading = await startGrading({
      graded: true,
      prefix: other,
      env: { WIREBOOK_SANDBOX: "bubblewrap", HOME: "/tmp" },
    });
    await grading.run(`
      import { createServer } from "node:net";
      const server = createServer((conn) => conn.end("hello")).listen(12345, "127.0.0.1");
      const port = 12345;`);
    expect((await grading.check("1.2")).plain).toBe("3");
    expect(
      await given(
        grading,
        `import fs from "node:fs"; fs.existsSync(${JSON.stringify(grading.kernel.folder)})`,
      ),
    ).toBe("false");
  },
  60_000,
);

const greedy: [title: string, limits: object, code: string, said: RegExp][] = [
  [
    "memory",
    { memory: 300 },
    `const kept: Buffer[] = []; for (;;) { kept.push(Buffer.alloc(1e7, 1)); await new Promise((r) => setImmediate(r)); }`,
    /more than the 300 MB|out of memory|Failed to allocate/,
  ],
  [
    "the memory of its children",
    { memory: 300 },
    `import { spawn } from "node:child_process"; for (let i = 0; i < 6; i++) spawn(process.execPath, ["-e", "const b = Buffer.alloc(1.5e8, 1); setTimeout(() => b, 60000)"]); await new Promise(() => {});`,
    /more than the 300 MB/,
  ],
  [
    "processes",
    { processes: 40 },
    `import { spawn } from "node:child_process"; let failed = 0; for (let i = 0; i < 200; i++) spawn("/bin/sleep", ["60"]).on("error", () => failed++); await new Promise((r) => setTimeout(r, 1000)); failed > 100 ? "refused" : "all started"`,
    /more than the 40 processes|refused|EAGAIN/,
  ],
  [
    "disk",
    { disk: 8 },
    `import fs from "node:fs"; for (let i = 0; i < 20; i++) fs.writeFileSync("/tmp/" + i, Buffer.alloc(1e6));`,
    /ENOSPC/,
  ],
];

for (const [title, limits, code, said] of greedy) {
  walled(
    `who takes more than its share of ${title} is stopped, and the kernel goes on${skipped}`,
    async () => {
      await using grading = await start(limits);
      expect(await given(grading, code)).toMatch(said);
      expect(await given(grading, "1 + 1")).toBe("2");
    },
    60_000,
  );
}
