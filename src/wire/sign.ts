// Signatures: hex HMAC over the four JSON parts, never over the buffers.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#wire-protocol

import { createHmac, timingSafeEqual } from "node:crypto";

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
  const sign = (parts: readonly Uint8Array[]): Buffer => {
    const hmac = createHmac(hash, key);
    for (const part of parts) hmac.update(part);
    return Buffer.from(hmac.digest("hex"), "latin1");
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
