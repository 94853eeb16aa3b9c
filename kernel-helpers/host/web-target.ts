// Which web server do the notebooks talk to: a real one in the Internet, or a stand-in on this machine that behaves like
// one, for those without a network, behind a proxy, or in an exam.
import { createServer, type Server } from "node:http";
import { host as kernel } from "../host-contract.js";
import { gethostbyname as resolve } from "../socket/names.js";

export type Kind = "internet" | "stand-in";

/** The server to talk to; the student's own lines stay the same for both kinds. */
export interface WebTarget {
  kind: Kind;
  /** Name of the host, for the request's `Host` line. */
  host: string;
  port: number;
  /** The address of the host, in place of `socket.gethostbyname` (which the stand-in's name is not known to). */
  gethostbyname(name: string): Promise<string>;
}

const HOST = "www.google.co.uk";
let standInServer: Promise<{ server: Server; port: number }> | undefined;

/**
 * The web server of notebooks 3 and 4.
 * @param kind `WIREBOOK_TARGET` decides where it is set; otherwise `internet`, unless this says `stand-in`
 * @throws TypeError where either is neither
 */
export async function webTarget(kind?: Kind): Promise<WebTarget> {
  const wanted = process.env.WIREBOOK_TARGET || kind || "internet";
  if (wanted !== "internet" && wanted !== "stand-in")
    throw new TypeError(`the target is 'internet' or 'stand-in', not '${wanted}'`);
  if (wanted === "internet") return { kind: wanted, host: HOST, port: 80, gethostbyname: resolve };
  const { port } = await standIn();
  return {
    kind: wanted,
    host: HOST,
    port,
    // The stand-in plays one host; every other name is looked up as always.
    gethostbyname: async (name) => (name === HOST ? "127.0.0.1" : resolve(name)),
  };
}

/**
 * In words: what a failed connection to the web server means, and what to do.
 * Print it in the handler of the error.
 */
export function explain(error: unknown, target?: WebTarget): string {
  const { code, name, errno } = (error ?? {}) as { code?: string; name?: string; errno?: number };
  const choice =
    "Without a network, set target = 'stand-in' in the cell that chooses, and run on from there.";
  if (target?.kind === "stand-in")
    return `The stand-in on this machine did not answer (${String(error)}). Run the cell that chooses the target again.`;
  if (name === "gaierror")
    return `The name could not be turned into an address (${errno === -3 ? "no name server answered" : "no such name, or no name server"}). ${choice}`;
  if (name === "TimeoutError" || code === "ETIMEDOUT") {
    return `Nothing came back from port 80: neither yes nor no. A firewall that drops packets looks like that; many schools and companies let web pages pass only through a proxy. ${choice}`;
  }
  if (code === "ENETUNREACH" || code === "EHOSTUNREACH")
    return `There is no way from here to that address. ${choice}`;
  return `The connection failed: ${String(error)}. ${choice}`;
}

/** Starts the stand-in, once a notebook: an HTTP server on loopback that answers as a real one would. */
export async function standIn(): Promise<{ host: string; port: number; close(): Promise<void> }> {
  standInServer ??= start();
  const { server, port } = await standInServer;
  return {
    host: HOST,
    port,
    close: () =>
      new Promise((resolveClose) => {
        standInServer = undefined;
        server.close(() => resolveClose());
        server.closeAllConnections();
      }),
  };
}

function start(): Promise<{ server: Server; port: number }> {
  const page = makePage();
  // Node's own parser refuses what RFC 9112 lets it refuse: a line that ends in LF alone is answered 400 Bad Request.
  const server = createServer((request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { Allow: "GET, HEAD" }).end();
      return;
    }
    response.writeHead(200, {
      "Content-Type": "text/html; charset=UTF-8",
      "Content-Length": Buffer.byteLength(page),
      Server: "stand-in",
    });
    if (request.method === "HEAD") response.end();
    else response.end(page);
  });
  server.keepAliveTimeout = 5000;
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // It belongs to the notebook, not to the cell that asked first.
    const listen = (): void => {
      server.listen(0, "127.0.0.1", () =>
        resolve({ server, port: (server.address() as { port: number }).port }),
      );
    };
    const own = kernel();
    if (own) own.run(undefined, listen);
    else listen();
  });
}

/** Longer than one `recv(4096)`, as real pages are. */
function makePage(): string {
  const rows = Array.from(
    { length: 300 },
    (_, index) => `<li>Result ${index + 1} of a search that nobody made</li>`,
  ).join("\n");
  return `<!doctype html>\n<html lang="en"><head><title>Stand-in for ${HOST}</title></head>\n<body><h1>It is not the real one</h1>\n<ol>\n${rows}\n</ol></body></html>\n`;
}
