// The port numbers of a lab sheet are labels. On one's own machine a label is the port; where many students share a machine
// each gets a stable free port of their own for it.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

// Below every system's range for outgoing connections, above the privileged ones.
const FIRST = 20_000;
const COUNT = 10_000;
const told = new Set<number>();

/**
 * The port for a number of the lab sheet: the number itself, or, on a hub (`JUPYTERHUB_USER`) and with
 * `WIREBOOK_PORT_BASE`, a port that is the same for all notebooks of one user and different between users. Says so once.
 * @param label the number in the sheet, 1 to 65535
 */
export function labPort(label: number): number {
  if (!Number.isInteger(label) || label < 1 || label > 65535)
    throw new RangeError(`labPort(${label}): a port is a whole number from 1 to 65535`);
  const port = portFor(label, process.env);
  if (port !== label && !told.has(label)) {
    told.add(label);
    console.log(`${label} → ${port}`);
  }
  return port;
}

/** @internal */
export function portFor(label: number, env: NodeJS.ProcessEnv): number {
  const base = env.WIREBOOK_PORT_BASE;
  const user = env.JUPYTERHUB_USER;
  if (base === undefined && user === undefined) return label;
  if (base !== undefined) {
    const first = Number(base);
    if (!Number.isInteger(first) || first < 1024 || first > 65_000)
      throw new RangeError(`WIREBOOK_PORT_BASE is "${base}"; it takes a port from 1024 to 65000`);
    return first + (hash(String(label)) % Math.min(500, 65_535 - first));
  }
  return remembered(user as string, label) ?? FIRST + (hash(`${user}:${label}`) % COUNT);
}

function hash(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}

/** One choice a user and label, kept in a file, so that all notebooks of the user agree on it. */
function remembered(user: string, label: number): number | undefined {
  const folder = join(tmpdir(), `wirebook-ports-${userInfo().username}`);
  const file = join(folder, `${createHash("sha256").update(`${user}:${label}`).digest("hex").slice(0, 16)}`);
  try {
    return Number(readFileSync(file, "utf8")) || undefined;
  } catch {
    // Not chosen yet.
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const port = FIRST + (hash(`${user}:${label}`) % COUNT);
    writeFileSync(file, String(port), { flag: "wx", mode: 0o600 });
    return port;
  } catch {
    return undefined;
  }
}
