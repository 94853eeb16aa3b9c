// A Jupyter server of a test's own: its files, settings and port are nobody else's, and it ends with the test.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../src/client/free-ports.js";
import { kernelSpec } from "../../src/commands/kernelspec.js";
import { dist, python, root } from "../places.js";

/** Folders and environment in which Jupyter knows our kernel, and nothing of the user's. */
export interface JupyterHome extends Disposable {
  folder: string;
  env: NodeJS.ProcessEnv;
}

export function jupyterHome({ windowed = false }: { windowed?: boolean } = {}): JupyterHome {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-jupyter-"));
  const spec = join(folder, "data", "kernels", "wirebook");
  mkdirSync(spec, { recursive: true });
  mkdirSync(join(folder, "runtime"), { mode: 0o700 });
  const kernel = kernelSpec(process.execPath, join(dist, "supervisor.js"));
  writeFileSync(join(spec, "kernel.json"), JSON.stringify(kernel));
  if (!windowed) {
    const tracker = join(folder, "lab", "@jupyterlab", "notebook-extension");
    mkdirSync(tracker, { recursive: true });
    // Every cell is in the page, also those that are scrolled away.
    writeFileSync(join(tracker, "tracker.jupyterlab-settings"), JSON.stringify({ windowingMode: "none" }));
  }
  const { JPY_PARENT_PID: _, JPY_SESSION_NAME: __, WIREBOOK_IOPUB: ___, ...env } = process.env;
  return {
    folder,
    env: {
      ...env,
      JUPYTER_PATH: join(folder, "data"),
      JUPYTER_DATA_DIR: join(folder, "user"),
      JUPYTER_CONFIG_DIR: join(folder, "config"),
      JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
      JUPYTERLAB_SETTINGS_DIR: join(folder, "lab"),
      IPYTHONDIR: join(folder, "ipython"),
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface JupyterServer extends AsyncDisposable {
  url: string;
  token: string;
  /** The notebooks that it serves: a copy. */
  notebooks: string;
  /** What a program gets that belongs to this server. */
  env: NodeJS.ProcessEnv;
}

export interface ServerOptions {
  /** With the limits that a Jupyter server has where nobody changed them. */
  defaultLimits?: boolean;
  env?: NodeJS.ProcessEnv;
  /** Draws only what is on the screen, as JupyterLab does by itself: much faster where many notebooks are open. */
  windowed?: boolean;
  /** JupyterLab's own is the light one. */
  theme?: "JupyterLab Dark";
  /** Which program of Jupyter's; JupyterLab by default. */
  app?: "jupyterlab" | "notebook";
}

/** Starts JupyterLab, or Notebook, on a copy of the notebooks. */
export async function startJupyter(options: ServerOptions = {}): Promise<JupyterServer> {
  const home = jupyterHome(options);
  const notebooks = join(home.folder, "notebooks");
  cpSync(join(root, "notebooks"), notebooks, { recursive: true });
  if (options.theme) {
    const themes = join(home.folder, "lab", "@jupyterlab", "apputils-extension");
    mkdirSync(themes, { recursive: true });
    writeFileSync(join(themes, "themes.jupyterlab-settings"), JSON.stringify({ theme: options.theme }));
  }
  const [port] = await freePorts(1);
  const token = randomBytes(16).toString("hex");
  const args = [
    "-m",
    options.app ?? "jupyterlab",
    "--no-browser",
    `--ServerApp.port=${port}`,
    "--ServerApp.port_retries=0",
    `--ServerApp.root_dir=${notebooks}`,
    "--ServerApp.ip=127.0.0.1",
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
    ...(options.defaultLimits
      ? ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
      : [`--config=${join(root, "setup", "lab_config.py")}`]),
  ];
  const child = spawn(python, args, {
    cwd: notebooks,
    env: {
      ...home.env,
      JUPYTER_TOKEN: token,
      ...(!options.defaultLimits && { WIREBOOK_IOPUB: "unlimited" }),
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  const keep = (chunk: Buffer): void => {
    log = (log + chunk).slice(-20_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; ; i++) {
    const answer = await fetch(`${url}/api/status?token=${token}`).catch(() => undefined);
    if (answer?.ok) break;
    if (child.exitCode !== null || i > 300) throw new Error(`JupyterLab did not start:\n${log}`);
    await new Promise((wait) => setTimeout(wait, 200));
  }
  return {
    url,
    token,
    notebooks,
    env: home.env,
    async [Symbol.asyncDispose]() {
      await end(child);
      home[Symbol.dispose]();
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 8000);
  await gone;
  clearTimeout(timer);
}

/** Why a test in a browser cannot run here; nothing where it can. */
export function withoutBrowser(): string | undefined {
  return existsSync(browser) ? undefined : `there is no Chromium at ${browser}`;
}

export const browser: string = process.env.WIREBOOK_CHROMIUM ?? "/usr/bin/chromium";

const own = { name: "wirebook", display_name: "TypeScript (Wirebook)", language: "typescript" };

/** A notebook of cells by their ids. */
export function writeCells(
  server: JupyterServer,
  name: string,
  cells: Record<string, string>,
  { kernelspec = own }: { kernelspec?: Record<string, string> } = {},
): void {
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec },
    cells: Object.entries(cells).map(([id, source]) => ({
      cell_type: "code",
      id,
      source,
      metadata: {},
      outputs: [],
      execution_count: null,
    })),
  };
  writeFileSync(join(server.notebooks, name), JSON.stringify(notebook));
}
