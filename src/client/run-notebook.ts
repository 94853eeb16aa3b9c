// Runs a notebook on a kernel, cell by cell. Every cell's future stays open to the end, so that what a server prints while a
// later cell runs stands under the server's cell.
import type { KernelConnection } from "@jupyterlab/services";
import type { KernelMessage } from "./connection.js";
import { type Cell, type Notebook, sourceOf } from "./notebook.js";
import { Outputs } from "./outputs.js";

export interface RunOptions {
  /** Longest time for one cell, in seconds; 0: none. */
  timeout: number;
  allowErrors: boolean;
  /** Ends the running cell; asked for at a timeout. */
  interrupt(): void;
  /** Resolves with the reason when the kernel is gone. */
  dead: Promise<string>;
  /** Stops after the running cell. */
  signal: AbortSignal;
  /** Characters that are kept of one cell's outputs; all by default. */
  mostOutput?: number;
  /** Whose work it is, for checks; left out: as this machine says. */
  student?: string;
  /** How long nothing may have come, in milliseconds, until what cells left running is not listened to any more. */
  quiet?: number;
  onCell?(done: number): void;
}

export interface Place {
  /** Number of the cell in the notebook, from 1, all kinds counted. */
  index: number;
  id: string | undefined;
}

export interface Failure extends Place {
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface RunResult {
  ran: number;
  /** Failed and may not. */
  failures: Failure[];
  /** Answers that are still empty. */
  unanswered: Place[];
  seconds: number;
}

const QUIET_MS = 300;
const MOST_QUIET_MS = 3000;
const INTERRUPT_MS = 5000;

/** Executes the code cells in place: outputs and execution counts are written into `notebook`. */
export async function runNotebook(
  kernel: KernelConnection,
  notebook: Notebook,
  options: RunOptions,
): Promise<RunResult> {
  const started = performance.now();
  const outputs = new Outputs(options.mostOutput);
  const result: RunResult = { ran: 0, failures: [], unanswered: [], seconds: 0 };
  const cells = notebook.cells.filter((cell) => cell.cell_type === "code");
  const collected = new Map<Cell, ReturnType<Outputs["cell"]>>();
  let lastMessage = performance.now();
  for (const cell of cells) {
    cell.outputs = [];
    cell.execution_count = null;
  }
  for (const cell of cells) {
    if (options.signal.aborted || sourceOf(cell).trim() === "") continue;
    const own = outputs.cell();
    collected.set(cell, own);
    const future = kernel.requestExecute(
      { code: sourceOf(cell), allow_stdin: false, stop_on_error: true },
      false,
      {
        cellId: cell.id,
        deletedCells: [],
        recordTiming: false,
        ...(options.student !== undefined && { wirebook: { student: options.student } }),
      } as never,
    );
    future.onIOPub = (message) => {
      lastMessage = performance.now();
      if (message.header.msg_type === "execute_input")
        cell.execution_count = (message.content as { execution_count: number }).execution_count;
      own.take(message);
    };
    const reply = await settle(future.done as Promise<KernelMessage.IExecuteReplyMsg>, options);
    result.ran++;
    options.onCell?.(result.ran);
    if (typeof reply === "string" || reply.content.status !== "ok") {
      const failure = describe(reply, notebook.cells.indexOf(cell) + 1, cell);
      const tags = cell.metadata.tags ?? [];
      const allowed = tags.includes("raises-exception");
      if (tags.includes("answer") && failure.ename === "NotAnswered")
        result.unanswered.push({ index: failure.index, id: cell.id });
      else if (!allowed || typeof reply === "string") result.failures.push(failure);
      if (typeof reply === "string" && failure.ename === "DeadKernel") break;
      if (result.failures.length > 0 && !options.allowErrors) break;
    }
  }
  const { quiet = QUIET_MS } = options;
  // What still comes from callbacks and servers: until it has been quiet for a while.
  const end = performance.now() + MOST_QUIET_MS;
  while (performance.now() < end && performance.now() - lastMessage < quiet)
    await new Promise((resolve) => setTimeout(resolve, 20));
  for (const [cell, own] of collected) cell.outputs = own.toNotebook();
  result.seconds = (performance.now() - started) / 1000;
  return result;
}

type Problem = string;

/** The cell's reply, or in words why there is none. */
async function settle(
  done: Promise<KernelMessage.IExecuteReplyMsg>,
  options: RunOptions,
): Promise<KernelMessage.IExecuteReplyMsg | Problem> {
  const late = Symbol("late");
  let timer: NodeJS.Timeout | undefined;
  const after = (ms: number): Promise<typeof late> =>
    new Promise((resolve) => {
      timer = setTimeout(() => resolve(late), ms);
    });
  const dead = options.dead.then((reason): Problem => `dead: ${reason}`);
  const answered = done.catch((error: Error): Problem => `dead: ${error.message}`);
  try {
    const first = await Promise.race([
      answered,
      dead,
      ...(options.timeout > 0 ? [after(options.timeout * 1000)] : []),
    ]);
    if (first !== late) return first as KernelMessage.IExecuteReplyMsg | Problem;
    options.interrupt();
    const second = await Promise.race([answered, dead, after(INTERRUPT_MS)]);
    if (typeof second === "string" && second.startsWith("dead")) return second;
    return `timeout: longer than ${options.timeout} s${second === late ? ", and it could not be interrupted" : ", so it was interrupted"}`;
  } finally {
    clearTimeout(timer);
  }
}

function describe(reply: KernelMessage.IExecuteReplyMsg | Problem, index: number, cell: Cell): Failure {
  const place = { index, id: cell.id };
  if (typeof reply === "string") {
    const [kind, ...words] = reply.split(": ");
    return {
      ...place,
      ename: kind === "dead" ? "DeadKernel" : "CellTimeout",
      evalue: words.join(": "),
      traceback: [],
    };
  }
  const {
    ename = "Aborted",
    evalue = "",
    traceback = [],
  } = reply.content as { ename?: string; evalue?: string; traceback?: string[] };
  return { ...place, ename, evalue, traceback };
}
