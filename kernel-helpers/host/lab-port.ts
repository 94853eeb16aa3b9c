// The port numbers of a lab sheet are labels. On one's own machine a label is the port; where many students share a machine
// each gets a stable free port of their own for it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

// Below every system's range for outgoing connections, above the privileged ones.
const FIRST = 20_000;
const COUNT = 10_000;
/** So many ports behind `WIREBOOK_PORT_BASE` are the user's, where `WIREBOOK_PORT_COUNT` says nothing else. */
const OWN = 500;
const told = new Set<number>();

/**
 * The port for a number of the lab sheet: the number itself, or, on a hub (`JUPYTERHUB_USER`) and with
 * `WIREBOOK_PORT_BASE`, a port that is the same for all notebooks of one user and different between users. Says so once. A hub that gives each
 * user a base and `WIREBOOK_PORT_COUNT` ports from there on rules out that two users ever get the same one.
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
    const first = inRange("WIREBOOK_PORT_BASE", base, 1024, 65_000);
    const count = inRange("WIREBOOK_PORT_COUNT", env.WIREBOOK_PORT_COUNT ?? `${OWN}`, 1, 10_000);
    // Neighbours stay neighbours: the numbers of a sheet that follow each other never meet.
    return first + (label % Math.min(count, 65_536 - first));
  }
  return remembered(user as string, label) ?? FIRST + (hash(`${user}:${label}`) % COUNT);
}

function inRange(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new RangeError(`${name} is "${text}"; it takes a whole number from ${least} to ${most}`);
}

function hash(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}

/** One choice a user and label, kept in a file, so that all notebooks of the user agree on it. */
function remembered(user: string, label: number): number | undefined {
  // In some containers the user has a number and no name.
  const folder = join(tmpdir(), `wirebook-ports-${process.getuid?.() ?? userInfo().username}`);
  const file = join(folder, `${createHash("sha256").update(`${user}:${label}`).digest("hex").slice(0, 16)}`);
  try {
    return Number(readFileSync(file, "utf8")) || undefined;
  } catch {
    // Not chosen yet.
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const port = freeFrom(FIRST + (hash(`${user}:${label}`) % COUNT));
    writeFileSync(file, String(port), { flag: "wx", mode: 0o600 });
    return port;
  } catch {
    // Another notebook of the user was faster, or there is no place for files.
    return Number(attempt(() => readFileSync(file, "utf8"))) || undefined;
  }
}

/** The first port from this one on that nobody holds. Once a user and label: it takes a process, since labPort does not wait. */
function freeFrom(port: number): number {
  const { stdout } = spawnSync(process.execPath, ["-e", PROBE, String(port)], {
    encoding: "utf8",
    timeout: 3000,
    windowsHide: true,
  });
  return Number(stdout) || port;
}

const PROBE = `
  const { createServer } = require("node:net");
  let port = Number(process.argv[1]);
  const next = () => {
    const server = createServer().listen(port, () => { console.log(port); server.close(); });
    server.once("error", () => { port = port + 1 < ${FIRST + COUNT} ? port + 1 : ${FIRST}; next(); });
  };
  next();`;

function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}
