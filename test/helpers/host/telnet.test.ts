import { createServer, type Server, type Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { interfaces, telnet } from "../../../kernel-helpers/host/index.js";
import { withoutCommands } from "../../../kernel-helpers/host/telnet.js";

let printed: string;
let server: Server | undefined;

beforeEach(() => {
  printed = "";
  vi.spyOn(console, "log").mockImplementation((line = "") => {
    printed += `${line}\n`;
  });
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  server?.close();
  server = undefined;
});

async function answering(handler: (conn: Socket) => void): Promise<number> {
  server = createServer((conn) => handler(conn.on("error", () => {}))).listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  return (server.address() as { port: number }).port;
}

test("the transcript is that of the program telnet, and the text received is the value", async () => {
  const port = await answering((conn) => conn.end("Thank you for connecting"));
  expect(await telnet("127.0.0.1", port)).toBe("Thank you for connecting");
  expect(printed).toBe(`Trying 127.0.0.1...
Connected to 127.0.0.1.
Thank you for connecting
Connection closed by foreign host.
`);
});

test("lines are sent one after another, each with CR LF", async () => {
  let heard = "";
  const port = await answering((conn) =>
    conn.on("data", (bytes) => {
      heard += bytes;
      if (heard.endsWith("\r\n\r\n")) conn.end("HTTP/1.1 200 OK\r\n\r\n");
    }),
  );
  expect(await telnet("127.0.0.1", port, { lines: ["GET / HTTP/1.1", "Host: x", ""] })).toContain("200 OK");
  expect(heard).toBe("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(printed).toContain("Connected to 127.0.0.1.\nGET / HTTP/1.1\nHost: x\n\nHTTP/1.1 200 OK");
});

test("letters that arrive in two pieces stay whole", async () => {
  const port = await answering((conn) => {
    conn.write(Buffer.from([0xe2, 0x82]));
    setTimeout(() => conn.end(Buffer.from([0xac])), 30);
  });
  expect(await telnet("127.0.0.1", port)).toBe("€");
});

test("silence ends it after the given time", async () => {
  const port = await answering((conn) => conn.write("hello"));
  expect(await telnet("127.0.0.1", port, { timeout: 0.2 })).toBe("hello");
  expect(printed).toContain("(nothing for 0.2 seconds: hung up)");
});

test("nobody there: each address is tried and told, and the error is thrown", async () => {
  const port = await answering(() => {});
  server?.close();
  await expect(telnet("localhost", port)).rejects.toThrow("Connection refused");
  expect(printed).toContain("Trying 127.0.0.1...\ntelnet: connect to address 127.0.0.1: Connection refused");
  expect(printed).not.toContain("Connected");
  await expect(telnet("no-such-name.invalid", 80)).rejects.toMatchObject({ name: "gaierror" });
});

test("a connection that is reset ends with the reason", async () => {
  const port = await answering((conn) => {
    conn.write("bye");
    setTimeout(() => conn.resetAndDestroy(), 30);
  });
  await telnet("127.0.0.1", port);
  expect(printed).toContain("Connection closed: Connection reset by peer.");
});

test("telnet's own commands are no text", () => {
  const bytes = [255, 253, 1, 72, 255, 241, 105, 255, 255, 33];
  expect([...withoutCommands(Buffer.from(bytes))]).toEqual([72, 105, 255, 33]);
  expect(String(withoutCommands(Buffer.from("plain")))).toBe("plain");
});

test("the interfaces of this machine are a table of what ifconfig shows", () => {
  const table = interfaces();
  expect(table).toContainEqual(
    expect.objectContaining({ family: "IPv4", address: "127.0.0.1", netmask: "255.0.0.0", internal: true }),
  );
  expect(inspect(table).split("\n")[0]).toMatch(/^name +family +address +netmask +mac +internal$/);
  expect(inspect(table)).toContain("this machine only");
});
