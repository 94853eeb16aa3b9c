// The one door to TypeScript: its language server, a process of its own. It is kept alive, told again what it has to know
// when it dies, and never waited for longer than the asker says.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants, setPriority } from "node:os";
import { dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
} from "vscode-jsonrpc/node";
import { Writer } from "./writer.js";

export interface ServerOptions {
  /** The notebook's folder. */
  directory: string;
  /** The document that the server looks at first, so that its libraries are read before they are needed. */
  first: string;
  /** The server's program and its arguments; TypeScript's own where it is left out. */
  command?: [program: string, ...args: string[]];
  /** The server answers no longer, or died more often than it is started again. Said once each time. */
  onLost(reason: string): void;
}

const languages: Record<string, string> = {
  ".ts": "typescript",
  ".mts": "typescript",
  ".cts": "typescript",
  ".tsx": "typescriptreact",
  ".js": "javascript",
  ".mjs": "javascript",
  ".cjs": "javascript",
  ".jsx": "javascriptreact",
  ".json": "json",
};
/** It would otherwise have npm fetch types that nobody asked for, and look through all packages for names to complete. */
const settings = {
  disableAutomaticTypeAcquisition: true,
  tsserver: { automaticTypeAcquisition: { enabled: false } },
  suggest: { autoImports: false },
};
/** So many deaths within a minute, and it stays dead. */
const maxDeaths = 3;
/** A server that has been silent for so long is ended and started anew, in milliseconds. */
const patience = 20_000;

export class LanguageServer {
  readonly #options: ServerOptions;
  readonly #documents = new Map<string, { text: string; version: number }>();
  #process: ChildProcess | undefined;
  #connection: MessageConnection | undefined;
  /** It has answered once since it was started. */
  #warm = false;
  #warming: Promise<unknown> = Promise.resolve();
  /** Requests that were given up, but may still be answered. */
  #late = 0;
  #deaths: number[] = [];
  #stopped = false;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Would a question be answered soon? */
  get ready(): boolean {
    return this.#warm && this.#late === 0;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it, unless it runs. */
  start(): void {
    if (this.#process || this.#stopped) return;
    let command = this.#options.command;
    try {
      command ??= [typescript(), "--lsp", "--stdio"];
    } catch {
      this.#options.onLost(`TypeScript has no program for ${process.platform}-${process.arch}`);
      return;
    }
    const child = spawn(command[0], command.slice(1), {
      cwd: this.#options.directory,
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
      // Less garbage, for a little of its time: it is the larger part of what a kernel needs.
      env: { GOGC: "75", ...process.env },
    });
    this.#process = child;
    yieldTo(child.pid);
    child.once("error", (error) => this.#died(child, error.message));
    let nonsense: string | undefined;
    child.once("exit", (code, signal) => this.#died(child, nonsense ?? signal ?? `exit code ${code}`));
    child.stdin.on("error", () => {});
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new Writer(child.stdin),
    );
    // Nothing that it says after what is no message can be relied upon.
    connection.onError(() => {
      nonsense ??= "it said what is no message";
      child.kill("SIGKILL");
    });
    connection.onRequest("workspace/configuration", ({ items }: { items: { section?: string }[] }) =>
      items.map(({ section }) => (section === "js/ts" ? settings : {})),
    );
    // It asks to be told of files, too, and it is.
    connection.onRequest(() => null);
    connection.onUnhandledNotification(() => {});
    connection.listen();
    this.#connection = connection;
    const uri = pathToFileURL(this.#options.directory).href;
    void this.ask("initialize", {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: "notebook" }],
      capabilities: {
        textDocument: {
          diagnostic: {},
          completion: { completionItem: { snippetSupport: false, documentationFormat: ["markdown"] } },
          hover: { contentFormat: ["markdown"] },
          signatureHelp: { signatureInformation: { documentationFormat: ["markdown"] } },
        },
        workspace: { configuration: true, didChangeWatchedFiles: { dynamicRegistration: true } },
      },
    });
    this.#tell("initialized", {});
    for (const path of this.#documents.keys()) this.#open(path);
    // The first answer has to read the libraries, and takes ten times as long as others.
    this.#warming = this.ask("textDocument/diagnostic", placeIn(this.#options.first)).then(() => {
      if (this.#process === child) this.#warm = true;
    });
  }

  /** Waits until it has begun to answer, if it has been started. */
  async warmed(deadline: number): Promise<void> {
    if (this.#process && !this.#warm && this.#late === 0) await within(this.#warming, deadline);
  }

  /** From now on the server reads `text` where it would read the file; `undefined`: the file again. */
  put(path: string, text: string | undefined): void {
    const old = this.#documents.get(path);
    if (text === old?.text) return;
    const textDocument = { uri: uriOf(path) };
    if (text === undefined) {
      this.#documents.delete(path);
      this.#tell("textDocument/didClose", { textDocument });
    } else {
      this.#documents.set(path, { text, version: (old?.version ?? 0) + 1 });
      if (!old) this.#open(path);
      else {
        const version = old.version + 1;
        this.#tell("textDocument/didChange", {
          textDocument: { ...textDocument, version },
          contentChanges: [{ text }],
        });
      }
    }
  }

  /** Tells of files that others have made, changed or removed. */
  touched(files: { path: string; how: "created" | "changed" | "deleted" }[]): void {
    const types = { created: 1, changed: 2, deleted: 3 };
    const changes = files.map(({ path, how }) => ({ uri: uriOf(path), type: types[how] }));
    if (changes.length > 0) this.#tell("workspace/didChangeWatchedFiles", { changes });
  }

  /**
   * Asks. `undefined`: no answer came within `deadline` milliseconds, or there is nobody to ask. Never throws.
   */
  async ask<T>(method: string, params: unknown, deadline?: number): Promise<T | undefined> {
    const connection = this.#connection;
    if (!connection || this.#late > 0) return undefined;
    const cancellation = new CancellationTokenSource();
    // A connection that has just closed throws instead of rejecting. What is sent keeps its order.
    const send = async (): Promise<T> => await connection.sendRequest<T>(method, params, cancellation.token);
    const answer = send().then(
      (value) => value ?? undefined,
      () => undefined,
    );
    if (deadline === undefined || (await within(answer, deadline))) return await answer;
    try {
      cancellation.cancel();
    } catch {
      // It is closed: nobody works on the answer.
    }
    this.#giveUpOn(answer, deadline);
    return undefined;
  }

  /** Ends its process. What it has to know is kept for when it is started again. */
  rest(): void {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
    this.#forgetProcess();
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    this.rest();
  }

  #forgetProcess(): void {
    this.#warm = false;
    this.#connection?.dispose();
    this.#connection = undefined;
    this.#late = 0;
  }

  #giveUpOn(answer: Promise<unknown>, deadline: number): void {
    const child = this.#process;
    this.#late++;
    this.#options.onLost(`no answer within ${(deadline / 1000).toFixed(1)} s`);
    const timer = setTimeout(() => child?.kill("SIGKILL"), patience);
    timer.unref();
    void answer.then(() => {
      clearTimeout(timer);
      if (this.#process === child) this.#late--;
    });
  }

  #died(child: ChildProcess, reason: string): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    this.#forgetProcess();
    if (this.#stopped) return;
    const now = performance.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
    this.#options.onLost(reason);
    if (this.#deaths.length < maxDeaths) this.start();
  }

  #open(path: string): void {
    const document = this.#documents.get(path);
    if (!document) return;
    const textDocument = {
      uri: uriOf(path),
      languageId: languages[extname(path)] ?? "plaintext",
      ...document,
    };
    this.#tell("textDocument/didOpen", { textDocument });
  }

  #tell(method: string, params: unknown): void {
    try {
      void this.#connection?.sendNotification(method, params).catch(() => {});
    } catch {
      // It is closed, and will be told everything when it is started again.
    }
  }
}

/** It works on all cores at once, and must not keep heartbeats and interrupts waiting. */
function yieldTo(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or nobody may say so here.
  }
}

function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

/** A document, and a position in it, as requests name them. Lines and columns (UTF-16) count from 0. */
export function placeIn(
  path: string,
  position?: { line: number; character: number },
): { textDocument: { uri: string }; position?: { line: number; character: number } } {
  return { textDocument: { uri: uriOf(path) }, ...(position && { position }) };
}

/** Does it settle within so many milliseconds? */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const inTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

/** TypeScript's native program for this machine; npm has installed the package that fits. */
function typescript(): string {
  const require = createRequire(createRequire(import.meta.url).resolve("typescript/package.json"));
  const name = `@typescript/typescript-${process.platform}-${process.arch}`;
  const folder = dirname(require.resolve(`${name}/package.json`));
  return join(folder, "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
}
