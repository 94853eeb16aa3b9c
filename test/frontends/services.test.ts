// @jupyterlab/services, on which JupyterLab, Notebook and many others are built, against a real Jupyter server.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { KernelManager, type KernelMessage, ServerConnection, SessionManager } from "@jupyterlab/services";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isAlive } from "../places.js";
import { type JupyterServer, startJupyter } from "./jupyter-server.js";

type Kernel = NonNullable<Awaited<ReturnType<SessionManager["startNew"]>>["kernel"]>;

let server: JupyterServer;
let kernels: KernelManager;
let sessions: SessionManager;
let kernel: Kernel;

/** Runs a cell; `messages` goes on growing as long as the future is open. */
function start(code: string): {
  done: Promise<KernelMessage.IExecuteReplyMsg>;
  messages: KernelMessage.IIOPubMessage[];
} {
  const messages: KernelMessage.IIOPubMessage[] = [];
  const future = kernel.requestExecute({ code }, false);
  future.onIOPub = (message) => void messages.push(message);
  return { done: future.done as Promise<KernelMessage.IExecuteReplyMsg>, messages };
}

function printed(messages: KernelMessage.IIOPubMessage[]): string {
  return messages
    .map(({ content }) => {
      const { text, data } = content as { text?: string; data?: Record<string, string> };
      return text ?? data?.["text/plain"] ?? "";
    })
    .join("");
}

describe("@jupyterlab/services over a Jupyter server", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    server = await startJupyter();
    // It tells the console of every connection.
    for (const method of ["debug", "warn", "info", "log"] as const)
      vi.spyOn(console, method).mockImplementation(() => {});
    const serverSettings = ServerConnection.makeSettings({
      baseUrl: `${server.url}/`,
      wsUrl: server.url.replace("http", "ws"),
      token: server.token,
      appendToken: true,
    });
    kernels = new KernelManager({ serverSettings });
    sessions = new SessionManager({ serverSettings, kernelManager: kernels });
    await sessions.ready;
    const session = await sessions.startNew({
      name: "a notebook",
      path: "a.ipynb",
      type: "notebook",
      kernel: { name: "wirebook" },
    });
    kernel = session.kernel as Kernel;
    await kernel.info;
  }, 120_000);

  afterAll(async () => {
    vi.restoreAllMocks();
    sessions?.dispose();
    kernels?.dispose();
    await server?.[Symbol.asyncDispose]();
  }, 60_000);

  test("`npm run lab` has the kernel encrypt, and its connection file is the user's alone", async () => {
    const runtime = join(server.notebooks, "..", "runtime");
    const file = join(runtime, `kernel-${kernel.id}.json`);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      curve_publickey: expect.stringMatching(/^.{40}$/),
      curve_secretkey: expect.stringMatching(/^.{40}$/),
    });
    if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("the kernel tells what it speaks", async () => {
    const info = await kernel.info;
    expect(info).toMatchObject({
      status: "ok",
      implementation: "wirebook",
      protocol_version: expect.stringMatching(/^5\./),
      language_info: {
        name: "typescript",
        file_extension: ".ts",
        mimetype: expect.stringContaining("typescript"),
      },
    });
  });

  test("a cell's outputs come in order, between busy and idle", async () => {
    const { done, messages } = start(
      "console.log('one'); console.error('two'); display(html`<i>3</i>`); 40 + 2",
    );
    expect((await done).content).toMatchObject({ status: "ok" });
    const order = messages.map(({ header, content }) =>
      "execution_state" in content ? content.execution_state : header.msg_type,
    );
    expect(order).toEqual([
      "busy",
      "execute_input",
      "stream",
      "stream",
      "display_data",
      "execute_result",
      "idle",
    ]);
    expect(printed(messages)).toContain("one\ntwo\n");
    expect(printed(messages)).toMatch(/42$/);
  });

  test("what a server prints during a later cell goes to the future of the cell that started it", async () => {
    const first = start(
      "import { createServer, connect } from 'node:net'; const late = createServer((c) => { console.log('visited'); c.end() }); await new Promise<void>((r) => late.listen(0, '127.0.0.1', () => r()))",
    );
    await first.done;
    expect(printed(first.messages)).toBe("");
    const second = start(
      "await new Promise((r) => connect((late.address() as any).port, '127.0.0.1').resume().on('close', r)); console.log('visitor'); late.close()",
    );
    await second.done;
    await expect.poll(() => printed(first.messages)).toBe("visited\n");
    expect(printed(second.messages)).not.toContain("visited");
  });

  test("completion, inspection, is_complete and history answer", async () => {
    await start("const shelf = { books: 3, boxes: 4 }").done;
    const complete = await kernel.requestComplete({ code: "shelf.bo", cursor_pos: 8 });
    expect(complete.content).toMatchObject({ status: "ok", cursor_start: 6, cursor_end: 8 });
    expect("matches" in complete.content && complete.content.matches.sort()).toEqual(["books", "boxes"]);
    const inspected = await kernel.requestInspect({ code: "shelf.books", cursor_pos: 8, detail_level: 0 });
    expect(inspected.content).toMatchObject({ status: "ok", found: true });
    expect(JSON.stringify(inspected.content)).toContain("3");
    expect((await kernel.requestIsComplete({ code: "if (true) {" })).content).toMatchObject({
      status: "incomplete",
    });
    const history = await kernel.requestHistory({ hist_access_type: "tail", n: 1, output: false, raw: true });
    expect(JSON.stringify(history.content)).toContain("const shelf");
  });

  test("a question is asked where the cell runs, and its answer is the value", async () => {
    const future = kernel.requestExecute({ code: "prompt('Your name?')", allow_stdin: true });
    let value = "";
    future.onIOPub = (message) => {
      if (message.header.msg_type === "execute_result") value = printed([message]);
    };
    future.onStdin = (message) => {
      expect(message.content).toMatchObject({
        prompt: expect.stringContaining("Your name?"),
        password: false,
      });
      kernel.sendInputReply({ status: "ok", value: "Ada" }, message.header as never);
    };
    await future.done;
    expect(value).toBe("'Ada'");
  });

  test("an interrupt ends a loop and an await, and the variables stay", async () => {
    for (const code of [
      "shelf.books++; console.log('in'); for (;;);",
      "console.log('in'); await new Promise(() => {})",
    ]) {
      const { done, messages } = start(code);
      await expect.poll(() => printed(messages)).toBe("in\n");
      await kernel.interrupt();
      expect((await done).content).toMatchObject({ status: "error", ename: "Interrupted" });
    }
    const after = start("shelf.books");
    await after.done;
    expect(printed(after.messages)).toBe("4");
  });

  test("a comm travels by a subshell of its own, arrives while a cell runs, and its subshell goes with it", async () => {
    expect(kernel.supportsSubshells).toBe(true);
    const busy = start("let over = false; while (!over) await new Promise(r => setTimeout(r, 5))");
    const comm = kernel.createComm("wirebook.diagnostics") as ReturnType<typeof kernel.createComm> & {
      subshellStarted: Promise<void>;
      subshellId: string;
    };
    await comm.subshellStarted;
    const list = async () => (await kernel.requestListSubshell({}).done).content as { subshell_id: string[] };
    expect((await list()).subshell_id).toEqual([comm.subshellId]);
    const answer = new Promise<KernelMessage.ICommMsgMsg>((resolve) => {
      comm.onMsg = resolve;
    });
    comm.open();
    await comm.send({ code: "const = 5" }).done;
    expect((await answer).content.data).toMatchObject({ diagnostics: [{ code: 1000 }] });
    await comm.close().done;
    await expect.poll(async () => (await list()).subshell_id).toEqual([]);
    await kernel.interrupt();
    await busy.done;
    const info = await kernel.requestCommInfo({}).then(({ content }) => content as { comms: object });
    expect(info.comms).toEqual({});
  });

  test("a restart forgets the variables and ends the processes", async () => {
    const before = start("console.log(process.pid, process.ppid)");
    await before.done;
    const pids = printed(before.messages).split(" ").map(Number);
    await kernel.restart();
    const after = start("%types off\ntypeof shelf");
    expect((await after.done).content).toMatchObject({ status: "ok", execution_count: 1 });
    expect(printed(after.messages)).toBe("'undefined'");
    for (const pid of pids) await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  test("a shutdown ends every process", async () => {
    const last = start("console.log(process.pid, process.ppid)");
    await last.done;
    const pids = printed(last.messages).split(" ").map(Number);
    expect(pids).toHaveLength(2);
    await kernel.shutdown();
    for (const pid of pids) await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
    await sessions.refreshRunning();
    expect([...sessions.running()]).toEqual([]);
  });
});
