// Events → iopub messages: in order, small writes joined, nothing lost.
//
// One queue holds everything that goes to iopub, so what was published first leaves first, whatever it is. When the
// queue is long the engine is paused: its own ring then fills and the student's code waits, instead of memory growing.

import { setImmediate as endOfTurn } from "node:timers/promises";
import type { Bundle, ErrorReport, Event, Frame, Header, Json } from "../flow.js";
import { textBundle, warningBundle } from "./own-bundles.js";
import { type Pacing, unpaced } from "./pacing.js";
import { splitText } from "./split-text.js";
import { toTraceback } from "./traceback.js";

/** Whose output it is: where a message's parent comes from. */
export interface Target {
  parent: Header | Record<string, never>;
  /** Nothing of this run is broadcast. */
  silent: boolean;
  executionCount: number;
}

/** An error as the protocol has it. */
export interface ErrorContent extends Json {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** The events that are outputs. */
export type OutputEvent = Extract<
  Event,
  { type: "stream" | "display" | "clear" | "result" | "error" | "warning" | "notice" }
>;

export interface PublisherOptions {
  /** Sends one iopub message; resolves with its size in bytes once the socket has taken it. */
  send(msgType: string, content: Json, parent: Target["parent"], more?: More): Promise<number>;
  /** Too much is waiting: let the engine's own buffer fill. */
  pause(): void;
  resume(): void;
  pacing(): Pacing;
  /** The student's code of a frame, for code frames in tracebacks. */
  sourceOf(frame: Frame): string | undefined;
}

/** The way to iopub. */
export interface Publisher {
  event(target: Target, event: OutputEvent): void;
  /** Any other message; what was written before leaves before it. */
  message(msgType: string, content: Json, parent: Target["parent"]): void;
  toErrorContent(report: ErrorReport): ErrorContent;
  /** Resolves when everything published so far has left. */
  flushed(): Promise<void>;
  /**
   * Where sending is paced, the text of this target that waits or still comes goes to `instead`: whoever interrupted a
   * flood does not want to watch the rest of it for minutes. Ends with the function that is returned.
   */
  divert(target: Target, instead: (text: string) => void): () => void;
  /** A client that did not read has lost a message of so many bytes, and may lose what follows. */
  leftBehind(bytes: number): void;
}

/** What few messages have. */
export interface More {
  metadata?: Json;
  buffers?: Uint8Array[];
}

interface Waiting {
  more?: More | undefined;
  msgType: string;
  content: Json;
  parent: Target["parent"];
  size: number;
  /** Handed to somebody else while it waited. */
  diverted?: boolean;
}

/** Writes are joined for so many milliseconds; the first after a pause leaves almost at once. */
const joinMs = 25;
const firstMs = 1;
/** Largest stream message, in UTF-8 bytes. Front ends draw a cell's text anew for each, so few are better than many. */
const maxStream = 2 * 1024 * 1024;
/** And where sending is paced, lest one message uses up the limit of seconds. */
const maxPacedStream = 512 * 1024;
/** Characters waiting at which the engine is paused, and resumed. */
const highWater = 2 * 1024 * 1024;
const lowWater = 512 * 1024;

/** Creates the one publisher of a kernel. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { send, pause, resume, pacing, sourceOf } = options;
  const queue: Waiting[] = [];
  let waitingSize = 0;
  let paused = false;
  let pumping = false;
  let joined: { target: Target; name: "stdout" | "stderr"; text: string[]; size: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastSealed = 0;
  /** Bytes that a client which was left behind may have lost, until it is told. */
  let lost = 0;
  const diversions = new Map<Target, (text: string) => void>();
  /** How many of the queue have left. */
  let done = 0;
  /** How many have ever been queued, and have left. */
  let queued = 0;
  let left = 0;
  /** Who waits until so many have left. */
  const flushes: { count: number; resolve(): void }[] = [];

  const enqueue = (
    msgType: string,
    content: Json,
    parent: Target["parent"],
    size: number,
    more?: More,
  ): void => {
    queue.push({ msgType, content, parent, size, more });
    queued++;
    waitingSize += size;
    if (!paused && waitingSize > highWater) {
      paused = true;
      pause();
    }
    if (!pumping) void pump();
  };

  const pump = async (): Promise<void> => {
    pumping = true;
    // To wake ZeroMQ's thread takes as long as a short cell: what else this turn sets going, an engine above all, goes first.
    await endOfTurn();
    while (done < queue.length) {
      const next = queue[done++] as Waiting;
      if (!next.diverted) await dispatch(next);
      waitingSize -= next.size;
      left++;
      while (flushes[0] && flushes[0].count <= left) flushes.shift()?.resolve();
      if (paused && waitingSize < lowWater) {
        paused = false;
        resume();
      }
      // Shifting each would be quadratic for a long queue.
      if (done === queue.length || done === 1024) {
        queue.splice(0, done);
        done = 0;
      }
    }
    pumping = false;
  };

  const dispatch = async (next: Waiting): Promise<void> => {
    const wait = pacing().wait(performance.now());
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const bytes = await deliver(next);
    pacing().spent(next.msgType, bytes, performance.now());
    if (lost > 0) lost += bytes;
  };

  const deliver = async ({ msgType, content, parent, more }: Waiting): Promise<number> => {
    try {
      return await send(msgType, content, parent, more);
    } catch (error) {
      // A message that cannot be written (nested too deeply) must not hold up the others, nor vanish without a word.
      const text = `[a ${msgType} message could not be sent: ${(error as Error).message}]\n`;
      return await send("stream", { name: "stderr", text }, parent).catch(() => 0);
    }
  };

  const largest = (): number => (pacing() === unpaced ? maxStream : maxPacedStream);

  const seal = (): void => {
    if (timer) clearTimeout(timer);
    timer = undefined;
    if (!joined) return;
    const { target, name, text } = joined;
    joined = undefined;
    lastSealed = performance.now();
    for (const piece of splitText(text.join(""), largest())) {
      enqueue("stream", { name, text: piece }, target.parent, piece.length);
    }
  };

  const stream = (target: Target, name: "stdout" | "stderr", text: string): void => {
    if (text === "") return;
    const diverted = diversions.get(target);
    if (diverted) {
      diverted(text);
      return;
    }
    if (joined && (joined.target !== target || joined.name !== name)) seal();
    joined ??= { target, name, text: [], size: 0 };
    joined.text.push(text);
    joined.size += text.length;
    if (joined.size >= largest()) seal();
    else timer ??= setTimeout(seal, Math.max(firstMs, lastSealed + joinMs - performance.now()));
  };

  const message = (
    msgType: string,
    content: Json,
    parent: Target["parent"],
    more?: More,
    size = 200 + (more?.buffers ?? []).reduce((sum, buffer) => sum + buffer.byteLength, 0),
  ): void => {
    seal();
    if (lost > 0 && content.execution_state === "idle") {
      const text = `A client that read nothing for a while was left behind: it lost up to ${lost} bytes of output.`;
      lost = 0;
      enqueue("display_data", { ...textBundle(text), transient: {} }, parent, size);
    }
    enqueue(msgType, content, parent, size, more);
  };

  const bundleMessage = (target: Target, msgType: string, bundle: Bundle, more: Json): void =>
    message(
      msgType,
      { ...more, data: bundle.data, metadata: bundle.metadata },
      target.parent,
      undefined,
      sizeOf(bundle),
    );

  const toErrorContent = (report: ErrorReport): ErrorContent => ({
    ename: report.ename,
    evalue: report.evalue,
    traceback: toTraceback(report, sourceOf),
  });

  return {
    event(target, event) {
      if (target.silent) return;
      switch (event.type) {
        case "stream":
          return stream(target, event.name, event.text);
        case "display": {
          const transient = event.displayId === undefined ? {} : { display_id: event.displayId };
          const msgType = event.update ? "update_display_data" : "display_data";
          return bundleMessage(target, msgType, event.bundle, { transient });
        }
        case "clear":
          return message("clear_output", { wait: event.wait }, target.parent);
        case "result":
          return bundleMessage(target, "execute_result", event.bundle, {
            execution_count: target.executionCount,
          });
        case "error":
          return message("error", toErrorContent(event.error), target.parent);
        case "warning":
          return bundleMessage(
            target,
            "display_data",
            warningBundle(toTraceback(event.error, sourceOf).join("\n")),
            { transient: {} },
          );
        case "notice":
          // Not a stream: graders count every character on stderr as a failure, and stdout is the student's.
          return bundleMessage(target, "display_data", textBundle(event.text), { transient: {} });
      }
    },
    message,
    toErrorContent,
    async flushed() {
      seal();
      // Not until the queue is empty: where another cell prints without end it never is.
      if (left < queued) await new Promise<void>((resolve) => flushes.push({ count: queued, resolve }));
    },
    divert(target, instead) {
      if (pacing() === unpaced) return () => {};
      seal();
      for (const item of queue.slice(done)) {
        if (item.msgType !== "stream" || item.parent !== target.parent) continue;
        item.diverted = true;
        instead(String(item.content.text));
      }
      diversions.set(target, instead);
      return () => {
        if (diversions.get(target) === instead) diversions.delete(target);
      };
    },
    leftBehind(bytes) {
      lost += bytes;
    },
  };
}

/** A rough size, for the queue's water marks only. */
function sizeOf(bundle: Bundle): number {
  let size = 200;
  for (const value of Object.values(bundle.data)) size += typeof value === "string" ? value.length : 1000;
  return size;
}
