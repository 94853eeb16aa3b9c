import { expect, test } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { onBackends, pair } from "./backends.js";
import { python } from "./python.js";

onBackends(["koffi", "eager"], "makefile", (_, make) => {
  test("lines are read and written like those of a file", async () => {
    const { client, server } = await pair(make);
    const [there, here] = [server.makefile("w"), client.makefile("r")];
    await there.write("first\nsecond\r\nthird\rno end");
    // It keeps what is little.
    await expect(client.recv(1, { timeout: 0.03 })).rejects.toThrow(socket.TimeoutError);
    await there.flush();
    expect(await here.readline()).toBe("first\n");
    expect(await here.readline(3)).toBe("sec");
    expect(await here.readline()).toBe("ond\n");
    expect(await here.readline()).toBe("third\n");
    await there.close();
    await server.close();
    expect(await here.readline()).toBe("no end");
    expect(await here.readline()).toBe("");
    expect(await here.read()).toBe("");
  });

  test("lines can be iterated, and taken all at once", async () => {
    const { client, server } = await pair(make);
    await server.sendall("a\nb\n\nc");
    await server.close();
    const lines: string[] = [];
    for await (const line of client.makefile()) lines.push(line);
    expect(lines).toEqual(["a\n", "b\n", "\n", "c"]);
    const other = await pair(make);
    await other.server.sendall("x\r\ny\r\n");
    await other.server.close();
    expect(await other.client.makefile("rb").readlines()).toEqual([
      Buffer.from("x\r\n"),
      Buffer.from("y\r\n"),
    ]);
  });

  test("characters that come in pieces are whole, in every encoding", async () => {
    const { client, server } = await pair(make);
    const text = "Grüße, 世界 😀\n";
    const sending = (async () => {
      for (const byte of Buffer.from(text.repeat(2))) {
        await server.sendall(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await server.close();
    })();
    const file = client.makefile();
    expect(await file.readline()).toBe(text);
    expect(await file.read(5)).toBe("Grüße");
    expect(await file.read()).toBe(text.slice(5));
    await sending;
    const latin = await pair(make);
    const out = latin.server.makefile("w", { encoding: "latin1", newline: "\r\n" });
    await out.write("é\n");
    await out.close();
    expect(await latin.client.recv(10)).toEqual(Buffer.from([0xe9, 13, 10]));
  });

  test.each<[socket.FileOptions["newline"], string[]]>([
    [undefined, ["a\n", "b\n", "c\n", "d"]],
    ["", ["a\n", "b\r\n", "c\r", "d"]],
    ["\n", ["a\n", "b\r\n", "c\rd"]],
    ["\r\n", ["a\nb\r\n", "c\rd"]],
    ["\r", ["a\nb\r", "\nc\r", "d"]],
  ])("the end of a line is what newline=%j says, as in CPython", async (newline, lines) => {
    const { client, server } = await pair(make);
    const file = client.makefile("r", { newline });
    const reading = file.readlines();
    // The two halves of an end come apart.
    for (const piece of ["a\nb\r", "\nc\r", "d"]) {
      await server.sendall(piece);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await server.close();
    expect(await reading).toEqual(lines);
    const theirs = await python(
      `import io, json, sys
print(json.dumps(io.TextIOWrapper(io.BytesIO(b"a\\nb\\r\\nc\\rd"), newline=json.loads(sys.argv[1])).readlines()))`,
      JSON.stringify(newline ?? null),
    );
    expect(JSON.parse(theirs)).toEqual(lines);
  });

  test("a socket that is closed stays until its files are", async () => {
    const { client, server } = await pair(make);
    const file = server.makefile("rw");
    await server.close();
    await file.write("still there\n");
    await file.flush();
    expect(String(await client.recv(100))).toBe("still there\n");
    await file.close();
    await file.close();
    expect(await client.recv(100)).toHaveLength(0);
    await expect(file.read()).rejects.toThrow("I/O operation on closed file.");
  });

  test("modes and kinds of data are checked in Python's words", async () => {
    const { client } = await pair(make);
    expect(() => client.makefile("x")).toThrow("invalid mode 'x' (only r, w, b allowed)");
    expect(() => client.makefile("r", { buffering: 0 })).toThrow("unbuffered streams must be binary");
    expect(() => client.makefile("r", { encoding: "klingon" })).toThrow("unknown encoding: klingon");
    await expect(client.makefile("r").write("x")).rejects.toThrow("not writable");
    await expect(client.makefile("w").read()).rejects.toThrow("not readable");
    await expect(client.makefile("w").write(Buffer.from("x"))).rejects.toThrow(
      "write() argument must be str, not bytes",
    );
    await expect(client.makefile("wb").write("x" as never)).rejects.toThrow(
      "a bytes-like object is required, not 'str'",
    );
  });

  test("ten megabytes in lines and in one piece arrive whole", async () => {
    const { client, server } = await pair(make);
    const line = `${"x".repeat(999)}\n`;
    const sending = (async () => {
      const file = server.makefile("w");
      for (let n = 0; n < 5000; n++) await file.write(line);
      await file.close();
      await server.sendall(Buffer.alloc(5_000_000, "y"));
      await server.close();
    })();
    const file = client.makefile("rb");
    let count = 0;
    for (; count < 5000; count++) if (String(await file.readline()) !== line) break;
    expect(count).toBe(5000);
    const rest = await file.read();
    expect(rest.equals(Buffer.alloc(5_000_000, "y"))).toBe(true);
    await sending;
  });
});
