// Servers in plain Node: without a kernel they work, and print.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { type Server, serve, serveForever, servers } from "../../../kernel-helpers/serve/index.js";
import { Journal } from "../../../kernel-helpers/serve/journal.js";
import * as socket from "../../../kernel-helpers/socket/index.js";

let printed = "";
const out = vi.spyOn(console, "log").mockImplementation((...words) => {
  printed += `${words.join(" ")}\n`;
});
const complained = vi.spyOn(console, "error").mockImplementation(() => {});

afterEach(async () => {
  for (const server of servers()) await server.close();
  printed = "";
  out.mockClear();
  complained.mockClear();
});

/** What a server says to one who asks, up to its end. */
async function ask(server: { port: number; address: string }, question = ""): Promise<string> {
  await using s = socket.socket();
  s.settimeout(5);
  await s.connect(["127.0.0.1", server.port]);
  if (question) await s.sendall(question);
  let answer = "";
  for (;;) {
    const bytes = await s.recv(4096);
    if (bytes.length === 0) return answer;
    answer += bytes;
  }
}

test("the handler gets each connection with its address, which is closed when the handler is done", async () => {
  const seen: unknown[] = [];
  const server = await serve(0, async (conn, addr) => {
    seen.push(addr);
    await conn.sendall(`you said ${await conn.recv(100)}`);
  });
  expect(await ask(server, "one")).toBe("you said one");
  expect(await ask(server, "two")).toBe("you said two");
  expect(seen).toEqual([
    ["127.0.0.1", expect.any(Number)],
    ["127.0.0.1", expect.any(Number)],
  ]);
  await expect.poll(() => server.connections).toBe(0);
  expect(server.accepted).toBe(2);
  expect(inspect(server)).toMatch(
    /^<server \d+ on 127\.0\.0\.1:\d+: listening, 0 open, 2 connections so far>$/,
  );
});

test("only this machine can reach it, unless something else is asked for", async () => {
  expect((await serve(0, () => {})).address).toBe("127.0.0.1");
  const wide = await serve(0, () => {}, { address: "" });
  expect(wide.address).toBe("0.0.0.0");
  expect(printed).toContain("every address of this machine");
});

test("a handler that fails ends its own connection only, and is counted", async () => {
  const server = await serve(
    0,
    async (conn) => {
      if (String(await conn.recv(10)) === "bad") throw new Error("on purpose");
      await conn.sendall("fine");
    },
    { name: "picky" },
  );
  expect(await ask(server, "bad")).toBe("");
  expect(await ask(server, "good")).toBe("fine");
  await expect.poll(() => server.failed).toBe(1);
  expect(String(complained.mock.calls[0])).toMatch(
    /^picky: the handler of \[ '127\.0\.0\.1', \d+ \] failed:,Error: on purpose/,
  );
});

test("serve serves several at once; serveForever one after another, in the order of their coming", async () => {
  let open = 0;
  let most = 0;
  const slow = async (conn: socket.Socket): Promise<void> => {
    most = Math.max(most, ++open);
    await conn.sendall(String(await conn.recv(1)));
    open--;
  };
  const together = await serve(0, slow);
  const clients = await Promise.all(
    [1, 2, 3].map(() => socket.createConnection(["127.0.0.1", together.port])),
  );
  await expect.poll(() => most).toBe(3);
  for (const client of clients) await client.sendall("x");
  await Promise.all(clients.map((client) => client.close()));
  await expect.poll(() => open).toBe(0);
  most = 0;
  const listening = socket.socket();
  await listening.bind(["127.0.0.1", 0]);
  await listening.listen(5);
  const queue = serveForever(listening, slow);
  const answers = await Promise.all(["a", "b", "c"].map((letter) => ask(queue, letter)));
  expect(answers).toEqual(["a", "b", "c"]);
  expect(most).toBe(1);
});

test("closing ends the connections that are open, and frees the port", async () => {
  const server = await serve(0, (conn) => conn.recv(1));
  await using client = await socket.createConnection(["127.0.0.1", server.port]);
  await expect.poll(() => server.connections).toBe(1);
  await server.close();
  await server.closed;
  expect(server.state).toBe("closed");
  expect(String(server)).toMatch(/: closed, 1 connection so far$/);
  expect(await client.recv(1)).toHaveLength(0);
  await expect(socket.createConnection(["127.0.0.1", server.port])).rejects.toThrow(
    socket.ConnectionRefusedError,
  );
  const next = await serve(server.port, () => {});
  expect(next.port).toBe(server.port);
  await server.close();
});

test("no more connections than allowed are served at a time; the others wait for their turn", async () => {
  let open = 0;
  let most = 0;
  const server = await serve(
    0,
    async (conn) => {
      most = Math.max(most, ++open);
      await conn.sendall(String(await conn.recv(1)));
      open--;
    },
    { maxConnections: 2 },
  );
  const clients = await Promise.all(
    [1, 2, 3, 4].map(() => socket.createConnection(["127.0.0.1", server.port])),
  );
  await expect.poll(() => server.connections).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(server.accepted).toBe(2);
  for (const client of clients) await client.sendall("x");
  for (const client of clients) expect(String(await client.recv(1))).toBe("x");
  expect(most).toBe(2);
  expect(server.accepted).toBe(4);
  await Promise.all(clients.map((client) => client.close()));
  await expect(serve(0, () => {}, { maxConnections: 0 })).rejects.toThrow("a number from 1 on, not 0");
});

test("a patient close lets handlers come to their end, up to its deadline", async () => {
  const server = await serve(0, async (conn) => conn.sendall(`got ${await conn.recv(10)}`));
  const [quick, slow] = [
    await socket.createConnection(["127.0.0.1", server.port]),
    await socket.createConnection(["127.0.0.1", server.port]),
  ];
  await expect.poll(() => server.connections).toBe(2);
  const closing = server.close({ timeout: 0.3 });
  await expect.poll(() => server.state).toBe("closing");
  await expect(socket.createConnection(["127.0.0.1", server.port])).rejects.toThrow(
    socket.ConnectionRefusedError,
  );
  await quick.sendall("last");
  expect(String(await quick.recv(100))).toBe("got last");
  await closing;
  expect(server.state).toBe("closed");
  expect(await slow.recv(100)).toHaveLength(0);
  await Promise.all([quick.close(), slow.close()]);
});

test("each connection is listed with its state, its time and its bytes, also when it is over", async () => {
  const server = await serve(0, async (conn) => {
    const question = String(await conn.recv(100));
    await conn.sendall(question.repeat(3));
    if (question === "fail") throw new Error("on purpose");
    await conn.recv(1);
  });
  await using client = await socket.createConnection(["127.0.0.1", server.port]);
  await client.sendall("hello");
  expect(String(await client.recvExactly(15))).toBe("hellohellohello");
  expect(await ask(server, "fail")).toBe("failfailfail");
  await expect.poll(() => server.failed).toBe(1);
  expect(server.clients()).toEqual([
    {
      number: 1,
      address: client.getsockname(),
      state: "open",
      seconds: expect.any(Number),
      received: 5,
      sent: 15,
    },
    {
      number: 2,
      address: expect.anything(),
      state: "failed",
      seconds: expect.any(Number),
      received: 4,
      sent: 12,
    },
  ]);
  expect(inspect(server.clients())).toMatch(
    /^connection +from +state +seconds +received +sent\n1 +127\.0\.0\.1:\d+ +open/,
  );
  await client.close();
  await expect.poll(() => server.clients()[0]?.state).toBe("closed");
});

test("`await using` closes it", async () => {
  let kept: Server;
  {
    await using server = await serve(0, () => {});
    kept = server;
  }
  expect(kept.state).toBe("closed");
});

test("an earlier server of the notebook on the same port is replaced, and that is said", async () => {
  const first = await serve(0, (conn) => conn.sendall("first"));
  const second = await serve(first.port, (conn) => conn.sendall("second"));
  expect(await ask(second)).toBe("second");
  expect(first.state).toBe("closed");
  expect(printed).toMatch(
    new RegExp(`Port ${first.port} was held by this notebook's earlier server \\d+: closed it`),
  );
});

test("a port that another program holds: the error says which, and what to do", async () => {
  const program =
    "require('node:net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })";
  const other = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const port = Number(String((await once(other.stdout, "data"))[0]));
    const failed = serve(port, () => {});
    await expect(failed).rejects.toMatchObject({ name: "OSError", code: "EADDRINUSE" });
    const words = process.platform === "linux" ? `in use by .* \\(process ${other.pid}\\)\\.` : "in use";
    await expect(failed).rejects.toThrow(
      new RegExp(`127\\.0\\.0\\.1:${port} is ${words}[\\s\\S]*Choose another port, or 0`),
    );
  } finally {
    other.kill();
  }
});

test("what a handler prints is kept, also behind its awaits, and what others print is not", async () => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    const server = await serve(0, async (conn, addr) => {
      process.stdout.write(`visit of ${addr[0]}\n`);
      await conn.recv(1);
      process.stdout.write(Buffer.from("and its end\n"));
    });
    process.stdout.write("something else");
    await ask(server, "n");
    process.stdout.write("something else");
    expect(server.log()).toBe("visit of 127.0.0.1\nand its end\n");
  } finally {
    write.mockRestore();
  }
});

test("of a long log the last 256 KB are kept", () => {
  const journal = new Journal();
  for (let i = 0; i < 100_000; i++) journal.add(`line ${i}\n`);
  expect(journal.text).toHaveLength(256 * 1024);
  expect(journal.text.endsWith("line 99998\nline 99999\n")).toBe(true);
});

test("the table of servers is text in a console, and escaped HTML in a notebook", async () => {
  expect(inspect(servers())).toBe("(none)");
  const server = await serve(0, () => {}, { name: "<b>&co</b>" });
  const table = servers();
  expect(table).toEqual([server]);
  expect(inspect(table).split("\n")).toEqual([
    expect.stringMatching(/^name +protocol +address +state +open +accepted +failed +received +sent +cell$/),
    expect.stringMatching(new RegExp(`^<b>&co</b> +tcp +127\\.0\\.0\\.1:${server.port} +serving +0 +0 +0`)),
  ]);
  const bundle = (table as unknown as Record<symbol, () => Record<string, string>>)[
    Symbol.for("Jupyter.display")
  ]?.();
  expect(bundle?.["text/html"]).toContain("&#60;b&#62;&#38;co&#60;/b&#62;");
  expect(bundle?.["text/html"]).not.toContain("<b>");
});

test("mistakes in the call are told before anything is opened", async () => {
  await expect(serve(0, undefined as never)).rejects.toThrow(
    "the handler is a function of (connection, address)",
  );
  await expect(serve(70_000, () => {})).rejects.toThrow(/0-65535/);
  expect(servers()).toEqual([]);
});

test("a server whose socket is closed under it closes, too", async () => {
  const listening = socket.socket();
  await listening.bind(["127.0.0.1", 0]);
  await listening.listen(1);
  const server = serveForever(listening, () => {});
  await listening.close();
  await server.closed;
  expect(servers()).toEqual([]);
});

// A plain server of Node beside ours, so that the two do not confuse each other.
test("other servers of the process are left alone", async () => {
  const plain = createServer((c) => c.end("plain")).listen(0, "127.0.0.1");
  await once(plain, "listening");
  const { port } = plain.address() as { port: number };
  await expect(serve(port, () => {})).rejects.toThrow(/in use/);
  expect(await ask({ port, address: "127.0.0.1" })).toBe("plain");
  plain.close();
});
