import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { parseConnection } from "../../src/wire/connection-file.js";
import { createSigner } from "../../src/wire/sign.js";
import { newConnection } from "../kernel/client.js";
import { python } from "../places.js";

const parts = ['{"msg_id":"1"}', "{}", "{}", '{"code":"1"}'].map((text) => Buffer.from(text));
const other = (text: string): Buffer[] => [...parts.slice(0, 3), Buffer.from(text)];

test("the signature is the hex HMAC over header, parent header, metadata and content", () => {
  const expected = createHmac("sha256", "key").update(Buffer.concat(parts)).digest("hex");
  expect(Buffer.from(createSigner("key", "sha256").sign(parts)).toString()).toBe(expected);
});

test.each([
  ["a key shorter than a block", "key", 10],
  ["a key as long as a block", "k".repeat(64), 10],
  ["a longer key, not in ASCII", "schlüssel".repeat(20), 10],
  ["no content at all", "key", 0],
  ["content just short enough to be copied", "key", 16 * 1024 - 64],
  ["longer content", "key", 16 * 1024],
  ["a megabyte", "key", 1 << 20],
])("%s: the digest is OpenSSL's", (_, key, length) => {
  const some = [Buffer.from("é"), Buffer.alloc(Math.max(0, length - 2), "x"), Buffer.alloc(0)];
  const expected = createHmac("sha256", key).update(Buffer.concat(some)).digest("hex");
  expect(Buffer.from(createSigner(key, "sha256").sign(some)).toString()).toBe(expected);
});

test.each(["sha256", "sha512", "sha1", "md5"])("what is signed with %s is accepted, once", (hash) => {
  const signer = createSigner("key", hash);
  const signature = createSigner("key", hash).sign(parts);
  expect(signer.verify(signature, parts)).toBe(true);
  expect(signer.verify(signature, parts)).toBe(false);
});

test.each([
  ["nothing", ""],
  ["half of it", createHmac("sha256", "key").update(Buffer.concat(parts)).digest("hex").slice(0, 32)],
  ["another key's", createHmac("sha256", "no").update(Buffer.concat(parts)).digest("hex")],
  ["a megabyte", "a".repeat(1 << 20)],
])("%s instead of the signature is refused", (_, signature) => {
  expect(createSigner("key", "sha256").verify(Buffer.from(signature), parts)).toBe(false);
});

test("a flood of forgeries does not make an old message acceptable again", () => {
  const signer = createSigner("key", "sha256", { remember: 10 });
  const signature = signer.sign(parts);
  expect(signer.verify(signature, parts)).toBe(true);
  for (let i = 0; i < 100; i++) signer.verify(Buffer.from(String(i).padStart(64, "0")), parts);
  expect(signer.verify(signature, parts)).toBe(false);
});

test("only so many accepted signatures are remembered", () => {
  const signer = createSigner("key", "sha256", { remember: 2 });
  const accept = (text: string): boolean => signer.verify(signer.sign(other(text)), other(text));
  expect([accept("a"), accept("b"), accept("c")]).toEqual([true, true, true]);
  expect([accept("b"), accept("c"), accept("a")]).toEqual([false, false, true]);
});

test("without a key nothing is signed and everything is believed", () => {
  const signer = createSigner("", "sha256");
  expect(signer.sign(parts)).toHaveLength(0);
  expect(signer.verify(Buffer.alloc(0), parts)).toBe(true);
});

test("every signature scheme that Jupyter's own client has is understood, and signs alike", async () => {
  const script =
    "import hashlib, hmac, json; names = [n for n in hashlib.algorithms_guaranteed if not n.startswith('shake')]; print(json.dumps({n: hmac.new(b'key', b'content', getattr(hashlib, n)).hexdigest() for n in names}))";
  const { stdout } = spawnSync(python, ["-c", script], { encoding: "utf8" });
  const digests = Object.entries(JSON.parse(stdout) as Record<string, string>);
  expect(digests.length).toBeGreaterThan(9);
  for (const [name, digest] of digests) {
    const { key, hash } = parseConnection(
      await newConnection({ key: "key", signature_scheme: `hmac-${name}` }),
    );
    expect(Buffer.from(createSigner(key, hash).sign([Buffer.from("content")])).toString(), name).toBe(digest);
  }
});
