// A program that does what its parent asks, by the name of each task, and ends with it.
export interface Ask {
  ask: number;
  task: string;
  with: unknown;
}

export interface Answer {
  ask: number;
  value?: unknown;
  error?: string;
}

/** @param tasks each is given what the parent sends along */
export function obey(tasks: Record<string, (given: never) => unknown>): void {
  process.on("message", ({ ask, task, with: given }: Ask) => {
    const say = (answer: Omit<Answer, "ask">): void => {
      process.send?.({ ask, ...answer });
    };
    const work = async (): Promise<unknown> => await (tasks[task] as (given: unknown) => unknown)(given);
    work().then(
      (value) => say({ value }),
      (error: unknown) =>
        say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.once("disconnect", () => {
    if (!isOver) process.exit(1);
  });
}

let isOver = false;

/** Nothing more is asked of it: it ends when nothing keeps it. */
export function over(): void {
  isOver = true;
  setImmediate(() => process.disconnect?.());
  setTimeout(() => console.error(`kept by ${process.getActiveResourcesInfo().join(", ")}`), 3000).unref();
}
