// `wirebook run`: executes notebooks, each in a fresh kernel, without a Jupyter server.
import { mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { SingleBar } from "cli-progress";
import { connectKernel, type KernelMessage, type Transport } from "../client/connection.js";
import { startKernelProcess } from "../client/kernel-process.js";
import { type Notebook, NotebookProblem, readNotebook, writeNotebook } from "../client/notebook.js";
import { type Failure, type RunResult, runNotebook } from "../client/run-notebook.js";
import type { Message } from "../flow.js";
import { decodeMessage } from "../message/decode.js";
import { encodeMessage } from "../message/encode.js";
import { newCurveKeys, openClientSockets } from "../wire/client-sockets.js";
import { parseConnection } from "../wire/connection-file.js";
import { joinFrames, splitFrames } from "../wire/frames.js";
import { createSigner } from "../wire/sign.js";
import { coloured } from "./colours.js";
import { OTHER_KERNELS } from "./kernelspec.js";

export interface RunCommandOptions {
  inplace?: boolean;
  outputDir?: string;
  /** Seconds for one cell. */
  timeout: number;
  allowErrors?: boolean;
}

const READY_MS = 30_000;
const STOP_MS = 5000;

/** @returns the exit code: 0, 1 where a cell or a notebook failed, 130 after Ctrl-C */
export async function runCommand(paths: string[], options: RunCommandOptions): Promise<number> {
  const stopped = new AbortController();
  const onInterrupt = (): void => stopped.abort();
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  let failed = 0;
  try {
    if (options.outputDir !== undefined) mkdirSync(options.outputDir, { recursive: true });
    for (const path of paths) {
      if (stopped.signal.aborted) break;
      try {
        const result = await runOne(path, options, stopped.signal);
        console.log(summary(path, result));
        for (const failure of result.failures) console.error(words(path, failure));
        if (result.failures.length > 0 && !options.allowErrors) failed++;
      } catch (error) {
        if (!(error instanceof NotebookProblem)) throw error;
        console.error(`✗ ${path}: ${error.message}`);
        failed++;
      }
    }
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
  if (stopped.signal.aborted) {
    console.error("Stopped.");
    return 130;
  }
  if (paths.length > 1)
    console.log(`${paths.length - failed} of ${paths.length} notebooks ran without an error.`);
  return failed > 0 ? 1 : 0;
}

async function runOne(path: string, options: RunCommandOptions, stopped: AbortSignal): Promise<RunResult> {
  const notebook = readNotebook(path);
  const argv = [process.execPath, join(import.meta.dirname, "supervisor.js"), "{connection_file}"];
  const kernelProcess = await startKernelProcess(argv, {
    cwd: dirname(resolve(path)),
    env: { WIREBOOK_NOTEBOOK: resolve(path), ...standIn(notebook.metadata.kernelspec?.name) },
    curve: newCurveKeys,
  });
  const link = openLink(kernelProcess.connection);
  const kernel = connectKernel(link.transport, "wirebook");
  const bar = progressBar(path, notebook);
  try {
    const dead = kernelProcess.ended;
    const info = await Promise.race([
      kernel.info,
      dead.then((reason) => new NotebookProblem(`the kernel did not start: ${reason}`)),
      timeout(READY_MS),
    ]);
    if (info instanceof Error) throw info;
    notebook.metadata.language_info = info.language_info;
    const interrupt = (): void => link.control("interrupt_request", {});
    stopped.addEventListener("abort", interrupt);
    const result = await runNotebook(kernel, notebook, {
      timeout: options.timeout,
      allowErrors: options.allowErrors ?? false,
      interrupt,
      dead,
      signal: stopped,
      onCell: (done) => bar?.update(done),
    });
    stopped.removeEventListener("abort", interrupt);
    if (options.inplace) writeNotebook(path, notebook);
    else if (options.outputDir !== undefined)
      writeNotebook(join(options.outputDir, basename(path)), notebook);
    return result;
  } finally {
    bar?.stop();
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

function progressBar(path: string, notebook: Notebook): SingleBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const total = notebook.cells.filter((cell) => cell.cell_type === "code").length;
  const bar = new SingleBar({
    format: `${basename(path)} {bar} {value}/{total} cells, {duration_formatted}`,
    clearOnComplete: true,
    stream: process.stderr,
    hideCursor: true,
  });
  bar.start(total, 0);
  return bar;
}

function summary(path: string, { ran, failures, unanswered, seconds }: RunResult): string {
  const parts = [
    `${ran} cells`,
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
    ...(unanswered > 0 ? [`${unanswered} without an answer`] : []),
  ];
  return `${failures.length > 0 ? "✗" : "✓"} ${path}: ${parts.join(", ")} (${seconds.toFixed(1)} s)`;
}

function words(path: string, { index, id, ename, evalue, traceback }: Failure): string {
  const place = `${path}, cell ${index}${id ? ` (${id})` : ""}`;
  return `\n${place}\n${traceback.length > 0 ? coloured(traceback.join("\n")) : `${ename}: ${evalue}`}\n`;
}
