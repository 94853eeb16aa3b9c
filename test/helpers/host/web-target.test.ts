import { afterEach, expect, test, vi } from "vitest";
import { explain, standIn, webTarget } from "../../../kernel-helpers/host/index.js";
import * as socket from "../../../kernel-helpers/socket/index.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Says something to the stand-in, and gives each piece that comes back, until it is silent or closes. */
async function talk(text: string): Promise<string[]> {
  const { host, port, gethostbyname } = await webTarget("stand-in");
  await using s = socket.socket();
  s.settimeout(0.3);
  await s.connect([await gethostbyname(host), port]);
  await s.sendall(text);
  const pieces: string[] = [];
  try {
    for (let bytes = await s.recv(4096); bytes.length > 0; bytes = await s.recv(4096))
      pieces.push(String(bytes));
  } catch (error) {
    if (!(error instanceof socket.timeout)) throw error;
    pieces.push("(silence)");
  }
  return pieces;
}

test("the real one is asked unless somebody chose: in the notebook, or by WIREBOOK_TARGET, which decides", async () => {
  vi.stubEnv("WIREBOOK_TARGET", undefined);
  expect(await webTarget()).toMatchObject({ kind: "internet", host: "www.google.co.uk", port: 80 });
  expect(await webTarget("internet")).toMatchObject({ kind: "internet" });
  expect(await webTarget("stand-in")).toMatchObject({ kind: "stand-in", host: "www.google.co.uk" });
  vi.stubEnv("WIREBOOK_TARGET", "stand-in");
  expect(await webTarget("internet")).toMatchObject({ kind: "stand-in" });
  vi.stubEnv("WIREBOOK_TARGET", "moon");
  await expect(webTarget()).rejects.toThrow("the target is 'internet' or 'stand-in', not 'moon'");
});

test("the stand-in plays one host, on this machine alone", async () => {
  const { gethostbyname } = await webTarget("stand-in");
  expect(await gethostbyname("www.google.co.uk")).toBe("127.0.0.1");
  await expect(gethostbyname("no-such-name.invalid")).rejects.toMatchObject({ name: "gaierror" });
});

test("a page is longer than one recv, tells its length, and the connection stays open", async () => {
  const pieces = await talk("GET / HTTP/1.1\r\nHost: www.google.co.uk\r\n\r\n");
  expect(pieces.length).toBeGreaterThan(2);
  expect(pieces.at(-1)).toBe("(silence)");
  const reply = pieces.slice(0, -1).join("");
  expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  const [head = "", body = ""] = reply.split("\r\n\r\n");
  expect(Number(/content-length: (\d+)/i.exec(head)?.[1])).toBe(body.length);
  expect(head).toMatch(/connection: keep-alive/i);
});

test("with `Connection: close` it closes; HEAD has no body; other methods are refused", async () => {
  const closed = await talk("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  expect(closed.at(-1)).toMatch(/<\/html>\n$/);
  const head = (await talk("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).join("");
  expect(head).toMatch(/200 OK[\s\S]*\r\n\r\n$/);
  expect((await talk("DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).join("")).toMatch(
    /^HTTP\/1\.1 405 /,
  );
});

test("lines that end without CR are a bad request", async () => {
  expect((await talk("GET / HTTP/1.1\nHost: x\n\n")).join("")).toMatch(/^HTTP\/1\.1 400 Bad Request/);
});

test("it is one server a notebook, and can be closed and started again", async () => {
  const first = await standIn();
  expect((await standIn()).port).toBe(first.port);
  await first.close();
  await expect(socket.createConnection(["127.0.0.1", first.port])).rejects.toThrow(
    socket.ConnectionRefusedError,
  );
  expect((await talk("GET / HTTP/1.0\r\n\r\n")).join("")).toContain("200 OK");
});

test.each<[string, object, RegExp]>([
  ["a name without an address", { name: "gaierror", errno: -3 }, /no name server answered/],
  ["a name that is not known", { name: "gaierror", errno: -2 }, /no such name/],
  ["silence at port 80", { name: "TimeoutError" }, /firewall that drops packets[\s\S]*proxy/],
  ["no way there", { code: "ENETUNREACH" }, /no way from here/],
  ["anything else", new Error("odd"), /odd/],
])("a failed connection is explained, and names the choice: %s", (_, error, words) => {
  expect(explain(error)).toMatch(words);
  expect(explain(error)).toContain("target = 'stand-in'");
});

test("of the stand-in nobody says that there is no network", async () => {
  const words = explain(new Error("odd"), await webTarget("stand-in"));
  expect(words).toContain("The stand-in on this machine did not answer");
  expect(words).not.toContain("Without a network");
});
