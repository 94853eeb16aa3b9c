// The one door to TypeScript: its language server, a process of its own. It is kept alive, told again what it has to know
// when it dies, and never waited for longer than the asker says.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";

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
  ".tsx": "typescriptreact",
  ".json": "json",
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
      // Half the garbage, for a little of its time: it is the larger part of what a kernel needs.
      env: { GOGC: "50", ...process.env },
    });
    this.#process = child;
    child.once("error", (error) => this.#died(child, error.message));
    child.once("exit", (code, signal) => this.#died(child, signal ?? `exit code ${code}`));
    child.stdin.on("error", () => {});
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.onError(() => {});
    // It asks for its user's settings, and to be told of files. Left alone it fetches lists of types with npm.
    connection.onRequest("workspace/configuration", ({ items }: { items: unknown[] }) =>
      items.map(() => ({ disableAutomaticTypeAcquisition: true })),
    );
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
    void this.ask("textDocument/diagnostic", placeIn(this.#options.first)).then(() => {
      if (this.#process === child) this.#warm = true;
    });
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
    const answer = connection.sendRequest<T>(method, params, cancellation.token).then(
      (value) => value ?? undefined,
      () => undefined,
    );
    if (deadline === undefined || (await within(answer, deadline))) return await answer;
    cancellation.cancel();
    this.#giveUpOn(answer, deadline);
    return undefined;
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    this.#connection?.dispose();
    this.#connection = undefined;
    this.#process?.kill("SIGKILL");
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
    this.#warm = false;
    this.#connection?.dispose();
    this.#connection = undefined;
    this.#late = 0;
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
    void this.#connection?.sendNotification(method, params).catch(() => {});
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
