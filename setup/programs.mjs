// Running other programs: quietly, with their output kept for the case that they fail.
import { spawn, spawnSync } from "node:child_process";
import { fromOutput, Problem } from "./problem.mjs";

let running;

/** Loopback is never to be looked for behind a proxy. */
export function environment(extra = {}) {
  const env = { ...process.env, ...extra };
  for (const name of ["NO_PROXY", "no_proxy"]) {
    const hosts = new Set([...(env[name] ?? "").split(","), "127.0.0.1", "localhost", "::1"].filter(Boolean));
    env[name] = [...hosts].join(",");
  }
  return env;
}

/** Runs a step's program to its end. @throws Problem with the reason, where it fails */
export function run(what, command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: environment(options.env),
      cwd: options.cwd,
      windowsHide: true,
    });
    running = child;
    let output = "";
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000);
      options.onOutput?.(String(chunk));
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => reject(fromOutput(what, `${error.code ?? ""} ${error.message}`)));
    child.on("close", (code, signal) => {
      running = undefined;
      if (code === 0) resolve(output);
      else if (signal)
        reject(new Problem(`${what} was stopped (${signal}).`, "Start again: what is done stays done."));
      else reject(Object.assign(fromOutput(what, output), { orderly: true, output }));
    });
  });
}

/** Runs a program in the foreground, with the terminal for itself. Resolves with its exit code. */
export function foreground(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env: environment(options.env), cwd: options.cwd });
    // Ctrl-C reaches the program as well; it ends, and then so do we.
    const ignore = () => {};
    process.on("SIGINT", ignore);
    const end = () => child.kill("SIGTERM");
    process.on("SIGTERM", end);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", end);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

/** What a program prints, or nothing where it fails or is missing. */
export function ask(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: "utf8",
    timeout: 20_000,
    windowsHide: true,
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Ends what is running now, when we are ended ourselves; waits for it for 3 seconds. */
export async function endRunning() {
  if (!running) return;
  const ended = new Promise((resolve) => running.once("close", resolve));
  running.kill("SIGTERM");
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000))]);
}
