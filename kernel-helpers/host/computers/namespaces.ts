// Computers as network namespaces of Linux (network_namespaces(7)), joined by a switch. Each namespace is held by a process that waits
// for its standard input to end: when we are gone, however that came, so are they. Without root it is all done in a user
// namespace (user_namespaces(7)), where everybody is root.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { ours } from "../../socket/ours.js";
import { ProgramMissing } from "../programs.js";
import { type Cables, type Ground, NotPossible, type Shape, type Shaped, type Site } from "./ground.js";

const START_MS = 5000;
const BRIDGE = "switch";
const CARD = "eth0";
const portOf = (index: number): string => `port${index + 1}`;

/**
 * Before a holder waits: sysfs shows the interfaces of the namespace that mounted it, `ip` does not meet namespaces that others have
 * named, and the computers know each other by name. All are courtesies; where they are not allowed it goes without.
 */
const PREPARE = `mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run/netns
mount -t tmpfs tmpfs /mnt && { printf '%s' "$0" > /mnt/hosts && mount --bind /mnt/hosts /etc/hosts; umount -l /mnt; }
exec cat`;

interface Held {
  pid: number | undefined;
  /** A command that starts another one in there. */
  enter: string[];
}

/**
 * @param options.root without a user namespace
 * @throws NotPossible
 */
export async function namespaceGround(
  names: string[],
  {
    platform = process.platform,
    root = process.getuid?.() === 0,
  }: { platform?: NodeJS.Platform; root?: boolean } = {},
): Promise<Ground> {
  if (platform !== "linux") throw new NotPossible("network namespaces are Linux's");
  const sites = names.map((name, index): Site & { address6: string } => ({
    name,
    address: `10.0.0.${index + 1}`,
    address6: `fd00::${(index + 1).toString(16)}`,
    enter: [],
  }));
  const hosts = [
    "127.0.0.1 localhost",
    "::1 localhost",
    ...sites.flatMap(({ name, address, address6 }) => [`${address} ${name}`, `${address6} ${name}`]),
    "",
  ].join("\n");
  const holders: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(holders.map(endOf));
  };
  const hold = async (command: string[]): Promise<Held> => {
    const { pid } = await held([...command, "sh", "-c", PREPARE, hosts], holders);
    const user = root ? [] : ["-U", "--preserve-credentials"];
    return { pid, enter: ["nsenter", "-t", String(pid), "-n", "-m", ...user] };
  };
  try {
    const { enter: middle } = await hold([
      "unshare",
      ...(root ? [] : ["--user", "--map-root-user"]),
      "--net",
      "--mount",
    ]);
    // Within the user namespace of the first, which owns them all.
    const begin = [...(root ? [] : middle), "unshare", "--net", "--mount"];
    const own = await Promise.all(sites.map(() => hold(begin)));
    for (const [index, site] of sites.entries()) site.enter = (own[index] as Held).enter;
    await batch(middle, "ip", [
      "link set lo up",
      `link add ${BRIDGE} type bridge forward_delay 0 mcast_snooping 0`,
      `link set ${BRIDGE} up`,
      ...own.flatMap(({ pid }, index) => [
        `link add ${portOf(index)} type veth peer name ${CARD} netns ${pid}`,
        `link set ${portOf(index)} master ${BRIDGE} up`,
      ]),
    ]);
    const six = await Promise.all(sites.map((site) => plugIn(site)));
    for (const [index, site] of sites.entries()) if (!six[index]) delete (site as Site).address6;
    return {
      kind: "namespace",
      sites,
      made: `network namespaces of this system${root ? "" : ", in a user namespace"}, each with a cable to one switch`,
      limits: ["They reach each other only: no Internet, and nothing else of this machine."],
      cables: cablesOf(sites, middle),
      check() {
        if (holders.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null))
          throw new NotPossible(
            "the network namespaces are gone, since an interrupt or somebody else ended the processes that held them. Run the cell again that calls computers()",
          );
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @returns whether it has IPv6 */
async function plugIn({ enter, address, address6 }: Site): Promise<boolean> {
  await batch(enter, "ip", ["link set lo up", `addr add ${address}/24 dev ${CARD}`, `link set ${CARD} up`]);
  // A system may do without it.
  return batch(enter, "ip", [`addr add ${address6}/64 dev ${CARD} nodad`]).then(
    () => true,
    () => false,
  );
}

function cablesOf(sites: Site[], middle: string[]): Cables {
  const plug = async (names: string[], state: "up" | "down"): Promise<void> => {
    const ports = sites.flatMap(({ name }, index) => (names.includes(name) ? [portOf(index)] : []));
    await batch(
      middle,
      "ip",
      ports.map((port) => `link set ${port} ${state}`),
    );
  };
  const everywhere = (command: string): Promise<unknown>[] =>
    sites.map(({ enter }) => batch(enter, "tc", [command]));
  return {
    cut: (names) => plug(names, "down"),
    mend: (names) => plug(names, "up"),
    async shape(shape: Shape): Promise<Shaped> {
      // What leaves a computer is shaped, so that each direction is shaped once.
      // All have to have ended before anything new begins, also where there was nothing to take away.
      await Promise.allSettled(everywhere(`qdisc del dev ${CARD} root`));
      const { rate, delay, jitter, loss } = shape;
      if (delay !== undefined || jitter !== undefined || loss !== undefined) {
        try {
          await Promise.all(everywhere(`qdisc add dev ${CARD} root netem ${netemOf(shape)}`));
          return Object.fromEntries(Object.keys(shape).map((key) => [key, "netem"]));
        } catch (error) {
          // Kernels come without it.
          if (!/qdisc kind is unknown|Unknown qdisc/i.test(String(error))) throw error;
        }
      }
      if (rate === undefined) return {};
      await Promise.all(everywhere(`qdisc replace dev ${CARD} root tbf ${tbfOf(rate)}`));
      return { rate: "tbf" };
    },
  };
}

/** @internal tc-netem(8). Its queue holds what is under way: 1000 packets would make a fast way with a delay lose some. */
export function netemOf({ rate, delay, jitter, loss }: Shape): string {
  return [
    "limit 100000",
    ...(delay !== undefined || jitter !== undefined ? [`delay ${delay ?? 0}ms ${jitter ?? 0}ms`] : []),
    ...(loss !== undefined ? [`loss ${loss * 100}%`] : []),
    ...(rate !== undefined ? [`rate ${Math.round(rate)}bit`] : []),
  ].join(" ");
}

/** @internal tc-tbf(8). The bucket holds what passes between two ticks of a slow clock (100 Hz), and some packets at least. */
export function tbfOf(rate: number): string {
  return `rate ${Math.round(rate)}bit burst ${Math.max(16_384, Math.ceil(rate / 8 / 100))} latency 400ms`;
}

/** Starts a holder, and waits until it holds. @throws NotPossible */
async function held(command: string[], holders: ChildProcess[]): Promise<ChildProcess> {
  const [program = "", ...args] = command;
  const holder = ours(() => spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true }));
  holders.push(holder);
  let errors = "";
  holder.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  holder.stdin.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new NotPossible(`${program} did not answer`)), START_MS);
    const failed = (reason: string): void => {
      clearTimeout(timer);
      reject(new NotPossible(reason));
    };
    holder.once("error", ({ code }: NodeJS.ErrnoException) =>
      failed(
        code === "ENOENT"
          ? `the program ${program} is not installed`
          : `${program} cannot be started (${code})`,
      ),
    );
    holder.once("close", () => failed(errors.trim() || `${program} ended at once`));
    // It gives back what it reads as soon as it is in its namespace.
    holder.stdout.once("data", () => {
      clearTimeout(timer);
      resolve();
    });
    holder.stdin.write("\n");
  });
  // It lives as long as its pipe, and keeps nobody from ending.
  holder.unref();
  for (const stream of holder.stdio) (stream as unknown as { unref?(): void })?.unref?.();
  return holder;
}

async function endOf(holder: ChildProcess): Promise<void> {
  if (holder.pid === undefined || holder.exitCode !== null || holder.signalCode !== null) return;
  holder.ref();
  const ended = once(holder, "exit");
  holder.kill("SIGKILL");
  await ended;
}

/** Commands for `ip` or `tc`, one a line, in a namespace. @throws NotPossible with what it said */
async function batch(enter: string[], program: "ip" | "tc", lines: string[]): Promise<void> {
  const [first = "", ...args] = [...enter, program, "-batch", "-"];
  const child = ours(() => spawn(first, args, { stdio: ["pipe", "ignore", "pipe"], timeout: START_MS }));
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(`${lines.join("\n")}\n`);
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0)
    throw new NotPossible(
      /No such file or directory/.test(errors) && errors.includes("exec")
        ? new ProgramMissing(program).message
        : `${program}: ${errors.trim() || `status ${status}`}`,
    );
}
