// What can go wrong while setting up, in words that help. Everything else is a bug, and may show its stack.

export class Problem extends Error {
  /**
   * @param {string} message what happened
   * @param {string[]} advice what to try, one line each
   */
  constructor(message, ...advice) {
    super(message);
    this.advice = advice;
  }
}

const OFFLINE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|network is unreachable|name resolution|getaddrinfo|Failed to establish a new connection|Max retries exceeded|ProxyError|ConnectTimeout|Connection(Error| refused| timed out)|from versions: none|network (connectivity|request)/i;

/** The words for a step whose program failed, from what it printed. */
export function fromOutput(what, output) {
  const tail = output
    .trim()
    .split("\n")
    .slice(-6)
    .map((line) => (line.length > 300 ? `${line.slice(0, 300)} …` : line))
    .join("\n");
  if (/ENOSPC|No space left on device|disk quota/i.test(output)) {
    return new Problem(
      `${what}: the disk is full.`,
      "Make room (about 1 GB is needed) and start again: what is done stays done.",
    );
  }
  if (/EACCES|EROFS|EPERM|Permission denied|Read-only file system/i.test(output)) return readOnly(what);
  if (/SELF_SIGNED_CERT|CERTIFICATE_VERIFY_FAILED|UNABLE_TO_(GET|VERIFY)/i.test(output)) {
    return new Problem(
      `${what}: the connection's certificate is not trusted. A proxy that reads along does that.`,
      "Tell npm (`npm config set cafile FILE`) and pip (`pip config set global.cert FILE`) the proxy's certificate.",
    );
  }
  if (OFFLINE.test(output)) {
    return new Problem(
      `${what}: nothing could be fetched. Is there a network?`,
      "Behind a proxy: set HTTPS_PROXY, or npm's and pip's own proxy settings.",
      "Then start again: what is done stays done.",
      `The last lines were:\n${indent(tail)}`,
    );
  }
  if (/No matching distribution found/.test(output)) {
    return new Problem(
      `${what}: a pinned version cannot be had for this Python and this system.`,
      "Try another Python (set WIREBOOK_PYTHON to its path, delete the folder .venv, start again).",
      `The last lines were:\n${indent(tail)}`,
    );
  }
  return new Problem(
    `${what} failed.`,
    "Start again; if it fails the same way, the last lines say why:",
    indent(tail),
  );
}

function readOnly(what) {
  return new Problem(
    `${what}: this folder cannot be written to.`,
    "Wirebook keeps all it needs (.venv, node_modules, dist) inside its own folder.",
    "Copy the folder to a place that is yours, such as your home folder, and start there.",
  );
}

/** A file system's refusal; anything else is passed on. */
export function fromSystem(error, what) {
  if (["EACCES", "EROFS", "EPERM"].includes(error?.code)) return readOnly(what);
  if (error?.code === "ENOSPC" || error?.code === "EDQUOT") return fromOutput(what, "ENOSPC");
  return error;
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}
