// Asks our module what `ask.py` asks CPython's.
import * as socket from "../../../../kernel-helpers/socket/index.js";

/** What a call gave, or what it threw. */
export type Answer = { value: unknown } | { error: string; message?: string; errno?: number | null };

function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return ["bytes", Buffer.from(value).toString("hex")];
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof socket.Socket) return "socket";
  return typeof value === "object" ? "object" : value;
}

/** The system chooses them, so they are not the same twice. */
function withoutPorts(message: string): string {
  return message.replace(/', \d{4,5}\)/g, "', PORT)");
}

export async function ask(question: string): Promise<Answer> {
  const probe = socket.socket();
  await probe.bind(["127.0.0.1", 0]);
  const port = (probe.getsockname() as [string, number])[1];
  await probe.close();
  const [s, b, l, c] = Array.from({ length: 4 }, () => socket.socket()) as [
    socket.Socket,
    socket.Socket,
    socket.Socket,
    socket.Socket,
  ];
  const u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  const v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  await b.bind(["127.0.0.1", 0]);
  await v.bind(["127.0.0.1", 0]);
  await l.bind(["127.0.0.1", 0]);
  await l.listen(5);
  await c.close();
  const p = socket.socket();
  await p.connect(l.getsockname());
  const [q] = await l.accept();
  await q.sendall("hello");
  const names: Record<string, unknown> = {
    T: (...all: unknown[]) => all,
    B: (text: string) => Buffer.from(text),
    ROOM: (size: number) => Buffer.alloc(size),
    BIG: Buffer.alloc(70_000),
    FILE: (path: string) => path,
    N: null,
    Y: true,
    F: false,
    NAN: Number.NaN,
    socket,
    port,
    ...{ s, b, l, c, p, q, u, v },
  };
  const run = new Function(...Object.keys(names), `return ${question}`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve({ error: "waits" }), 10_000);
  });
  const answered = (async (): Promise<Answer> => {
    try {
      const value = (await run(...Object.values(names))) as unknown;
      if (value instanceof socket.Socket) await value.close();
      return { value: plain(value) };
    } catch (error) {
      const { name, message } = error as Error;
      return {
        error: name,
        message: withoutPorts(message),
        errno: error instanceof socket.OSError ? (error.errno ?? null) : null,
      };
    }
  })();
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
    socket.setdefaulttimeout(null);
    await Promise.all([s, b, l, p, q, u, v].map((one) => one.close()));
  }
}
