// A kernel must not outlive the program that started it, however that one ended.

/** How to tell that the watched process has gone, on one kind of system. */
export type ParentWatch = (pid: number) => () => boolean;

/** Where an orphan gets a new parent at once, even while the dead one still has an entry: Linux, macOS. */
export const adopted: ParentWatch = (pid) => {
  const direct = process.ppid === pid;
  return () => (direct ? process.ppid !== pid : !exists(pid));
};

/** Where the parent's number stays after its death: Windows. */
export const orphaned: ParentWatch = (pid) => () => !exists(pid);

/**
 * Which process to watch: `JPY_PARENT_PID`, which Jupyter sets for kernels that shall end with it. On Windows that is a
 * handle and not a process id, so the parent's id stands in. `undefined`: nobody (unset, or not visible from here). Who has started
 * us in this very system says so (`WIREBOOK_STARTED_BY`): where that one is not to be seen it has gone while we started.
 */
export function parentPid(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): number | undefined {
  const value = Number(env.JPY_PARENT_PID);
  if (!Number.isSafeInteger(value) || value <= 1) return undefined;
  const pid = platform === "win32" ? process.ppid : value;
  return pid > 1 && (exists(pid) || env.WIREBOOK_STARTED_BY === env.JPY_PARENT_PID) ? pid : undefined;
}

/**
 * Calls `onGone` once, as soon as the watched process has gone.
 * @param options.every milliseconds between two looks
 */
export function watchParent(
  pid: number,
  onGone: () => void,
  options: { every?: number; watch?: ParentWatch } = {},
): void {
  const { every = 500, watch = process.platform === "win32" ? orphaned : adopted } = options;
  const gone = watch(pid);
  const timer = setInterval(() => {
    if (!gone()) return;
    clearInterval(timer);
    onGone();
  }, every);
  timer.unref();
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is a process too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
