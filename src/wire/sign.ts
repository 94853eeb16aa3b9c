// Signatures: hex HMAC over the four JSON parts, never over the buffers.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#wire-protocol

import { createHmac, hash as digestOf, timingSafeEqual } from "node:crypto";

/** Signs what leaves and judges what arrives. */
export interface Signer {
  sign(parts: readonly Uint8Array[]): Uint8Array;
  /** Is the signature right, and seen for the first time? */
  verify(signature: Uint8Array, parts: readonly Uint8Array[]): boolean;
}

/**
 * Creates the signer of one kernel.
 * @param key secret of the connection file; empty turns signing off, both ways
 * @param hash name of a hash of this runtime
 * @param options.remember how many accepted signatures are kept to refuse replayed messages
 */
export function createSigner(key: string, hash: string, options: { remember?: number } = {}): Signer {
  const none = new Uint8Array(0);
  if (key === "") return { sign: () => none, verify: () => true };
  const { remember = 65_536 } = options;
  // A Set keeps the order of insertion, so the oldest is the first.
  const accepted = new Set<string>();
  const hmac = hash === "sha256" ? createSmallHmac(key) : undefined;
  const sign = (parts: readonly Uint8Array[]): Buffer => {
    let digest = hmac?.(parts);
    if (digest === undefined) {
      const whole = createHmac(hash, key);
      for (const part of parts) whole.update(part);
      digest = whole.digest("hex");
    }
    return Buffer.from(digest, "latin1");
  };
  const { length } = sign([]);
  return {
    sign,
    verify(signature, parts) {
      // timingSafeEqual throws on unequal lengths; the length of a digest is no secret. Looked at first, it saves the work.
      if (signature.byteLength !== length) return false;
      const expected = sign(parts);
      if (!timingSafeEqual(signature, expected)) return false;
      // Only now: remembering before verifying would let forgeries push out the real ones.
      const digest = expected.toString("latin1");
      if (accepted.has(digest)) return false;
      accepted.add(digest);
      if (accepted.size > remember) for (const oldest of accepted) if (accepted.delete(oldest)) break;
      return true;
    },
  };
}

/** The block of SHA-256, in bytes. */
const block = 64;
/** Longer messages are not worth a copy. */
const small = 16 * 1024;

/**
 * HMAC-SHA-256 of short messages. A `Hmac` of Node's takes five times as long to set up as such a message takes to be hashed, and
 * each cell has six of them.
 * @returns the digest in hex; `undefined`: the message is not short
 * @see https://www.rfc-editor.org/rfc/rfc2104
 */
function createSmallHmac(key: string): (parts: readonly Uint8Array[]) => string | undefined {
  const secret = Buffer.alloc(block);
  const bytes = Buffer.from(key);
  (bytes.length > block ? (digestOf("sha256", bytes, "buffer") as Buffer) : bytes).copy(secret);
  const inner = Buffer.alloc(block + small);
  inner.set(secret.map((byte) => byte ^ 0x36));
  const outer = Buffer.alloc(block + 32);
  outer.set(secret.map((byte) => byte ^ 0x5c));
  return (parts) => {
    let length = block;
    for (const part of parts) {
      if (length + part.byteLength > inner.length) return undefined;
      inner.set(part, length);
      length += part.byteLength;
    }
    outer.set(digestOf("sha256", inner.subarray(0, length), "buffer") as Buffer, block);
    return digestOf("sha256", outer, "hex");
  };
}
