// CurveZMQ's keys, as connection files have them: encryption of everything that travels, beside the signatures.
// https://jupyter-client.readthedocs.io/en/stable/security.html https://rfc.zeromq.org/spec/32/ (Z85)

import { createPrivateKey, createPublicKey } from "node:crypto";
import { ConnectionProblem } from "./problem.js";

/** The kernel's pair of keys, in Z85. Whoever knows the public one can connect. */
export interface CurveKeys {
  publicKey: string;
  secretKey: string;
}

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/**
 * The keys in a connection file; `undefined` where it has none.
 * @throws {ConnectionProblem} one is missing, is no key, or they are no pair; never is one quoted
 */
export function readCurveKeys(fields: Record<string, unknown>): CurveKeys | undefined {
  const { curve_publickey: publicKey, curve_secretkey: secretKey } = fields;
  if ((publicKey ?? null) === null && (secretKey ?? null) === null) return undefined;
  const [open, secret] = [bytesOf("curve_publickey", publicKey), bytesOf("curve_secretkey", secretKey)];
  // With keys that do not belong together no client would ever get through, and nobody would say why.
  if (!publicPartOf(secret).equals(open)) {
    throw new ConnectionProblem(
      '"curve_publickey" and "curve_secretkey" in the connection file are not a pair: write both as one call of zmq.curve_keypair() gave them',
    );
  }
  return { publicKey: publicKey as string, secretKey: secretKey as string };
}

function bytesOf(name: string, value: unknown): Buffer {
  const bytes = typeof value === "string" && value.length === 40 ? fromZ85(value) : undefined;
  if (bytes) return bytes;
  const what = (value ?? null) === null ? "is missing" : "is no key: 40 characters of Z85 are expected";
  throw new ConnectionProblem(
    `"${name}" in the connection file ${what}. CurveZMQ needs both keys; without either nothing is encrypted`,
  );
}

function fromZ85(text: string): Buffer | undefined {
  const bytes = Buffer.alloc((text.length / 5) * 4);
  for (let at = 0; at < text.length; at += 5) {
    let value = 0;
    for (const character of text.slice(at, at + 5)) {
      const digit = alphabet.indexOf(character);
      if (digit < 0) return undefined;
      value = value * 85 + digit;
    }
    if (value > 0xffff_ffff) return undefined;
    bytes.writeUInt32BE(value, (at / 5) * 4);
  }
  return bytes;
}

/** Of an X25519 key; Node takes raw ones in an ASN.1 cover only. */
function publicPartOf(secret: Buffer): Buffer {
  const cover = Buffer.from("302e020100300506032b656e04220420", "hex");
  const key = createPrivateKey({ key: Buffer.concat([cover, secret]), format: "der", type: "pkcs8" });
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
}
