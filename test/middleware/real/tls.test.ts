// Nodes that speak TLS to each other, with certificates of their own: who is trusted, who is not, and what is said of that.
import { createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect as connectPlainly } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { inspect } from "node:util";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { authority, noOpenssl, skippedOpenssl } from "../certificates.js";
import { type Counter, CounterObject, semantics } from "../simulation/counter.js";
import { createSite, middleware, type Site } from "./processes.js";

const it = test.skipIf(noOpenssl);
const [ours, others] = noOpenssl ? [] : [authority(), authority()];
afterAll(() => {
  for (const one of [ours, others]) one?.[Symbol.dispose]();
});
const { ca = "" } = ours ?? {};
const good = ours?.sign();

type Tls = NonNullable<Parameters<Site["node"]>[0]>["tls"];

/** A node that hosts with these, and one that calls it with those. */
async function call(hosts: Tls, calls: Tls): Promise<{ where: string; call: Promise<number>; site: Site }> {
  const site = await createSite("embedded");
  onTestFinished(() => site[Symbol.asyncDispose]());
  const host = await site.node({ tls: hosts });
  await host.export<Counter>("counter", () => new CounterObject(), { semantics });
  const caller = await site.node({ tls: calls, strict: true, timeout: 5000 });
  return { where: host.where, call: caller.bind<Counter>("counter").add(1), site };
}

it(`nodes that trust each other's certificates call each other over wss:${skippedOpenssl}`, async () => {
  const { where, call: answer } = await call({ ...good, ca } as Tls, { ...good, ca } as Tls);
  expect(where).toMatch(/^wss:\/\/127\.0\.0\.1:/);
  expect(await answer).toBe(1);
});

it.each<[string, () => Tls, string | undefined, RegExp]>([
  [
    "signed by somebody else",
    () => others?.sign(),
    ca,
    /signed by nobody who is trusted here: tls\.ca takes/,
  ],
  [
    "of somebody whom nobody was told to trust",
    () => good,
    undefined,
    /signed by nobody who is trusted here/,
  ],
  ["that has expired", () => ours?.sign({ days: -1 }), ca, /has expired: it needs a new one/],
  [
    "for another name",
    () => ours?.sign({ names: "DNS:elsewhere.example" }),
    ca,
    /is for another name: it needs one/,
  ],
])(
  `a certificate %s is refused at once, with what to try${skippedOpenssl}`,
  async (_, hosts, trusted, words) => {
    const { call: answer } = await call(hosts(), { ...good, ...(trusted && { ca: trusted }) } as Tls);
    await expect(answer).rejects.toThrow(words);
    await expect(answer).rejects.toThrow(middleware.Forbidden);
  },
);

it(`TLS older than 1.2 is not spoken, and nothing without TLS${skippedOpenssl}`, async () => {
  const { where, call: answer } = await call({ ...good, ca } as Tls, { ...good, ca } as Tls);
  const port = Number(new URL(where).port);
  const spoken = (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3"): Promise<string> =>
    new Promise((resolve) => {
      const ciphers = version === "TLSv1.1" ? { ciphers: "DEFAULT@SECLEVEL=0" } : {};
      const options = { port, host: "127.0.0.1", ca, minVersion: version, maxVersion: version, ...ciphers };
      const socket = connect(options, () => {
        resolve(String(socket.getProtocol()));
        socket.destroy();
      });
      socket.on("error", ({ code = "" }: NodeJS.ErrnoException) => resolve(code));
    });
  expect(await spoken("TLSv1.3")).toBe("TLSv1.3");
  expect(await spoken("TLSv1.2")).toBe("TLSv1.2");
  expect(await spoken("TLSv1.1")).toMatch(/^ERR_SSL_/);
  const plain = new WebSocket(where.replace("wss:", "ws:"), { headers: { authorization: "Bearer guess" } });
  expect(String(await new Promise((resolve) => plain.once("error", resolve)))).toMatch(/hang up|ECONNRESET/);
  const raw = connectPlainly(port, "127.0.0.1");
  raw.write("GET / HTTP/1.1\r\n\r\n");
  const heard = await new Promise<string>((resolve) => {
    let text = "";
    raw.on("data", (data) => {
      text += data;
    });
    raw.on("error", () => {});
    raw.once("close", () => resolve(text));
  });
  expect(heard).not.toContain("HTTP/1.1 2");
  expect(await answer).toBe(1);
});

it(`a certificate and a key that do not belong together are told when the node starts${skippedOpenssl}`, async () => {
  await using site = await createSite("embedded");
  const tls = { cert: good?.cert ?? "", key: ours?.sign().key ?? "" };
  await expect(site.node({ tls })).rejects.toThrow(/tls\.cert and tls\.key take .* which belong together/);
  await expect(site.node({ tls: { cert: "none", key: "none" } })).rejects.toThrow(TypeError);
});

test("a wrong token is refused, whatever of it is wrong, with the same answer, and is in no error", async () => {
  await using site = await createSite("embedded");
  const node = await site.node();
  await node.export<Counter>("counter", () => new CounterObject(), { semantics });
  const grant = await node.grant("counter");
  const [, text = "", signature = ""] = grant.split(".");
  const forged = createHmac("sha256", "guess").update(`wirebook-grant.${text}`).digest("base64url");
  const answers = new Set<string>();
  for (const authorization of [
    undefined,
    ...["", "Bearer", "Bearer ", "Basic Z3Vlc3M6Z3Vlc3M=", `Bearer ${"x".repeat(32)}`, "x".repeat(8000)],
    ...[
      "Grant",
      "Grant x",
      `Grant wirebook-grant.${text}.${forged}`,
      `Grant wirebook-grant.e30.${signature}`,
    ],
    ...[`Grant ${grant}x`, `Bearer ${grant}`, `Bearer ${"\u00e9".repeat(32)}`],
  ]) {
    const { port } = new URL(node.where);
    const socket = connectPlainly(Number(port), "127.0.0.1");
    const upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
    const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`;
    const lines = ["GET / HTTP/1.1", "Host: a", ...upgrade, key];
    if (authorization !== undefined) lines.push(`Authorization: ${authorization}`);
    socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    answers.add(
      await new Promise((resolve) => {
        let heard = "";
        socket.on("data", (data) => {
          heard += data;
        });
        socket.once("close", () => resolve(heard));
      }),
    );
  }
  expect([...answers]).toEqual(["HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n"]);
  // Whoever has been given something that has ended is told so.
  const stranger = await site.node({ namespace: "somebody else" });
  const late = stranger.bind<Counter>("counter", { grant: grant.replace(signature, forged), timeout: 5000 });
  const refused = late.value();
  const error = await refused.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(middleware.Forbidden);
  expect(String(error)).toContain("does not know this token, or the grant has ended");
  const all =
    inspect(error, { depth: 20, showHidden: true }) + String(middleware.explain(refused)) + inspect(node);
  const homes = readdirSync(site.folder).filter((name) => existsSync(join(site.folder, name, "secret")));
  const secrets = homes.map((name) => readFileSync(join(site.folder, name, "secret"), "utf8"));
  expect(secrets).toHaveLength(2);
  for (const secret of [text, forged, signature, ...secrets]) expect(all).not.toContain(secret);
});
