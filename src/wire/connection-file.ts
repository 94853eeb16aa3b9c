// The connection file: where a client tells its kernel which ports to bind and which key signs the messages.
// It holds a secret, so no message here ever quotes its contents.

import { getHashes } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";

/** What a kernel needs to know to be found and to be believed. */
export interface Connection {
  transport: "tcp" | "ipc";
  ip: string;
  ports: Record<"shell" | "control" | "stdin" | "iopub" | "heartbeat", number>;
  /** Empty: messages are not signed. */
  key: string;
  /** Name of a hash of this runtime: `sha256`. */
  hash: string;
}

/** The connection file cannot be used; the message is for people. */
export class ConnectionProblem extends Error {
  override name = "ConnectionProblem";
}

const portKeys = {
  shell: "shell_port",
  control: "control_port",
  stdin: "stdin_port",
  iopub: "iopub_port",
  heartbeat: "hb_port",
} as const;

/**
 * Reads and checks a connection file.
 * @param path where the client wrote it
 * @throws {ConnectionProblem} unreadable, malformed, or asking for what this kernel does not do
 * @see https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files
 */
export function readConnectionFile(path: string): Connection {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConnectionProblem(`the connection file ${path} cannot be read: ${(error as Error).message}`);
  }
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw new ConnectionProblem(`the connection file ${path} is not JSON`);
  }
  return parseConnection(file);
}

/**
 * Checks the contents of a connection file.
 * @throws {ConnectionProblem} naming the first key that is wrong
 */
export function parseConnection(file: unknown): Connection {
  if (typeof file !== "object" || file === null)
    throw new ConnectionProblem("the connection file holds no object");
  const fields = file as Record<string, unknown>;
  const text = (name: string, fallback?: string): string => {
    const value = fields[name] ?? fallback;
    if (typeof value !== "string")
      throw new ConnectionProblem(`"${name}" in the connection file must be a string`);
    return value;
  };
  const transport = text("transport", "tcp");
  if (transport !== "tcp" && transport !== "ipc") {
    throw new ConnectionProblem(`transport "${transport}" is not known; this kernel speaks tcp and ipc`);
  }
  const ip = text("ip");
  if (ip === "") throw new ConnectionProblem('"ip" in the connection file is empty');
  const key = text("key", "");
  const hash = hashOf(text("signature_scheme", "hmac-sha256"), key);
  const ports = {} as Connection["ports"];
  for (const [socket, name] of Object.entries(portKeys)) {
    const port = fields[name];
    if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new ConnectionProblem(`"${name}" in the connection file must be a port from 1 to 65535`);
    }
    ports[socket as keyof typeof portKeys] = port;
  }
  if (new Set(Object.values(ports)).size < 5) {
    throw new ConnectionProblem("two sockets have the same port in the connection file");
  }
  if (fields.curve_publickey || fields.curve_secretkey) {
    throw new ConnectionProblem("the client asks for CurveZMQ encryption, which this kernel does not offer");
  }
  if (key === "" && transport === "tcp" && !isLoopback(ip) && process.env.WIREBOOK_UNSIGNED !== "1") {
    throw new ConnectionProblem(
      `no key on ${ip}: anyone who reaches these ports could run code here. Set a key, or WIREBOOK_UNSIGNED=1 if you really mean it`,
    );
  }
  return { transport, ip, ports, key, hash };
}

/** Is this address reachable from this computer only? */
function isLoopback(ip: string): boolean {
  return ip === "localhost" || ip === "::1" || (isIP(ip) === 4 && ip.startsWith("127."));
}

function hashOf(scheme: string, key: string): string {
  const hash = scheme.startsWith("hmac-") ? scheme.slice("hmac-".length) : "";
  if (key === "" && hash === "") return "sha256"; // Nothing will be signed, so the scheme does not matter.
  if (!getHashes().includes(hash)) {
    throw new ConnectionProblem(`signature scheme "${scheme}" is not known; hmac-sha256 is the usual one`);
  }
  return hash;
}
