// NATS over TLS, on TCP and on WebSockets, with a user or a token: who is trusted, who is let in, and what is said where not.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { Forbidden, Unreachable } from "../../../kernel-helpers/middleware/errors.js";
import type { NatsOptions } from "../../../kernel-helpers/middleware/registry/nats/options.js";
import { NatsStore } from "../../../kernel-helpers/middleware/registry/nats/store.js";
import { dist } from "../../places.js";
import { authority, type Certificate, noOpenssl, skippedOpenssl } from "../certificates.js";
import { type NatsProcess, noNats, skippedNats, startNats } from "../nats.js";

const skipped = skippedNats || skippedOpenssl;
const it = test.skipIf(noNats !== undefined || noOpenssl);
const [ours, others] = noOpenssl ? [] : [authority(), authority()];
const { ca = "" } = ours ?? {};
afterAll(() => {
  for (const one of [ours, others]) one?.[Symbol.dispose]();
});

const USERS = ["authorization {", "  user: ann", '  password: "s3:cret"', "}"];
const TOKEN = ["authorization {", "  token: t0ken", "}"];

async function server(lines: string[], certificate: Certificate | undefined): Promise<NatsProcess> {
  const { cert = "", key = "" } = certificate?.files ?? {};
  const tls = ["tls {", `  cert_file: ${JSON.stringify(cert)}`, `  key_file: ${JSON.stringify(key)}`, "}"];
  const nats = await startNats({ web: true, webLines: tls, lines: [...tls, ...lines] });
  onTestFinished(() => nats[Symbol.asyncDispose]());
  return nats;
}

const secure = ({ url }: NatsProcess): string => url.replace("nats:", "tls:");

async function asked(servers: string, options: NatsOptions = {}): Promise<unknown> {
  const store = new NatsStore({ servers, namespace: "a test", ...options });
  onTestFinished(() => store.close());
  return await store.get("key");
}

it(`tls: with a user or a token comes in, and with a wrong one does not${skipped}`, async () => {
  const users = await server(USERS, ours?.sign());
  expect(await asked(secure(users), { tls: { ca }, user: "ann", password: "s3:cret" })).toBeUndefined();
  const tokens = await server(TOKEN, ours?.sign());
  expect(await asked(secure(tokens), { tls: { ca }, token: "t0ken" })).toBeUndefined();
  for (const [nats, wrong] of [
    [users, { user: "ann", password: "guess" }],
    [users, { user: "guess", password: "s3:cret" }],
    [tokens, { token: "guess" }],
    [tokens, {}],
  ] as const) {
    const refused = asked(secure(nats), { tls: { ca }, ...wrong });
    await expect(refused).rejects.toThrow(Forbidden);
    await expect(refused).rejects.toThrow(
      /lets nobody in with this: natsOptions takes token, or user and password/,
    );
    const error = (await refused.catch((reason: unknown) => reason)) as Error;
    expect(`${error.stack}${error.cause}`).not.toMatch(/guess|s3:cret|t0ken/);
  }
});

it.each<[string, () => Certificate | undefined, RegExp]>([
  [
    "of somebody whom nobody trusts",
    () => others?.sign(),
    /signed by nobody who is trusted here: natsOptions\.tls\.ca/,
  ],
  ["that has expired", () => ours?.sign({ days: -1 }), /its certificate has expired/],
  ["for another name", () => ours?.sign({ names: "DNS:elsewhere.example" }), /is for another name/],
])(
  `a server with a certificate %s is refused at once, with what to try${skipped}`,
  async (_, certificate, words) => {
    const refused = asked(secure(await server([], certificate())), { tls: { ca } });
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toThrow(Forbidden);
  },
);

it(`tls: speaks to no server without TLS${skipped}`, async () => {
  const plain = await startNats();
  onTestFinished(() => plain[Symbol.asyncDispose]());
  await expect(asked(secure(plain), { tls: { ca } })).rejects.toThrow("does not support 'tls'");
});

it(`wss: trusts whom Node trusts, and says how to tell it; certificates of one's own it refuses${skipped}`, async () => {
  const nats = await server(TOKEN, ours?.sign());
  const web = nats.web.replace("ws:", "wss:");
  const refused = asked(web, { token: "t0ken", tls: { ca } });
  await expect(refused).rejects.toThrow(/natsOptions\.tls is for tls: addresses\. .*NODE_EXTRA_CA_CERTS=/);
  const untrusted = asked(web, { token: "t0ken" });
  await expect(untrusted).rejects.toThrow(Unreachable);
  await expect(untrusted).rejects.toThrow(/Node does not trust its certificate: NODE_EXTRA_CA_CERTS=/);
  const program = `
    const { startNode } = await import(${JSON.stringify(join(dist, "helpers", "middleware", "index.js"))});
    for (const token of ["t0ken", "guess"]) {
      try {
        const node = await startNode({ nats: ${JSON.stringify(web)}, natsOptions: { token } });
        console.log("in");
        await node.close();
      } catch (error) {
        console.log(error.name);
      }
    }
    process.exit();`;
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: ours?.file };
  const args = ["--input-type=module", "-e", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 30_000 });
  expect(stdout.trim().split("\n")).toEqual(["in", "Forbidden"]);
});
