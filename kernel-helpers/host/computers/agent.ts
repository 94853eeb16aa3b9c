// A computer's process, seen from the notebook: it starts with the first call, answers calls, prints at the cell of each, and is
// started anew where it was ended.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { deserialize } from "node:v8";
import { type Cell, host } from "../../host-contract.js";
import { ours } from "../../socket/ours.js";
import { agent } from "./agent-process.js";
import { type FromAgent, type RemoteError, readFrames, type ToAgent, toFrame } from "./messages.js";

/** What is asked of a computer; the number comes here. */
export type Question = ToAgent extends infer One ? (One extends ToAgent ? Omit<One, "id"> : never) : never;

interface Call {
  child: ChildProcess;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface CallOptions {
  /** An interrupt ends the process, since nothing else would end what runs there; otherwise the command alone. */
  ends?: "process" | "command";
  /** An error of the function → what is thrown here. */
  toError(error: RemoteError): Error;
  /** What is printed, on its way to the cell. */
  toText?(text: string): string;
}

/** Where what is printed goes. */
interface Place {
  cell: Cell | undefined;
  toText(text: string): string;
}

const CLOSE_MS = 2000;
/** What a process said last may arrive after its end; what it has left behind may keep its streams open for ever. */
const LAST_WORDS_MS = 300;

export class Agent {
  readonly #name: string;
  readonly #enter: string[];
  readonly #directory: string;
  readonly #check: () => void;
  readonly #calls = new Map<number, Call>();
  readonly #places = new Map<number, Place>();
  #newest: Place = { cell: undefined, toText: (text) => text };
  #numbers = 0;
  #child: ChildProcess | undefined;
  #closed = false;

  /**
   * @param enter a command that starts another one on that computer
   * @param check throws where there is no such computer any more
   */
  constructor(name: string, enter: string[], check: () => void) {
    this.#name = name;
    this.#enter = enter;
    this.#check = check;
    this.#directory = process.cwd();
  }

  /** Its process, where one runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws what the question throws there; the reason of an interrupt */
  call(
    question: Question,
    { ends = "process", toError, toText = (text) => text }: CallOptions,
  ): Promise<unknown> {
    if (this.#closed) throw new Error(`${this.#name} is closed: run the cell again that calls computers()`);
    const signal = host()?.signal();
    if (signal?.aborted) throw signal.reason;
    const id = ++this.#numbers;
    const frame = this.#packed({ ...question, id } as ToAgent);
    const child = this.#started();
    this.#newest = { cell: host()?.cell(), toText };
    // Of the others nothing is heard after their end.
    if (question.type === "run") this.#places.set(id, this.#newest);
    return new Promise((resolve, reject) => {
      const interrupted = (): void => {
        if (ends === "command")
          this.#send(child, toFrame({ type: "kill", id: ++this.#numbers, command: id }));
        else {
          this.#end(child);
          console.error(
            `${this.#name}: what ran there was ended with its process. Its variables and servers are gone; the next call starts it anew.`,
          );
        }
        over();
        reject(signal?.reason);
      };
      const over = (): void => {
        this.#calls.delete(id);
        signal?.removeEventListener("abort", interrupted);
        if (![...this.#calls.values()].some((call) => call.child === child)) idle(child, true);
      };
      signal?.addEventListener("abort", interrupted, { once: true });
      this.#calls.set(id, {
        child,
        resolve(value) {
          over();
          resolve(value);
        },
        reject(error) {
          over();
          reject(isRemote(error) ? toError(error) : error);
        },
      });
      idle(child, false);
      this.#send(child, frame);
    });
  }

  #packed(message: ToAgent): Buffer {
    try {
      return toFrame(message);
    } catch (error) {
      throw new TypeError(
        `an argument for ${this.#name} cannot be copied to its process: ${(error as Error).message} Plain data can (structured clone); sockets, servers and functions stay where they are`,
      );
    }
  }

  #send(child: ChildProcess, frame: Buffer): void {
    (child.stdio[3] as Writable | null)?.write(frame);
  }

  #started(): ChildProcess {
    if (this.#child) return this.#child;
    this.#check();
    const settings = {
      directory: this.#directory,
      helpers: import.meta.url,
      parent: process.pid,
      group: GROUPS,
    };
    const { NODE_OPTIONS: _, ...env } = process.env;
    const text = `(${agent.toString()})(require, ${JSON.stringify(settings)}, ${readFrames.toString()})`;
    const [program = "", ...args] = [...this.#enter, process.execPath, "-e", text];
    const stdio = ["ignore", "pipe", "pipe", "pipe", "pipe"] as const;
    // A group of its own, so that all that it starts can be ended with it.
    const child = ours(() =>
      spawn(program, args, { env, detached: GROUPS, windowsHide: true, stdio: [...stdio] }),
    );
    this.#child = child;
    let errors = "";
    const gone = (how: string): void => {
      if (this.#child === child) this.#child = undefined;
      const told = errors.trim() === "" ? "" : `\n${errors.trim()}`;
      for (const call of [...this.#calls.values()].filter((one) => one.child === child))
        call.reject(
          new Error(`the process of ${this.#name} ended (${how}). The next call starts it anew.${told}`),
        );
    };
    child.once("error", (error) => gone(error.message));
    child.once("exit", (status, signal) => {
      if (this.#child === child) this.#child = undefined;
      const tell = (): void => gone(signal ?? `status ${status}`);
      child.once("close", tell);
      setTimeout(tell, LAST_WORDS_MS);
    });
    for (const stream of child.stdio) stream?.on("error", () => {});
    // What its own child processes write there is nobody's in particular: it goes to the newest call's cell.
    for (const [stream, name] of [
      [child.stdout, "stdout"],
      [child.stderr, "stderr"],
    ] as const) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        if (name === "stderr") errors = (errors + text).slice(-2000);
        print(this.#newest, name, text);
      });
    }
    readFrames<FromAgent>(child.stdio[4] as Readable, deserialize, (message) => this.#heard(message));
    idle(child, true);
    return child;
  }

  #heard(message: FromAgent): void {
    if (message.type === "output")
      print(this.#places.get(message.id) ?? this.#newest, message.stream, message.text);
    else if (message.error) this.#calls.get(message.id)?.reject(message.error);
    else this.#calls.get(message.id)?.resolve(message.value);
  }

  #end(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined;
    try {
      if (child.pid !== undefined) process.kill(GROUPS ? -child.pid : child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (!child) return;
    // Its end is waited for, so until then the program goes on.
    idle(child, false);
    const ended = new Promise((resolve) => child.once("close", resolve));
    this.#end(child);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
  }
}

/** Windows has none, and would open a window. */
const GROUPS = process.platform !== "win32";

function print({ cell, toText }: Place, stream: "stdout" | "stderr", text: string): void {
  const write = (): void => void process[stream].write(toText(text));
  const here = host();
  if (here) here.run(cell, write);
  else write();
}

/** A process that has nothing to do does not keep a program from ending. */
function idle(child: ChildProcess, rests: boolean): void {
  const how = rests ? "unref" : "ref";
  child[how]();
  for (const stream of child.stdio) (stream as unknown as { [how]?(): void } | null)?.[how]?.();
}

function isRemote(error: unknown): error is RemoteError {
  return !(error instanceof Error);
}
