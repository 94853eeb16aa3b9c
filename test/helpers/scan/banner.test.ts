import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTls } from "node:tls";
import { expect, test } from "vitest";
import { escapeBytes } from "../../../kernel-helpers/scan/escape.js";
import { ScanInterrupted, scan } from "../../../kernel-helpers/scan/index.js";
import { listening, tcp } from "./servers.js";

async function bannerOf(port: number): Promise<string | undefined> {
  return (await scan("127.0.0.1", { ports: port, banner: true })).open[0]?.banner;
}

test("a server that greets is quoted", async () => {
  expect(await bannerOf(await tcp("127.0.0.1", (peer) => peer.write("SSH-2.0-OpenSSH_9.9\r\n")))).toBe(
    "SSH-2.0-OpenSSH_9.9",
  );
});

test("of a web server the status and its name", async () => {
  const server = createHttp((request, response) => {
    response.writeHead(request.method === "HEAD" ? 404 : 200, { Server: "lab <1>" }).end();
  });
  expect(await bannerOf(await listening(server))).toBe("HTTP/1.1 404 Not Found · lab <1>");
});

const openssl = spawnSync("openssl", ["version"]).status === 0;
test.skipIf(!openssl)(
  `of a TLS server whom its certificate names${openssl ? "" : " (openssl is missing)"}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-tls-"));
    try {
      const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
      const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1".split(" ");
      spawnSync("openssl", [...args, "-subj", "/CN=lab.example", "-keyout", key, "-out", cert]);
      const server = createTls({ key: readFileSync(key), cert: readFileSync(cert) });
      server.on("tlsClientError", () => {});
      expect(await bannerOf(await listening(server))).toBe("TLSv1.3, CN=lab.example");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test("a server that says nothing has none, and one that hangs up neither", async () => {
  expect(await bannerOf(await tcp())).toBe(undefined);
  expect(await bannerOf(await tcp("127.0.0.1", (peer) => peer.destroy()))).toBe(undefined);
});

test("a server that drips is not waited for, one that pours is cut", async () => {
  const drips = await tcp("127.0.0.1", (peer) => {
    peer.write("a");
    const timer = setInterval(() => peer.write("b"), 1000);
    peer.on("close", () => clearInterval(timer));
  });
  expect(await bannerOf(drips)).toBe("a");
  const pours = await tcp("127.0.0.1", (peer) => peer.write("x".repeat(1_000_000)));
  expect(await bannerOf(pours)).toBe("x".repeat(256));
});

test.each<[string | number[], string]>([
  ["220 ready ✓ 😀", "220 ready ✓ 😀"],
  ["\u001b[2J\u001b]0;title\u0007", "\\x1b[2J\\x1b]0;title\\x07"],
  ["a\r\nb\tc\0", "a\\r\\nb\\tc\\x00"],
  ["C:\\x1b", "C:\\\\x1b"],
  ["\u202egnp.exe\u2066", "\\u{202e}gnp.exe\\u{2066}"],
  ["\u0085\u009b31m", "\\x85\\x9b31m"],
  ["\u2028\u200b\ufeff", "\\u{2028}\\u{200b}\\u{feff}"],
  [[0xff, 0xfe, 0x41], "\\xff\\xfeA"],
  [[0xc0, 0xaf], "\\xc0\\xaf"],
  [[0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"],
  [[0xe2, 0x82], "\\xe2\\x82"],
  [[0xf0, 0x9f, 0x98, 0x41], "\\xf0\\x9f\\x98A"],
])("%j becomes text that does nothing", (bytes, expected) => {
  expect(escapeBytes(typeof bytes === "string" ? Buffer.from(bytes) : Uint8Array.from(bytes))).toBe(expected);
});

test("an interrupt does not wait for what a server might say, and takes no open port for closed", async () => {
  const port = await tcp();
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  const scanning = scan("127.0.0.1", { ports: port, banner: true, signal: controller.signal });
  const error = await scanning.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ScanInterrupted);
  // Where it came before anything was asked, nothing is known.
  expect((error as ScanInterrupted).result.stateOf(port)).toBeOneOf(["open", undefined]);
});
