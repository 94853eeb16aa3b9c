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

/**
 * Executes the cells; outputs and execution counts are written into `notebook`.
 * @param path where the notebook lies; the kernel works in its folder
 * @throws NotebookProblem where the kernel does not start
 */
export async function runInFreshKernel(
  path: string,
  notebook: Notebook,
  { signal, env = {}, ...options }: Omit<RunOptions, "interrupt" | "dead"> & { env?: Record<string, string> },
): Promise<RunResult> {
  const argv = [process.execPath, join(import.meta.dirname, "supervisor.js"), "{connection_file}"];
  const kernelProcess = await startKernelProcess(argv, {
    cwd: dirname(resolve(path)),
    env: { ...env, WIREBOOK_NOTEBOOK: resolve(path), ...standIn(notebook.metadata.kernelspec?.name) },
    curve: newCurveKeys,
  });
  const link = openLink(kernelProcess.connection);
  const kernel = connectKernel(link.transport, "wirebook");
  const interrupt = (): void => link.control("interrupt_request", {});
  try {
    const dead = kernelProcess.ended;
    const info = await Promise.race([
      kernel.info,
      dead.then((reason) => new NotebookProblem(`the kernel did not start: ${reason}`)),
      timeout(READY_MS),
    ]);
    if (info instanceof Error) throw info;
    notebook.metadata.language_info = info.language_info;
    signal.addEventListener("abort", interrupt);
    return await runNotebook(kernel, notebook, { ...options, interrupt, dead, signal });
  } finally {
    signal.removeEventListener("abort", interrupt);
    link.control("shutdown_request", { restart: false });
    await kernelProcess.stop(STOP_MS);
    kernel.dispose();
    link.close();
  }
}

/** A notebook of another kernel stays one, and keeps its language. */
function standIn(name: string | undefined): { WIREBOOK_AS?: string } {
  return (OTHER_KERNELS as readonly (string | undefined)[]).includes(name) ? { WIREBOOK_AS: name ?? "" } : {};
}

function timeout(ms: number): Promise<NotebookProblem> {
  return new Promise((resolve) => {
    setTimeout(
      () => resolve(new NotebookProblem(`the kernel did not answer within ${ms / 1000} s`)),
      ms,
    ).unref();
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
