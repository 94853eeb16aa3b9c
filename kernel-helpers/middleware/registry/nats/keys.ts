// Our keys as NATS writes them, and back: `/` becomes `.`, and what a key of NATS must not have is escaped.
import { createHash } from "node:crypto";

/** Characters of one part of a key. NATS refuses lines of more than 4,096, and closes the connection. */
const LONGEST = 200;

export const toSubject = (key: string): string => key.split("/").map(toToken).join(".");

/** A part of a key; one that is too long is told by its hash, from which nothing leads back. */
export function toToken(part: string): string {
  const token = part.replace(/[^\w-]/gu, (one) => Buffer.from(one).toString("hex").replace(/../g, "=$&"));
  if (token.length > LONGEST) return `==${hash(part).toString("base64url")}`;
  return token === "" ? "=" : token;
}

export const isHash = (token: string): boolean => token.startsWith("==");

export function fromToken(token: string): string {
  const unescaped = (run: string): string => Buffer.from(run.replaceAll("=", ""), "hex").toString();
  return token.replace(/(=[0-9a-f]{2})+|^=$/g, unescaped);
}

/** @returns undefined where a part of it is only known by its hash */
export function toKey(subject: string): string | undefined {
  const tokens = subject.split(".");
  return tokens.some(isHash) ? undefined : tokens.map(fromToken).join("/");
}

/** The bucket of a namespace. */
export function bucketOf(namespace: string): string {
  const name = namespace.replace(/[^\w-]/g, "_").slice(0, 40);
  return `wirebook_${name}_${hash(namespace).toString("hex").slice(0, 8)}`;
}

const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
