// Binding exactly where the connection says, or saying clearly why not.

import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Connection, Ports } from "./connection-file.js";
import { ConnectionProblem } from "./problem.js";

/** As much of a ZeroMQ socket as this needs. */
interface Bindable {
  bind(endpoint: string): Promise<void>;
  readonly lastEndpoint: string | null;
}

/** What fits in sockaddr_un, without the zero behind it. */
const longestPath = process.platform === "linux" ? 107 : 103;

/**
 * Binds one socket.
 * @param files gets the path of a file that was made
 * @returns the port, which is any free one where the connection says 0
 * @throws {ConnectionProblem} the address cannot be had
 */
export async function bind(
  socket: Bindable,
  { transport, ip, ports }: Connection,
  name: keyof Ports,
  files: string[],
): Promise<number> {
  if (transport === "ipc") return await bindFile(socket, ip, ports[name], name, files);
  const host = ip.includes(":") && !ip.startsWith("[") ? `[${ip}]` : ip;
  await bindTo(socket, `tcp://${host}:${ports[name] === 0 ? "*" : ports[name]}`, name);
  return ports[name] || Number(/:(\d+)$/.exec(socket.lastEndpoint ?? "")?.[1]);
}

/** Over ipc a port is a part of a file's name: `<ip>-<port>`. */
async function bindFile(
  socket: Bindable,
  ip: string,
  port: number,
  name: keyof Ports,
  files: string[],
): Promise<number> {
  if (process.platform === "win32") {
    throw new ConnectionProblem("ipc is not available on Windows; start the kernel with transport tcp");
  }
  const length = Buffer.byteLength(`${ip}-${port || 65_535}`);
  if (length > longestPath) {
    throw new ConnectionProblem(
      `the ${name} socket cannot be bound to ipc://${ip}-${port}: the path has ${length} bytes, and a socket's may have ${longestPath}. Choose a shorter "ip" in the connection file`,
    );
  }
  const path = `${ip}-${port || reserve(ip)}`;
  // ZeroMQ takes a socket's file away from whoever uses it.
  if (port > 0 && (await isUsed(path))) throw taken(name, `ipc://${path}`);
  // Nobody else may connect in the moment between bind and chmod.
  const umask = process.umask(0o177);
  try {
    await bindTo(socket, `ipc://${path}`, name);
    files.push(path);
    chmodSync(path, 0o600);
  } catch (error) {
    if (port === 0) rmSync(path, { force: true });
    throw error;
  } finally {
    process.umask(umask);
  }
  return Number(path.slice(ip.length + 1));
}

/** A number whose file nobody has: the file itself is the reservation, until ZeroMQ puts its socket there. */
function reserve(ip: string): number {
  for (let port = 1; port <= 65_535; port++) {
    try {
      writeFileSync(`${ip}-${port}`, "", { flag: "wx", mode: 0o600 });
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw new ConnectionProblem(`no socket can be made beside ${ip}: ${(error as Error).message}`);
    }
  }
  throw new ConnectionProblem(`all the names from ${ip}-1 to ${ip}-65535 are taken`);
}

/** Does somebody listen there? A file that was left behind by a program that died is nobody's. */
async function isUsed(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  return await new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

async function bindTo(socket: Bindable, endpoint: string, name: string): Promise<void> {
  try {
    await socket.bind(endpoint);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") throw taken(name, endpoint);
    const absent = code === "EADDRNOTAVAIL" || code === "ENODEV";
    const why = absent ? "this computer does not have this address" : message;
    throw new ConnectionProblem(`the ${name} socket cannot be bound to ${endpoint}: ${why}`);
  }
}

function taken(name: string, endpoint: string): ConnectionProblem {
  return new ConnectionProblem(
    `the ${name} socket cannot be bound to ${endpoint}: another program uses this address`,
  );
}
