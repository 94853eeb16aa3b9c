// The file that a client starts its kernel with: where to bind, or where to register, and which key signs the messages.
// It holds a secret, so no message here ever quotes its contents.

import { createHmac } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { type CurveKeys, readCurveKeys } from "./curve.js";
import { ConnectionProblem } from "./problem.js";

/** What a kernel needs to know to be found and to be believed. */
export interface Connection {
  transport: "tcp" | "ipc";
  ip: string;
  /** 0: any that is free. */
  ports: Ports;
  /** Empty: messages are not signed. */
  key: string;
  /** Name of a hash of this runtime: `sha256`. */
  hash: string;
  /** Left out: nothing is encrypted. */
  curve?: CurveKeys;
}

export type Ports = Record<"shell" | "control" | "stdin" | "iopub" | "heartbeat", number>;

/** To whom a kernel that has chosen its own ports tells them. */
export interface Registration {
  kernelId: string;
  port: number;
  /** The signature scheme in the launcher's words. */
  scheme: string;
}

/** What whoever starts the kernel takes upon themselves. */
export interface Permissions {
  /** Unencrypted TCP that other computers can reach. */
  remote: boolean;
  /** No key where other computers can connect. */
  unsigned: boolean;
}

/** The names of the ports in a connection file. */
export const portKeys: Record<keyof Ports, string> = {
  shell: "shell_port",
  control: "control_port",
  stdin: "stdin_port",
  iopub: "iopub_port",
  heartbeat: "hb_port",
};

const usualScheme = "hmac-sha256";

const cautious: Permissions = { remote: false, unsigned: false };

/**
 * Reads and checks a connection file or a registration file.
 * @param path where the client wrote it
 * @throws {ConnectionProblem} unreadable, malformed, or asking for what this kernel does not do
 * @see https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files
 */
export function readKernelFile(
  path: string,
  permissions: Permissions = cautious,
): { connection: Connection; registration?: Registration } {
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
  if (typeof file === "object" && file !== null && "registration_port" in file) {
    return parseRegistration(file as Record<string, unknown>, permissions);
  }
  return { connection: parseConnection(file, permissions) };
}

/**
 * Checks the contents of a connection file.
 * @throws {ConnectionProblem} naming the first key that is wrong
 */
export function parseConnection(file: unknown, permissions: Permissions = cautious): Connection {
  if (typeof file !== "object" || file === null)
    throw new ConnectionProblem("the connection file holds no object");
  const fields = file as Record<string, unknown>;
  const place = parsePlace(fields, "ip", permissions);
  const ports = {} as Ports;
  for (const [socket, name] of Object.entries(portKeys)) ports[socket as keyof Ports] = portIn(fields, name);
  if (new Set(Object.values(ports)).size < 5) {
    throw new ConnectionProblem("two sockets have the same port in the connection file");
  }
  return { ...place, ports };
}

/** A registration file says where the launcher listens; the kernel's own sockets are bound to the same address. */
function parseRegistration(
  fields: Record<string, unknown>,
  permissions: Permissions,
): { connection: Connection; registration: Registration } {
  const place = parsePlace(fields, "registration_ip", permissions);
  const ports = { shell: 0, control: 0, stdin: 0, iopub: 0, heartbeat: 0 };
  const port = portIn(fields, "registration_port");
  const scheme = textIn(fields, "signature_scheme", usualScheme);
  return {
    connection: { ...place, ports },
    registration: { kernelId: textIn(fields, "kernel_id"), port, scheme },
  };
}

function parsePlace(
  fields: Record<string, unknown>,
  ipName: string,
  permissions: Permissions,
): Omit<Connection, "ports"> {
  const transport = textIn(fields, "transport", "tcp");
  if (transport !== "tcp" && transport !== "ipc") {
    throw new ConnectionProblem(`transport "${transport}" is not known; this kernel speaks tcp and ipc`);
  }
  const ip = textIn(fields, ipName);
  if (ip === "") throw new ConnectionProblem(`"${ipName}" in the connection file is empty`);
  const key = textIn(fields, "key", "");
  const hash = hashOf(textIn(fields, "signature_scheme", usualScheme), key);
  const curve = readCurveKeys(fields);
  if (transport === "tcp" && !isLoopback(ip)) {
    if (key === "" && !permissions.unsigned) {
      throw new ConnectionProblem(
        `no key on ${ip}: anyone who reaches these ports could run code here. Set a key, or WIREBOOK_UNSIGNED=1 if you really mean it`,
      );
    }
    if (!curve && !permissions.remote) {
      throw new ConnectionProblem(
        `${ip} can be reached from other computers, and nothing would be encrypted: whoever is on the way could read code and outputs. Use 127.0.0.1; or CurveZMQ (c.KernelManager.transport_encryption = "required"); or start with --allow-remote, or WIREBOOK_ALLOW_REMOTE=1, if you really mean it`,
      );
    }
  }
  return { transport, ip, key, hash, ...(curve && { curve }) };
}

/** What the person who starts the kernel should know of this connection. */
export function warningsOf({ transport, ip, key, curve }: Connection): string[] {
  const warnings: string[] = [];
  if (key === "")
    warnings.push("the connection file has no key, so any program that reaches these ports can run code");
  if (transport === "tcp" && !curve && !isLoopback(ip))
    warnings.push(`other computers can reach ${ip}, and code and outputs travel there unencrypted`);
  return warnings;
}

/** And of the file's own mode: it holds all that it takes to run code here. */
export function exposureOf(path: string, platform: NodeJS.Platform = process.platform): string[] {
  // On Windows a mode says nothing of who may read.
  if (platform === "win32" || (statSync(path).mode & 0o077) === 0) return [];
  return [`other users of this computer may read ${path}, and run code with its key: chmod 600 it`];
}

/** Is this address reachable from this computer only? */
function isLoopback(ip: string): boolean {
  const plain = ip.replace(/^\[(.*)\]$/, "$1");
  return plain === "localhost" || plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

function textIn(fields: Record<string, unknown>, name: string, fallback?: string): string {
  const value = fields[name] ?? fallback;
  if (typeof value !== "string")
    throw new ConnectionProblem(`"${name}" in the connection file must be a string`);
  return value;
}

function portIn(fields: Record<string, unknown>, name: string): number {
  const port = fields[name];
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ConnectionProblem(`"${name}" in the connection file must be a port from 1 to 65535`);
  }
  return port;
}

/** Jupyter's clients use Python's names of hashes. */
const pythonHashes: Record<string, string> = { blake2b: "blake2b512", blake2s: "blake2s256" };

function hashOf(scheme: string, key: string): string {
  if (key === "") return "sha256"; // Nothing will be signed, so the scheme does not matter.
  const name = scheme.startsWith("hmac-") ? scheme.slice("hmac-".length) : "";
  const hash = pythonHashes[name] ?? name.replace(/^(sha\d+)_/, "$1-");
  try {
    // Not every hash of the runtime can sign.
    createHmac(hash, key).digest();
  } catch {
    throw new ConnectionProblem(`signature scheme "${scheme}" is not known; ${usualScheme} is the usual one`);
  }
  return hash;
}
