import { describe, expect, test } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { onEveryBackend } from "./backends.js";
import { python, startPython } from "./python.js";

onEveryBackend("with CPython at the other end", (_, make) => {
  test("a client of CPython's is served", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(5);
    const [, port] = listener.getsockname();
    const heard = python(
      `import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
s.sendall(b"hello")
s.shutdown(socket.SHUT_WR)
print(s.makefile("rb").read().decode(), s.getsockname()[1])`,
      String(port),
    );
    const [conn, address] = await listener.accept();
    let question = "";
    for (let piece = await conn.recv(3); piece.length > 0; piece = await conn.recv(3)) question += piece;
    expect(question).toBe("hello");
    await conn.sendall("thank you for connecting");
    await conn.close();
    expect((await heard).trim()).toBe(`thank you for connecting ${(address as [string, number])[1]}`);
  });

  test("a server of CPython's serves", async () => {
    const server = await startPython(`import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(1)
print(s.getsockname()[1])
c, a = s.accept()
c.sendall(c.recv(100).upper())
c.close()
print("end")`);
    const client = make();
    await client.connect(["127.0.0.1", Number(server.first)]);
    await client.sendall("shout");
    expect(String(await client.recv(100))).toBe("SHOUT");
    expect(await client.recv(100)).toHaveLength(0);
    expect(await server.rest()).toBe("end");
  });
});

/** What both are asked to do: in Python, and here. `s` is a fresh socket, `b` a bound one, `c` a closed one, `port` a free port. */
const QUESTIONS: [
  python: string,
  here: (given: { s: socket.Socket; b: socket.Socket; c: socket.Socket; port: number }) => unknown,
][] = [
  [`s.bind("", 1)`, ({ s }) => (s.bind as (...args: unknown[]) => unknown)("", 1)],
  [`s.bind("x")`, ({ s }) => s.bind("x")],
  [`s.bind(("127.0.0.1",))`, ({ s }) => s.bind(["127.0.0.1"] as never)],
  [`s.bind(("127.0.0.1", 99999))`, ({ s }) => s.bind(["127.0.0.1", 99999])],
  [`s.connect(("127.0.0.1", -1))`, ({ s }) => s.connect(["127.0.0.1", -1])],
  [`s.connect(("127.0.0.1", "80"))`, ({ s }) => s.connect(["127.0.0.1", "80"] as never)],
  [`s.connect((3, 4))`, ({ s }) => s.connect([3, 4] as never)],
  [`s.connect("127.0.0.1")`, ({ s }) => s.connect("127.0.0.1")],
  [`s.connect(("no.such.host.invalid", 80))`, ({ s }) => s.connect(["no.such.host.invalid", 80])],
  [`s.connect(("127.0.0.1", port))`, ({ s, port }) => s.connect(["127.0.0.1", port])],
  [`s.connect_ex(("127.0.0.1", port))`, ({ s, port }) => s.connectEx(["127.0.0.1", port])],
  [`s.bind(("192.0.2.1", 0))`, ({ s }) => s.bind(["192.0.2.1", 0])],
  [`b.bind(("127.0.0.1", 0))`, ({ b }) => b.bind(["127.0.0.1", 0])],
  [`b.connect(b.getsockname())`, ({ b, port }) => b.connect(["127.0.0.1", port])],
  [`b.accept()`, ({ b }) => b.accept()],
  [`s.recv(1)`, ({ s }) => s.recv(1)],
  [`s.recv(-1)`, ({ s }) => s.recv(-1)],
  [`s.recv()`, ({ s }) => (s.recv as () => unknown)()],
  [`s.send(b"x")`, ({ s }) => s.send("x")],
  [`s.send(3)`, ({ s }) => s.send(3 as never)],
  [`s.getpeername()`, ({ s }) => s.getpeername()],
  [`s.shutdown(socket.SHUT_WR)`, ({ s }) => s.shutdown(socket.SHUT_WR)],
  [`s.shutdown(9)`, ({ s }) => s.shutdown(9)],
  [`s.settimeout(-1)`, ({ s }) => s.settimeout(-1)],
  [`s.settimeout("x")`, ({ s }) => s.settimeout("x" as never)],
  [`s.listen("x")`, ({ s }) => s.listen("x" as never)],
  [`s.getsockopt(socket.SOL_SOCKET, 9999)`, ({ s }) => s.getsockopt(socket.SOL_SOCKET, 9999)],
  [
    `s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)`,
    ({ s }) => s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR),
  ],
  [
    `s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)`,
    ({ s }) => s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF),
  ],
  [`s.getsockname()`, ({ s }) => s.getsockname()],
  [`c.recv(1)`, ({ c }) => c.recv(1)],
  [`c.getsockname()`, ({ c }) => c.getsockname()],
  [`c.connect(("127.0.0.1", port))`, ({ c, port }) => c.connect(["127.0.0.1", port])],
  [`c.fileno()`, ({ c }) => c.fileno()],
  [`c.close()`, ({ c }) => c.close()],
  [`socket.socket(99)`, () => socket.socket(99)],
  [`socket.socket(socket.AF_INET, 99)`, () => socket.socket(socket.AF_INET, 99)],
  [`socket.gethostbyname("no.such.host.invalid")`, () => socket.gethostbyname("no.such.host.invalid")],
  [`socket.gethostbyname("127.0.0.1")`, () => socket.gethostbyname("127.0.0.1")],
  [`socket.gethostbyname("")`, () => socket.gethostbyname("")],
  [`socket.gethostname()`, () => socket.gethostname()],
  [`socket.getaddrinfo("127.0.0.1", 80)`, () => socket.getaddrinfo("127.0.0.1", 80)],
  [
    `socket.getaddrinfo("127.0.0.1", "http", type=socket.SOCK_STREAM)`,
    () => socket.getaddrinfo("127.0.0.1", "http", 0, socket.SOCK_STREAM),
  ],
  [
    `socket.getaddrinfo("127.0.0.1", "no-such-service")`,
    () => socket.getaddrinfo("127.0.0.1", "no-such-service"),
  ],
  [`socket.getaddrinfo("no.such.host.invalid", 80)`, () => socket.getaddrinfo("no.such.host.invalid", 80)],
  [
    `socket.getaddrinfo(None, 80, socket.AF_INET, socket.SOCK_STREAM)`,
    () => socket.getaddrinfo(null, 80, socket.AF_INET, socket.SOCK_STREAM),
  ],
  [
    `socket.create_connection(("127.0.0.1", port))`,
    ({ port }) => socket.createConnection(["127.0.0.1", port]),
  ],
  [
    `socket.create_server(("127.0.0.1", 0), dualstack_ipv6=True)`,
    () => socket.createServer(["127.0.0.1", 0], { dualstackIpv6: true }),
  ],
];

const ASK = `import json, socket, sys
def plain(v):
    return v if isinstance(v, (int, str)) or v is None else [plain(x) for x in v]
with socket.socket() as f:
    f.bind(("127.0.0.1", 0))
    port = f.getsockname()[1]
answers = []
for code in json.loads(sys.argv[1]):
    s = socket.socket(); b = socket.socket(); c = socket.socket()
    b.bind(("127.0.0.1", 0)); c.close()
    if code.startswith("b.connect"): code = 's.connect(("127.0.0.1", port))'
    try: answers.append(["value", plain(eval(code))])
    except Exception as e: answers.append([type(e).__name__, str(e), plain(e.args) if isinstance(e, OSError) else None])
    for x in (s, b): x.close()
print(json.dumps(answers))`;

// Numbers and words of the system differ from one to the other; these are Linux's, as is what a fresh socket may do.
describe.skipIf(process.platform !== "linux")("answers as CPython gives them", async () => {
  const answers = JSON.parse(await python(ASK, JSON.stringify(QUESTIONS.map(([code]) => code)))) as [
    string,
    unknown,
    unknown?,
  ][];
  const free = socket.socket();
  await free.bind(["127.0.0.1", 0]);
  const port = (free.getsockname() as [string, number])[1];
  await free.close();

  test.each(QUESTIONS.map(([code, here], index) => ({ code, here, answer: answers[index] })))(
    "$code",
    async ({ here, answer }) => {
      const given = { s: socket.socket(), b: socket.socket(), c: socket.socket(), port };
      await given.b.bind(["127.0.0.1", 0]);
      await given.c.close();
      let got: unknown[];
      try {
        got = ["value", (await here(given)) ?? null];
      } catch (error) {
        const { name, message, args } = error as socket.OSError;
        got = [name, message, args ?? null];
      }
      expect(got).toEqual(answer);
      await Promise.all([given.s.close(), given.b.close()]);
    },
  );
});

describe("the errors", () => {
  test("are one family, by Python's names and its aliases", () => {
    expect(socket.error).toBe(socket.OSError);
    expect(socket.timeout).toBe(socket.TimeoutError);
    for (const kind of [
      socket.gaierror,
      socket.herror,
      socket.TimeoutError,
      socket.ConnectionRefusedError,
      socket.BlockingIOError,
    ]) {
      expect(new kind(1, "words")).toBeInstanceOf(socket.error);
      expect(String(new kind(1, "words"))).toBe(`${kind.name}: [Errno 1] words`);
    }
  });

  test("carry number, symbol, words and arguments", async () => {
    const probe = socket.socket();
    await probe.bind(["127.0.0.1", 0]);
    const address = probe.getsockname();
    await probe.close();
    const client = socket.socket();
    const failure = await client.connect(address).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(socket.ConnectionRefusedError);
    expect(failure).toMatchObject({ code: "ECONNREFUSED", strerror: "Connection refused" });
    const { errno, args } = failure as socket.OSError;
    expect(args).toEqual([errno, "Connection refused"]);
    await client.close();
  });
});

test("the constants are CPython's", async () => {
  const names = Object.keys(socket).filter((name) =>
    /^(AF|SOCK|SOL|SO|IPPROTO|IPV6|TCP|SHUT|MSG|EAI|AI|INADDR)_|^SOMAXCONN$/.test(name),
  );
  const script = `import json, socket, sys; print(json.dumps({n: int(getattr(socket, n)) for n in json.loads(sys.argv[1]) if hasattr(socket, n)}))`;
  const theirs = JSON.parse(await python(script, JSON.stringify(names))) as Record<string, number>;
  const ours = Object.fromEntries(
    Object.keys(theirs).map((name) => [name, (socket as unknown as Record<string, number>)[name]]),
  );
  expect(ours).toEqual(theirs);
  expect(Object.keys(theirs).length).toBeGreaterThan(40);
});
