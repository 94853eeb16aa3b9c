// What a computer's process does. It travels there as the text of one function, so it uses nothing from outside.
import type { Socket } from "node:net";
import type { Ended, FromAgent, RemoteError, readFrames, ToAgent } from "./messages.js";

/**
 * @param settings.directory where imports are resolved from
 * @param settings.helpers a file of the helpers, which `wirebook/*` falls back to
 * @param settings.parent the process that started this one
 * @param settings.group it leads a group of its own, and ends with all of it
 */
export function agent(
  load: (name: string) => unknown,
  settings: { directory: string; helpers: string; parent: number; group: boolean },
  read: typeof readFrames,
): void {
  const fs = load("node:fs") as typeof import("node:fs");
  const net = load("node:net") as typeof import("node:net");
  const v8 = load("node:v8") as typeof import("node:v8");
  const { pathToFileURL } = load("node:url") as typeof import("node:url");
  const { inspect } = load("node:util") as typeof import("node:util");
  const { builtinModules, createRequire, registerHooks } = load(
    "node:module",
  ) as typeof import("node:module");
  const { webcrypto } = load("node:crypto") as typeof import("node:crypto");
  const { AsyncLocalStorage } = load("node:async_hooks") as typeof import("node:async_hooks");
  const { spawn } = load("node:child_process") as typeof import("node:child_process");
  const { Worker } = load("node:worker_threads") as typeof import("node:worker_threads");
  const TO_US = 3;
  const FROM_US = 4;
  process.chdir(settings.directory);
  // `node -e` has Node's modules as globals. A notebook has not: `url` there is a variable of the student's.
  for (const name of [...builtinModules, "module", "exports", "__filename", "__dirname"])
    if (name !== "process" && name !== "console") delete (globalThis as Record<string, unknown>)[name];
  Object.defineProperty(globalThis, "crypto", { value: webcrypto, configurable: true, writable: true });

  // When whoever started us is gone, so are we. In a loop we would not hear of it, but another thread does; it must not block, or
  // `process.exit` would wait for it.
  const watch = `setInterval(() => {
    try {
      if (process.ppid === ${settings.parent} && process.kill(${settings.parent}, 0)) return;
    } catch {}
    process.kill(${settings.group ? "-process.pid" : "process.pid"}, "SIGKILL");
  }, 500)`;
  new Worker(watch, { eval: true }).unref();

  // The same where we hear of it ourselves.
  const kill = process.kill.bind(process);
  const leave = (): never => {
    if (settings.group) kill(-process.pid, "SIGKILL");
    return process.exit(0);
  };

  // Written before anything else happens: what is printed in a loop waits for its reader, and nothing overtakes it.
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const say = (message: FromAgent): void => {
    const body = v8.serialize(message);
    const frame = Buffer.alloc(4 + body.length);
    frame.writeUInt32LE(body.length);
    frame.set(body, 4);
    for (let at = 0; at < frame.length; ) {
      try {
        at += fs.writeSync(FROM_US, frame, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") leave();
        Atomics.wait(pause, 0, 0, 2);
      }
    }
  };

  // ── what is printed belongs to the call that caused it
  const calls = new AsyncLocalStorage<number>();
  let latest = 0;
  const output = (stream: "stdout" | "stderr", text: string): void =>
    say({ type: "output", id: calls.getStore() ?? latest, stream, text });
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      output(
        name,
        typeof chunk === "string"
          ? Buffer.from(chunk, typeof encoding === "string" ? (encoding as "utf8") : "utf8").toString()
          : Buffer.from(chunk).toString(),
      );
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") process.nextTick(done as () => void);
      return true;
    }) as typeof process.stdout.write;
  }
  // What a server accepts is made by nobody's code: its events belong to whoever began to listen.
  const listen = net.Server.prototype.listen as (...args: unknown[]) => unknown;
  net.Server.prototype.listen = function (this: import("node:net").Server, ...args: unknown[]): never {
    const here = AsyncLocalStorage.snapshot();
    this.prependListener("connection", (socket: Socket) => {
      const emit = socket.emit as (...args: unknown[]) => boolean;
      socket.emit = ((...event: unknown[]) => here(() => emit.apply(socket, event))) as typeof socket.emit;
    });
    return listen.apply(this, args) as never;
  };
  const failed = (error: unknown): void => output("stderr", `Uncaught ${inspect(error)}\n`);
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);

  // ── modules are found from the notebook's folder
  const notebook = pathToFileURL(`${settings.directory}/notebook.js`).href;
  registerHooks({
    resolve(specifier, context, next) {
      // What is evaluated here, which is all of the student's, has no place of its own.
      const parentURL = /\[eval\d*\]$/.test(context.parentURL ?? "[eval]") ? notebook : context.parentURL;
      try {
        return next(specifier, { ...context, parentURL });
      } catch (error) {
        if (!/^wirebook(\/|$)/.test(specifier)) throw error;
        return next(specifier, { ...context, parentURL: settings.helpers });
      }
    },
  });
  // Indirect, so that it sees nothing of ours.
  // biome-ignore lint/security/noGlobalEval: it is what this process is for
  const evaluate = (source: string, name: string): unknown => eval?.(`(${source}\n)\n//# sourceURL=${name}`);
  const bring = evaluate("(specifier, options) => import(specifier, options)", "wirebook-import") as (
    specifier: string,
    options?: unknown,
  ) => Promise<Record<string, unknown>>;
  const require = createRequire(notebook);
  // What TypeScript makes of `await import()` in CommonJS, as other kernels run their cells, calls the latter two.
  const named = (module: { __esModule?: boolean }): object =>
    module.__esModule ? module : { ...module, default: module };
  Object.assign(globalThis, { require, __importStar: named, __importDefault: named });
  // What a notebook's cells call where the kernel has looked at them.
  Object.defineProperty(globalThis, "__wirebook", {
    value: {
      import: bring,
      require,
      get Deno(): unknown {
        return (createRequire(settings.helpers)("wirebook/deno") as { Deno: unknown }).Deno;
      },
      site: () => undefined,
      via: (_: unknown, value: unknown) => value,
      drop: (value: unknown) => value,
      dropAtTop: (value: unknown) => value,
      constant(): never {
        throw new TypeError("Assignment to constant variable.");
      },
    },
  });

  // ── errors as data
  const copyable = (value: unknown): boolean => {
    try {
      v8.serialize(value);
      return true;
    } catch {
      return false;
    }
  };
  const toData = (thrown: unknown, depth = 4): RemoteError => {
    if (!(thrown instanceof Error))
      return { name: "Error", message: inspect(thrown), stack: "", properties: {} };
    const properties = Object.entries(Object.getOwnPropertyDescriptors(thrown)).filter(
      ([key, { value }]) =>
        !["name", "message", "stack", "cause"].includes(key) && value !== undefined && copyable(value),
    );
    return {
      name: String(thrown.name),
      message: String(thrown.message),
      stack: String(thrown.stack),
      properties: Object.fromEntries(properties.map(([key, { value }]) => [key, value])),
      ...(thrown.cause !== undefined && depth > 0 && { cause: toData(thrown.cause, depth - 1) }),
    };
  };

  // ── the calls
  const run = async ({ id, source, imports, args }: ToAgent & { type: "run" }): Promise<unknown> => {
    const modules = await Promise.all(imports.map(({ specifier }) => bring(specifier)));
    const values = imports.map(({ name }, index) =>
      name === undefined ? modules[index] : modules[index]?.[name],
    );
    // Names on the function's own first line, so that no line of it moves.
    const around = `(${imports.map(({ local }) => local).join()}) => (`;
    const made = evaluate(`${around}${source}\n)`, `wirebook-run-${id}-${around.length + 1}`);
    return (made as (...names: unknown[]) => (...args: unknown[]) => unknown)(...values)(...args);
  };
  const commands = new Map<number, import("node:child_process").ChildProcess>();
  const exec = ({ id, command, quiet, timeout }: ToAgent & { type: "exec" }): Promise<Ended> =>
    new Promise((resolve) => {
      const env = quiet ? { ...process.env, LC_ALL: "C" } : process.env;
      const options = {
        env,
        stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"],
        timeout,
        windowsHide: true,
      };
      const child =
        typeof command === "string"
          ? spawn(command, { ...options, shell: true })
          : spawn(command[0] as string, command.slice(1), options);
      commands.set(id, child);
      const texts = { stdout: "", output: "" };
      for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (text: string) => {
          texts.output += text;
          if (name === "stdout") texts.stdout += text;
          if (!quiet) output(name, text);
        });
      }
      const ended = (rest: Pick<Ended, "status" | "code">): void => {
        commands.delete(id);
        resolve({ ...texts, ...rest });
      };
      child.on("error", ({ code }: NodeJS.ErrnoException) => ended({ status: null, code: code ?? "" }));
      // What it leaves running may hold its streams for ever, and goes on printing.
      child.on("exit", (status) => {
        const timer = setTimeout(() => ended({ status }), 200);
        child.once("close", () => {
          clearTimeout(timer);
          ended({ status });
        });
      });
    });
  const answer = (message: ToAgent): unknown => {
    switch (message.type) {
      case "unknown":
        return message.names.filter((name) => !(name in globalThis));
      case "run":
        return run(message);
      case "exec":
        return exec(message);
      case "kill":
        return commands.get(message.command)?.kill("SIGKILL");
    }
  };
  const handle = async (message: ToAgent): Promise<void> => {
    if (message.type === "run" || message.type === "exec") latest = message.id;
    const { id } = message;
    let value: unknown;
    try {
      value = await answer(message);
    } catch (error) {
      say({ type: "done", id, error: toData(error) });
      return;
    }
    try {
      say({ type: "done", id, value });
    } catch {
      const shown = inspect(value, { depth: 0 });
      const error = new TypeError(
        `what the function returned cannot be copied to the notebook: ${shown}. Return plain data (a port, a text); what is to stay here, put into globalThis`,
      );
      say({ type: "done", id, error: toData(error) });
    }
  };

  const incoming = new net.Socket({ fd: TO_US, readable: true, writable: false });
  read<ToAgent>(incoming, v8.deserialize, (message) => {
    calls.run(message.id, () => void handle(message));
  });
  incoming.on("end", leave);
}
