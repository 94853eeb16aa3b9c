// The handshake: a kernel that was given a registration file chooses its own ports and tells its launcher, so no other program
// can take them in between. https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-startup-handshake

import { randomBytes } from "node:crypto";
import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Connection, type Ports, portKeys, type Registration } from "./connection-file.js";
import { ConnectionProblem } from "./problem.js";
import { createSigner, type Signer } from "./sign.js";

export interface AnnounceOptions {
  registration: Registration;
  /** Where the kernel's sockets are bound. */
  ports: Ports;
  /** How long the launcher may take to acknowledge, in milliseconds. */
  patience: number;
  /** Jupyter's runtime folder. */
  folder: string;
  /** The registration file, which is left as it is: a restart needs it. */
  given: string;
}

const delimiter = Buffer.from("<IDS|MSG>");

/**
 * Writes the connection file of a kernel that chose its own ports, where other clients look for it, and tells the launcher. The file
 * goes when the process does.
 * @throws {ConnectionProblem} no signed acknowledgement came in time, or the launcher refuses
 */
export async function announce(connection: Connection, options: AnnounceOptions): Promise<void> {
  try {
    const path = writeConnectionFile(connection, options);
    process.once("exit", () => rmSync(path, { force: true }));
  } catch (error) {
    const { message } = error as Error;
    console.error(
      `wirebook: no other client will find this kernel: its connection file cannot be written (${message})`,
    );
  }
  await register(connection, options);
}

async function register(
  connection: Connection,
  { registration, ports, patience }: AnnounceOptions,
): Promise<void> {
  const signer = createSigner(connection.key, connection.hash);
  const zmq = createRequire(import.meta.url)("zeromq") as typeof import("zeromq");
  const { transport, ip } = connection;
  const host = ip.includes(":") && !ip.startsWith("[") ? `[${ip}]` : ip;
  const endpoint =
    transport === "ipc" ? `ipc://${ip}-${registration.port}` : `tcp://${host}:${registration.port}`;
  // The protocol has no word on encryption here: what travels are five numbers, and they are signed.
  const socket = new zmq.Dealer({
    linger: 0,
    ipv6: ip.includes(":"),
    maxMessageSize: 1024 * 1024,
    sendTimeout: patience,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    socket.close();
  }, patience);
  try {
    socket.connect(endpoint);
    const content = Buffer.from(
      JSON.stringify({ kernel_id: registration.kernelId, ...Object.fromEntries(portEntries(ports)) }),
    );
    await socket.send([delimiter, signer.sign([content]), content]);
    for await (const frames of socket) if (isAcknowledged(frames, signer)) return;
  } catch (error) {
    if (!late) throw error;
  } finally {
    clearTimeout(timer);
    if (!socket.closed) socket.close();
  }
  throw new ConnectionProblem(
    `the launcher at ${endpoint} did not acknowledge this kernel's ports within ${patience / 1000} s. Is it still running? Its answer must be signed with the key of the registration file`,
  );
}

function portEntries(ports: Ports): [name: string, port: string][] {
  // As strings: so the protocol has it.
  return Object.entries(portKeys).map(([socket, name]) => [name, String(ports[socket as keyof Ports])]);
}

/** What an acknowledgement says is up to the launcher, but for its signature; what is not signed is not listened to. */
function isAcknowledged(frames: Uint8Array[], signer: Signer): boolean {
  const at = frames.findIndex((frame) => delimiter.equals(frame));
  const [signature, content] = frames.slice(at + 1);
  if (at < 0 || !signature || !content || !signer.verify(signature, [content])) {
    console.error(
      "wirebook: an acknowledgement that is not signed with the registration file's key was dropped",
    );
    return false;
  }
  let said: { status?: unknown; evalue?: unknown; error?: unknown } | null = null;
  try {
    said = JSON.parse(Buffer.from(content).toString());
  } catch {
    // It need not be JSON.
  }
  if (said?.status !== "error") return true;
  throw new ConnectionProblem(
    `the launcher refused this kernel: ${String(said.evalue ?? said.error ?? "it did not say why")}`,
  );
}

function writeConnectionFile(
  { transport, ip, key, curve }: Connection,
  { ports, registration, folder, given }: AnnounceOptions,
): string {
  // The id may be anything; a file's name may not.
  const name = `kernel-${registration.kernelId.replace(/[^\w.-]/g, "_").slice(0, 100)}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = join(realpathSync(folder), `${name}.json`);
  const path = own === realpathSync(given) ? join(folder, `${name}-connection.json`) : own;
  const text = JSON.stringify({
    transport,
    ip,
    ...Object.fromEntries(
      Object.entries(portKeys).map(([socket, field]) => [field, ports[socket as keyof Ports]]),
    ),
    key,
    signature_scheme: registration.scheme,
    kernel_name: "wirebook",
    ...(curve && { curve_publickey: curve.publicKey, curve_secretkey: curve.secretKey }),
  });
  // Made anew and then renamed: what lay there before, with whatever mode, is not written into.
  const fresh = `${path}.${randomBytes(8).toString("hex")}`;
  writeFileSync(fresh, `${text}\n`, { flag: "wx", mode: 0o600 });
  renameSync(fresh, path);
  return path;
}
