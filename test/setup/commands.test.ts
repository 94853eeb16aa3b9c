// The command `wirebook`, as it is built.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { kernelSpec, kernelsFolder } from "../../src/commands/kernelspec.js";
import { dist } from "../places.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wirebook-commands-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function wirebook(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): { code: number | null; output: string; stdout: string } {
  const { VIRTUAL_ENV: _, CONDA_PREFIX: __, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, "cli.js"), ...args], {
    env: { ...rest, JUPYTER_DATA_DIR: join(folder, "user"), ...env },
    encoding: "utf8",
    timeout: 20_000,
  });
  return { code: status, output: stdout + stderr, stdout };
}

describe("wirebook", () => {
  test("says its version", () => {
    expect(wirebook(["--version"])).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
  });

  test("lists its commands", () => {
    const { code, stdout } = wirebook(["--help"]);
    expect(code).toBe(0);
    for (const name of ["install", "uninstall", "lab", "run"])
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, "m"));
  });

  test.each([
    [["instal"], /unknown command 'instal'[\s\S]*install/],
    [["install", "--globally"], /unknown option '--globally'/],
    [["run"], /missing required argument 'notebook'/],
    [["run", "a.ipynb", "--timeout", "soon"], /--timeout takes seconds, not "soon"/],
    [["run", "a.ipynb", "--inplace", "--output-dir", "x"], /cannot be used with/],
  ])("refuses %j with a reason", (args, words) => {
    const { code, output } = wirebook(args);
    expect(output).toMatch(words);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });
});

describe("wirebook install", () => {
  test.each([
    ["for the user", [], "user/kernels", {}],
    ["for the user, by name", ["--user"], "user/kernels", {}],
    ["into a prefix", ["--prefix", "there"], "there/share/jupyter/kernels", {}],
    ["into the active environment", ["--sys-prefix"], "env/share/jupyter/kernels", { VIRTUAL_ENV: "env" }],
  ])("%s: Jupyter finds a spec that starts this kernel; uninstall takes it back", (_, flags, below, env) => {
    const args = flags.map((word) => (word === "there" ? join(folder, word) : word));
    const full = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, join(folder, value)]));
    const kernels = join(folder, below);
    expect(wirebook(["install", ...args], full)).toMatchObject({
      code: 0,
      output: expect.stringContaining(kernels),
    });
    const spec = JSON.parse(readFileSync(join(kernels, "wirebook/kernel.json"), "utf8"));
    expect(spec).toEqual({
      argv: [process.execPath, join(dist, "supervisor.js"), "{connection_file}"],
      display_name: "TypeScript (Wirebook)",
      language: "typescript",
      env: { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072" },
      interrupt_mode: "message",
      kernel_protocol_version: "5.6",
      metadata: { debugger: true, supported_encryption: ["curve"] },
    });
    for (const logo of ["logo-svg.svg", "logo-32x32.png", "logo-64x64.png"]) {
      expect(existsSync(join(kernels, "wirebook", logo))).toBe(true);
    }
    expect(wirebook(["install", ...args], full), "again").toMatchObject({ code: 0 });
    expect(wirebook(["uninstall", ...args], full)).toMatchObject({ code: 0 });
    expect(existsSync(join(kernels, "wirebook"))).toBe(false);
    expect(wirebook(["uninstall", ...args], full)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/no kernel "wirebook"/),
    });
  });

  test("another kernel of this name is replaced only by --force, and never removed", () => {
    const foreign = join(folder, "user/kernels/wirebook");
    mkdirSync(foreign, { recursive: true });
    writeFileSync(join(foreign, "kernel.json"), '{"argv":["other"],"display_name":"Other"}');
    expect(wirebook(["install"])).toMatchObject({ code: 1, output: expect.stringContaining("--force") });
    expect(wirebook(["uninstall"])).toMatchObject({ code: 1, output: expect.stringContaining("it stays") });
    expect(readFileSync(join(foreign, "kernel.json"), "utf8")).toContain("Other");
    expect(wirebook(["install", "--force"])).toMatchObject({ code: 0 });
    expect(readFileSync(join(foreign, "kernel.json"), "utf8")).toContain("Wirebook");
  });

  test("in place of other kernels, all of them or none, and what is not its own stays; uninstall takes them back", () => {
    const kernels = join(folder, "user/kernels");
    const spec = (name: string): Record<string, unknown> =>
      JSON.parse(readFileSync(join(kernels, name, "kernel.json"), "utf8"));
    mkdirSync(join(kernels, "deno"), { recursive: true });
    writeFileSync(join(kernels, "deno/kernel.json"), '{"argv":["deno","jupyter"],"display_name":"Deno"}');
    expect(wirebook(["install", "--as", "tslab,jslab,deno"])).toMatchObject({
      code: 1,
      output: expect.stringMatching(/deno holds another kernel[\s\S]*--force/),
    });
    expect(existsSync(join(kernels, "tslab"))).toBe(false);
    expect(wirebook(["install", "--as", "tslab, jslab"])).toMatchObject({ code: 0 });
    expect(existsSync(join(kernels, "wirebook"))).toBe(false);
    expect(spec("tslab")).toMatchObject({
      argv: [process.execPath, join(dist, "supervisor.js"), "{connection_file}"],
      display_name: "TypeScript (Wirebook, as tslab)",
      language: "typescript",
      env: { WIREBOOK_AS: "tslab" },
    });
    expect(spec("jslab")).toMatchObject({ language: "javascript", env: { WIREBOOK_AS: "jslab" } });
    expect(existsSync(join(kernels, "jslab/logo-svg.svg"))).toBe(true);
    expect(wirebook(["uninstall", "--as", "deno"])).toMatchObject({
      code: 1,
      output: expect.stringContaining("it stays"),
    });
    expect(wirebook(["uninstall", "--as", "jslab"])).toMatchObject({ code: 0 });
    expect(wirebook(["install"])).toMatchObject({ code: 0 });
    expect(wirebook(["uninstall"])).toMatchObject({
      code: 0,
      output: expect.stringMatching(/wirebook[\s\S]*tslab/),
    });
    expect(existsSync(join(kernels, "tslab"))).toBe(false);
    expect(spec("deno")).toMatchObject({ display_name: "Deno" });
    expect(wirebook(["install", "--as", "deno", "--force"])).toMatchObject({ code: 0 });
    expect(spec("deno")).toMatchObject({ display_name: "TypeScript (Wirebook, as deno)" });
    expect(wirebook(["uninstall"]), "with nothing but a stand-in").toMatchObject({ code: 0 });
    expect(existsSync(join(kernels, "deno"))).toBe(false);
  });

  test.each(["python3", "", "tslab,nonsense"])("--as %j is refused with the names there are", (names) => {
    const { code, output } = wirebook(["install", "--as", names]);
    expect(output).toMatch(/--as tslab,jslab,deno; not/);
    expect(code).toBe(1);
  });

  test("two places at once are refused, and so is no environment", () => {
    expect(wirebook(["install", "--user", "--prefix", folder])).toMatchObject({
      code: 1,
      output: expect.stringContaining("choose one"),
    });
    expect(wirebook(["install", "--sys-prefix"])).toMatchObject({
      code: 1,
      output: expect.stringContaining("VIRTUAL_ENV"),
    });
  });

  test("a place that cannot be written to is named", () => {
    writeFileSync(join(folder, "file"), "");
    const { code, output } = wirebook(["install", "--prefix", join(folder, "file")]);
    expect(output).toMatch(/file.*cannot be written/);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });

  // What `jupyter --data-dir` answers on each system.
  test.each([
    ["linux", {}, join(homedir(), ".local/share/jupyter/kernels")],
    ["linux", { XDG_DATA_HOME: "/data" }, "/data/jupyter/kernels"],
    ["darwin", {}, join(homedir(), "Library/Jupyter/kernels")],
    ["win32", { APPDATA: "/roaming" }, "/roaming/jupyter/kernels"],
    ["win32", { JUPYTER_DATA_DIR: "/own" }, "/own/kernels"],
  ] as [NodeJS.Platform, NodeJS.ProcessEnv, string][])(
    "the user's kernels on %s %j: %s",
    (platform, env, expected) => {
      expect(kernelsFolder({}, env, platform)).toBe(expected);
    },
  );

  test("the spec keeps to the protocol's names", () => {
    expect(kernelSpec("node", "supervisor.js")).toMatchObject({
      interrupt_mode: "message",
      language: "typescript",
    });
  });
});
