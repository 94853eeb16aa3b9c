// A front end's debugger over the wire: requests on control, events on iopub, as JupyterLab does it.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Client, Content, Received } from "../kernel/client.js";
import { type KernelProcess, startKernelProcess } from "../kernel/kernel.js";

export interface Stopped extends Content {
  reason: string;
}

export class DebugFrontEnd implements AsyncDisposable {
  readonly kernel: KernelProcess;
  readonly client: Client;
  #seq = 0;
  #heard = 0;

  constructor(kernel: KernelProcess, client: Client = kernel.client) {
    this.kernel = kernel;
    this.client = client;
  }

  /** A kernel with the debugger on. */
  static async start(options: { env?: NodeJS.ProcessEnv } = {}): Promise<DebugFrontEnd> {
    const front = new DebugFrontEnd(await startKernelProcess(options));
    await front.turnOn();
    return front;
  }

  async turnOn(clientID = "test-client"): Promise<void> {
    await this.ask("initialize", { clientID, linesStartAt1: true, columnsStartAt1: true });
    await this.ask("attach");
  }

  /** One request; the whole reply. */
  async raw(command: string, args: Content = {}): Promise<Content> {
    const content = { type: "request", seq: ++this.#seq, command, arguments: args };
    const { reply } = await this.client.request("debug_request", content, { channel: "control" });
    return reply.content;
  }

  /** One request that has to succeed; the reply's body. */
  async ask(command: string, args: Content = {}): Promise<Content> {
    const reply = await this.raw(command, args);
    if (!reply.success) throw new Error(`${command}: ${reply.message}`);
    return reply.body as Content;
  }

  /** Sets breakpoints in a cell by its text, as a front end does. */
  async breakAt(
    code: string,
    ...lines: (number | DebugProtocol.SourceBreakpoint)[]
  ): Promise<{ path: string; breakpoints: DebugProtocol.Breakpoint[] }> {
    const { sourcePath: path } = await this.ask("dumpCell", { code });
    const breakpoints = lines.map((line) => (typeof line === "number" ? { line } : line));
    const body = await this.ask("setBreakpoints", { source: { path }, breakpoints, sourceModified: false });
    return { path, breakpoints: body.breakpoints };
  }

  /** Starts a cell and does not wait for it. */
  async run(code: string, metadata: Content = {}): Promise<string> {
    return await this.client.send(
      "shell",
      "execute_request",
      {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
      },
      { metadata },
    );
  }

  /** The next event of this kind that no test has looked at yet. */
  async event(name: string): Promise<Received> {
    const from = this.#heard;
    const found = await this.client.wait(
      (message) =>
        this.client.received.indexOf(message) >= from &&
        message.type === "debug_event" &&
        message.content.event === name,
      { what: `the event ${name}` },
    );
    this.#heard = this.client.received.indexOf(found) + 1;
    return found;
  }

  async stopped(): Promise<Stopped> {
    return (await this.event("stopped")).content.body as Stopped;
  }

  /** Waits for a stop, and says where: function (or cell) and line of each frame. */
  async stoppedAt(): Promise<string[]> {
    await this.stopped();
    return this.frames();
  }

  async frames(): Promise<string[]> {
    const { stackFrames } = await this.ask("stackTrace", { threadId: 1 });
    return stackFrames.map(({ name, line }: DebugProtocol.StackFrame) => `${name}:${line}`);
  }

  /** A step, and where it led. */
  async step(how: "next" | "stepIn" | "stepOut"): Promise<string[]> {
    await this.ask(how, { threadId: 1 });
    return this.stoppedAt();
  }

  /** Names and values of a scope of the innermost frame (or another one). */
  async scope(name: string, frame = 0): Promise<Record<string, string>> {
    const list = await this.variablesOf(name, frame);
    return Object.fromEntries(list.map((one) => [one.name, one.value]));
  }

  async variablesOf(name: string, frame = 0): Promise<DebugProtocol.Variable[]> {
    const { stackFrames } = await this.ask("stackTrace", { threadId: 1 });
    const { scopes } = await this.ask("scopes", { frameId: stackFrames[frame].id });
    const scope = scopes.find((one: DebugProtocol.Scope) => one.name === name);
    if (!scope) throw new Error(`no scope ${name} among ${scopes.map((one: Content) => one.name)}`);
    return (await this.ask("variables", { variablesReference: scope.variablesReference })).variables;
  }

  async goOn(): Promise<void> {
    await this.ask("continue", { threadId: 1 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kernel[Symbol.asyncDispose]();
  }
}
