// Where things lie, and whether something is there.
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";

export const root: string = resolve(import.meta.dirname, "..");
/** The build that is tested. */
export const dist: string = resolve(process.env.WIREBOOK_DIST ?? join(root, "dist"));
/** The Python that has Jupyter. */
export const python: string = join(
  root,
  ".venv",
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);

/** Is there still a process with this id? One that has ended and only waits to be reaped does not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch (error) {
    // No such process; or one that was asked for before, on a system without /proc.
    return (error as NodeJS.ErrnoException).code === "ENOENT" && !existsSync("/proc/self");
  }
}

/** Does somebody listen on this port of 127.0.0.1? */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = connect(port, "127.0.0.1", () => {
      probe.destroy();
      done(true);
    }).on("error", () => done(false));
  });
}
