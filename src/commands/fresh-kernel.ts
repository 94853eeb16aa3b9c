// A notebook in a fresh kernel of its own, without a Jupyter server: for every command that executes one.
import { dirname, join, resolve } from "node:path";
import { connectKernel, type KernelMessage, type Transport } from "../client/connection.js";
import { startKernelProcess } from "../client/kernel-process.js";
import { type Notebook, NotebookProblem } from "../client/notebook.js";
import { type RunOptions, type RunResult, runNotebook } from "../client/run-notebook.js";
import type { Message } from "../flow.js";
import { decodeMessage } from "../message/decode.js";
import { encodeMessage } from "../message/encode.js";
import { newCurveKeys, openClientSockets } from "../wire/client-sockets.js";
import { parseConnection } from "../wire/connection-file.js";
import { joinFrames, splitFrames } from "../wire/frames.js";
import { createSigner } from "../wire/sign.js";
import { OTHER_KERNELS } from "./kernelspec.js";

const READY_MS = 30_000;
const STOP_MS = 5000;

/** A kernel that is there, or about to be. */
export interface FreshKernel {
  /**
   * Executes the cells; outputs and execution counts are written into `notebook`.
   * @throws NotebookProblem where the kernel did not start
   */
  run(notebook: Notebook, options: Omit<RunOptions, "interrupt" | "dead">): Promise<RunResult>;
  /**
   * Runs code that is no cell of anybody's: it is not counted, and nothing of it is shown.
   * @throws NotebookProblem where the kernel did not start, does not answer, or has no engine to run it
   */
  prepare(code: string): Promise<void>;
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>;
}

/**
 * Starts a kernel, and does not wait until it answers.
 * @param path where the notebook lies; the kernel works in its folder
 */
export async function startFreshKernel(
  path: string,
  { metadata }: Pick<Notebook, "metadata">,
  { env = {} }: { env?: Record<string, string> },
): Promise<FreshKernel> {
  const argv = [process.execPath, join(import.meta.dirname, "supervisor.js"), "{connection_file}"];
  const kernelProcess = await startKernelProcess(argv, {
    cwd: dirname(resolve(path)),
    env: { ...env, WIREBOOK_NOTEBOOK: resolve(path), ...standIn(metadata.kernelspec?.name) },
    curve: newCurveKeys,
  });
  const dead = kernelProcess.ended;
  const link = openLink(kernelProcess.connection);
  const kernel = connectKernel(link.transport, "wirebook");
  // It may be ended before anybody asks.
  kernel.info.catch(() => {});
  const interrupt = (): void => link.control("interrupt_request", {});
  const answering = async <T>(what: Promise<T>, words: string): Promise<T> => {
    const first = await Promise.race([
      what,
      dead.then((reason) => new NotebookProblem(`the kernel did not start: ${reason}`)),
      timeout(READY_MS, words),
    ]);
    if (first instanceof NotebookProblem) throw first;
    return first;
  };
  return {
    async run(notebook, options) {
      const info = await answering(kernel.info, "the kernel did not answer");
      notebook.metadata.language_info = info.language_info;
      const { signal } = options;
      signal.addEventListener("abort", interrupt);
      try {
        return await runNotebook(kernel, notebook, { ...options, interrupt, dead });
      } finally {
        signal.removeEventListener("abort", interrupt);
      }
    },
    async prepare(code) {
      await answering(kernel.info, "the kernel did not answer");
      const request = { code, silent: true, store_history: false, allow_stdin: false, stop_on_error: false };
      const { content } = await answering(
        kernel.requestExecute(request).done,
        "the kernel did not take the files",
      );
      if (content.status === "error")
        throw new NotebookProblem(`the kernel could not begin: ${content.ename}: ${content.evalue}`);
    },
    async stop() {
      link.control("shutdown_request", { restart: false });
      await kernelProcess.stop(STOP_MS);
      kernel.dispose();
      link.close();
    },
  };
}

/** Executes a notebook in a kernel that is there for it alone. */
export async function runInFreshKernel(
  path: string,
  notebook: Notebook,
  { env = {}, ...options }: Parameters<FreshKernel["run"]>[1] & { env?: Record<string, string> },
): Promise<RunResult> {
  const kernel = await startFreshKernel(path, notebook, { env });
  try {
    return await kernel.run(notebook, options);
  } finally {
    await kernel.stop();
  }
}

/** A notebook of another kernel stays one, and keeps its language. */
function standIn(name: string | undefined): { WIREBOOK_AS?: string } {
  return (OTHER_KERNELS as readonly (string | undefined)[]).includes(name) ? { WIREBOOK_AS: name ?? "" } : {};
}

function timeout(ms: number, words: string): Promise<NotebookProblem> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(new NotebookProblem(`${words} within ${ms / 1000} s`)), ms).unref();
  });
}

/** Messages ↔ the kernel's sockets. */
function openLink(file: Record<string, unknown>): {
  transport: Transport;
  control(type: string, content: object): void;
  close(): void;
} {
  const connection = parseConnection(file);
  const signer = createSigner(connection.key, connection.hash);
  const transport: Transport = {
    onMessage: () => {},
    send(message) {
      const { channel, buffers } = message as unknown as Message;
      const parts = encodeMessage(message as unknown as Message);
      const frames = joinFrames({
        identities: [],
        signature: signer.sign(parts),
        parts,
        buffers: buffers ?? [],
      });
      void sockets.send(channel as "shell", frames).catch(() => {});
    },
  };
  const sockets = openClientSockets(connection, `wirebook-run-${process.pid}`, (channel, frames) => {
    const envelope = splitFrames(frames);
    if (!envelope || !signer.verify(envelope.signature, envelope.parts)) return;
    const { identities: _, ...message } = decodeMessage(channel, envelope);
    transport.onMessage(message as unknown as KernelMessage.IMessage);
  });
  let count = 0;
  return {
    transport,
    control(type, content) {
      const id = `run-${process.pid}-${++count}`;
      transport.send({
        channel: "control",
        header: {
          msg_id: id,
          msg_type: type,
          session: id,
          username: "",
          date: new Date().toISOString(),
          version: "5.5",
        },
        parent_header: {},
        metadata: {},
        content,
        buffers: [],
      } as unknown as KernelMessage.IMessage);
    },
    close: () => sockets.close(),
  };
}
