// The hub of deploy/ on this machine, for as long as it is needed, with users who log in as people do: through the page.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../src/client/free-ports.js";
import { Student } from "./student.js";

export interface Hub extends AsyncDisposable {
  url: string;
  pid: number;
  /** Where the users' folders are, one by each name. */
  homes: string;
  /** Logs a user in. Whoever is called `teacher` is an instructor. */
  login(name: string): Promise<Student>;
  /** From now on ends the servers that nobody has used for so many seconds: the hub's own service, with less patience. */
  cull(seconds: number): AsyncDisposable;
}

/** Why there is no hub; nothing where there is one. */
export function withoutHub(root: string): string | undefined {
  if (process.platform === "win32") return "JupyterHub does not run on Windows";
  if (!existsSync(join(root, ".cache", "hub", ".wirebook-hub")))
    return "JupyterHub is not set up; npm run hub -- --version does it";
  return undefined;
}

/**
 * @param root the project's folder
 * @throws Error with the hub's last words, where it does not answer within a minute
 */
export async function startHub(root: string): Promise<Hub> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-hub-"));
  const [port, ...others] = await freePorts(3);
  const secret = (): string => randomBytes(16).toString("hex");
  const [password, adminPassword, cullerToken] = [secret(), `admin-${secret()}${secret()}`, secret()];
  const python = join(root, ".cache", "hub", "venv", "bin", "python");
  const child = spawn(python, ["-m", "jupyterhub", "-f", join(root, "bench", "hub", "config.py")], {
    cwd: folder,
    env: {
      ...process.env,
      WIREBOOK_HUB_DIR: folder,
      WIREBOOK_HUB_DEPLOY: join(root, "deploy"),
      WIREBOOK_HUB_PORTS: [port, ...others].join(","),
      WIREBOOK_HUB_PASSWORD: password,
      WIREBOOK_HUB_ADMIN_PASSWORD: adminPassword,
      WIREBOOK_HUB_CULLER_TOKEN: cullerToken,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      log = (log + chunk).slice(-20_000);
    });
  // The hub ends its users' servers, however this process ends.
  const left = (): void => void child.kill("SIGTERM");
  process.once("exit", left);
  const dispose = async (): Promise<void> => {
    process.off("exit", left);
    await end(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; !/JupyterHub is now running/.test(log); tries++) {
    if (child.exitCode !== null || tries > 300) {
      await dispose();
      throw new Error(`The hub did not start:\n${log}`);
    }
    await sleep(200);
  }
  return {
    url,
    pid: child.pid as number,
    homes: join(folder, "homes"),
    login: (name) => Student.login(url, name, name === "teacher" ? adminPassword : password),
    cull(seconds) {
      const args = ["-m", "jupyterhub_idle_culler", `--timeout=${seconds}`, "--cull-every=1"];
      const env = { ...process.env, JUPYTERHUB_API_URL: `${url}/hub/api`, JUPYTERHUB_API_TOKEN: cullerToken };
      const culler = spawn(python, args, { env, stdio: "ignore" });
      return { [Symbol.asyncDispose]: () => end(culler) };
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  await gone;
  clearTimeout(timer);
}
