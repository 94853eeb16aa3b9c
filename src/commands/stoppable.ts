// Ctrl-C, as a signal for what a command is doing.

export function stoppable(): { signal: AbortSignal; end(): void } {
  const stopped = new AbortController();
  const onInterrupt = (): void => stopped.abort();
  process.on("SIGINT", onInterrupt).on("SIGTERM", onInterrupt);
  return {
    signal: stopped.signal,
    end: () => void process.off("SIGINT", onInterrupt).off("SIGTERM", onInterrupt),
  };
}
