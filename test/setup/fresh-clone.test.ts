// The whole way of a newcomer, with the real Python and npm: some minutes, so only CI walks it.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts } from "../../src/client/free-ports.js";
import { root } from "../places.js";

// As a newcomer's shell: none of what npm and vitest say to their children, and nothing of this folder on the PATH.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_|WIREBOOK_|VIRTUAL_ENV)/i.test(name)),
);
env.PATH = (env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.startsWith(root))
  .join(delimiter);

let base: string;
let clone: string;
let lab: ChildProcess | undefined;

function setUp(): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "setup"], {
    cwd: clone,
    env,
    encoding: "utf8",
    timeout: 400_000,
  });
  return { code: status, output: stdout + stderr };
}

function kernelPaths(): string[] {
  const spec = JSON.parse(
    readFileSync(join(clone, ".venv/share/jupyter/kernels/wirebook/kernel.json"), "utf8"),
  );
  return spec.argv.slice(0, 2);
}

describe.skipIf(!process.env.CI || process.platform === "win32")(
  "a fresh clone (only where CI is set)",
  () => {
    beforeAll(() => {
      base = mkdtempSync(join(tmpdir(), "wirebook-clone-"));
      clone = join(base, "Übung mit Leerzeichen");
      const { status, stderr } = spawnSync("git", ["clone", "-q", root, clone], { encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
    });

    afterAll(() => {
      if (lab?.pid && lab.exitCode === null && lab.signalCode === null) process.kill(-lab.pid, "SIGKILL");
      rmSync(base, { recursive: true, force: true });
    });

    test("is set up by one command", { timeout: 420_000 }, () => {
      const { code, output } = setUp();
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining("Ready") });
      for (const path of kernelPaths()) expect(existsSync(path), path).toBe(true);
    });

    test("has nothing to do the second time", () => {
      expect(setUp().output.trim()).toMatch(/^Ready \(\d+\.\d s\)\.$/);
    });

    test("is repaired after it has moved", () => {
      const moved = join(base, "anderswo");
      renameSync(clone, moved);
      clone = moved;
      const { code, output } = setUp();
      expect({ code, output }).toMatchObject({
        code: 0,
        output: expect.stringContaining("The folder has moved"),
      });
      expect(output).not.toContain("Fetching");
      for (const path of kernelPaths()) expect(path.startsWith(moved) && existsSync(path), path).toBe(true);
      const jupyter = spawnSync(join(moved, ".venv/bin/jupyter"), ["kernelspec", "list"], {
        encoding: "utf8",
      });
      expect(jupyter.stdout).toContain(join(moved, ".venv/share/jupyter/kernels/wirebook"));
    });

    test("serves JupyterLab with the kernel, on loopback, until Ctrl-C", { timeout: 120_000 }, async () => {
      const port = (await freePorts(1))[0];
      const args = [
        "run",
        "--silent",
        "lab",
        "--",
        "--no-browser",
        `--port=${port}`,
        "--IdentityProvider.token=secret",
      ];
      // A group of its own, as a terminal's: Ctrl-C reaches all of it.
      lab = spawn("npm", args, { cwd: clone, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
      const ended = new Promise<void>((settle) => lab?.once("exit", () => settle()));
      let said = "";
      for (const stream of [lab.stdout, lab.stderr]) stream?.on("data", (chunk) => (said += chunk));
      while (!said.includes(`127.0.0.1:${port}/lab`)) {
        expect(lab.exitCode, said).toBe(null);
        await new Promise((resume) => setTimeout(resume, 100));
      }
      const answer = await fetch(`http://127.0.0.1:${port}/api/kernelspecs?token=secret`);
      const { default: standard, kernelspecs } = (await answer.json()) as {
        default: string;
        kernelspecs: object;
      };
      expect(Object.keys(kernelspecs)).toContain("wirebook");
      expect(standard).toBe("wirebook");
      process.kill(-(lab.pid as number), "SIGINT");
      await ended;
      await expect(fetch(`http://127.0.0.1:${port}/api`)).rejects.toThrow();
    });
  },
);
