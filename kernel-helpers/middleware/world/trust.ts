// Why a node is not spoken to over TLS, and what helps: OpenSSL has a word for each, and none of them says what to do.
import { createHash, timingSafeEqual } from "node:crypto";
import { Forbidden } from "../errors.js";

const UNSIGNED = "its certificate is signed by nobody who is trusted here: CA takes the PEM of who signed it";
const NO_TLS = "it does not speak TLS (1.2 or newer) there";

const REASONS: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNSIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: UNSIGNED,
  UNABLE_TO_GET_ISSUER_CERT: UNSIGNED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNSIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNSIGNED,
  CERT_SIGNATURE_FAILURE: UNSIGNED,
  CERT_HAS_EXPIRED: "its certificate has expired: it needs a new one, unless this computer's clock is wrong",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: look at this computer's clock, and at that one's",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "its certificate is for another name: it needs one with this name or address in it (subjectAltName), or has to be called by the name that it has",
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  EPROTO: NO_TLS,
};

/**
 * @param ca what takes the certificates that are trusted
 * @returns undefined: it has nothing to do with TLS
 */
export function distrust(
  where: string,
  error: NodeJS.ErrnoException,
  ca: string = "tls.ca",
): Forbidden | undefined {
  const reason = REASONS[error.code ?? ""]?.replace("CA", ca);
  return reason === undefined ? undefined : new Forbidden(`${where}: ${reason}`, { cause: error });
}

/** In a time that tells nothing, not even of lengths. */
export function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
