import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { createSigner } from "../../src/wire/sign.js";

const parts = ['{"msg_id":"1"}', "{}", "{}", '{"code":"1"}'].map((text) => Buffer.from(text));
const other = (text: string): Buffer[] => [...parts.slice(0, 3), Buffer.from(text)];

test("the signature is the hex HMAC over header, parent header, metadata and content", () => {
  const expected = createHmac("sha256", "key").update(Buffer.concat(parts)).digest("hex");
  expect(Buffer.from(createSigner("key", "sha256").sign(parts)).toString()).toBe(expected);
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
