// Bubblewrap: namespaces of its own for users, files, processes and the network, without being root. What is not named here is not there:
// of this computer's files the system's programs and libraries, Node, the kernel's engine and packages, all read-only; a copy of the
// notebook's folder, in memory. Of the network there is a loopback of its own.

import { chownSync, cpSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Launch, Limits, Sandbox } from "./needs.js";
import { watchTree } from "./watch.js";

interface Options {
  limits: Limits;
  /** The folder of the built engine, beside which lie the packages. */
  dist: string;
  /** Where this process is root: the user that submissions run as. */
  uid: number;
  /** Is this process root? */
  root: boolean;
}

/** In there. */
const home = "/home/student";
const work = `${home}/work`;
const kernel = "/wirebook";
const nobody = "65534";
const megabyte = 1024 * 1024;
/** What engines are told of their surroundings; everything else is whoever's who grades. */
const told = /^(WIREBOOK_(ENGINE|TARGET|SOCKETS|GRADING|STUDENT|COURSE)|NBGRADER_EXECUTION|TZ|LANG)$/;
/** V8 reserves this much beside what it uses. */
const reserved = 1024;

export function bubblewrap({ limits, dist, uid, root }: Options): Sandbox {
  return {
    enclose(launch, door) {
      let seed = launch.cwd;
      if (root) {
        // Who is not root any more cannot read root's folders.
        seed = join(door, "seed");
        cpSync(launch.cwd, seed, { recursive: true, dereference: false });
        for (const path of [door, ...everythingIn(door)]) chownSync(path, uid, uid);
      }
      return {
        file: "prlimit",
        args: [
          ...limited(limits, root),
          "bwrap",
          ...walls(launch, { limits, dist, door, seed }),
          ...inside(launch, dist),
        ],
        // What starts it can be read in there as the first process's own.
        env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" },
        cwd: "/",
        ...(root && { uid }),
      };
    },
    watch: (pid) => watchTree(pid, limits),
    intoNetwork(pid) {
      const [inner] = childrenOf(pid);
      if (inner === undefined)
        throw new Error("The process that runs the cells is gone, and its network with it.");
      const of = (name: string): string => `--${name}=/proc/${inner}/ns/${name}`;
      return ["nsenter", "--preserve-credentials", ...(root ? [] : [of("user")]), of("net")];
    },
  };
}

function limited({ memory, processes, files, cpu }: Limits, root: boolean): string[] {
  return [
    `--data=${(memory + reserved) * megabyte}`,
    // Linux counts threads, and all of the user's, whose own programs would then find no room. It is the watch that counts; this
    // only slows down what would outrun it.
    ...(root ? [`--nproc=${processes * 16}`] : []),
    `--nofile=${files}`,
    `--cpu=${cpu}`,
    "--core=0",
    "--msgqueue=0",
    "--memlock=0",
  ];
}

function walls(
  { env, file }: Launch,
  { limits, dist, door, seed }: { limits: Limits; dist: string; door: string; seed: string },
): string[] {
  const size = String(limits.disk * megabyte);
  const read = (from: string, to = from): string[] => ["--ro-bind-try", from, to];
  const packages = dirname(dist);
  const device = (name: string): string[] => ["--dev-bind", `/dev/${name}`, `/dev/${name}`];
  return [
    [
      "--unshare-all",
      "--die-with-parent",
      "--uid",
      nobody,
      "--gid",
      nobody,
      "--cap-drop",
      "ALL",
      "--hostname",
      "lab",
    ],
    ...["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].map((path) => read(path)),
    ["--proc", "/proc"],
    // Not bubblewrap's own `--dev`: for that it would put another user namespace around it, which keeps the checker out.
    ["--tmpfs", "/dev", ...["null", "zero", "full", "random", "urandom"].flatMap(device)],
    [
      "--symlink",
      "/proc/self/fd",
      "/dev/fd",
      "--size",
      String(8 * megabyte),
      "--tmpfs",
      "/dev/shm",
      "--remount-ro",
      "/dev",
    ],
    ["--size", String(megabyte), "--tmpfs", "/etc"],
    ...[
      "services",
      "protocols",
      "nsswitch.conf",
      "ld.so.cache",
      "alternatives",
      "localtime",
      "ssl/certs",
    ].map((name) => read(`/etc/${name}`)),
    ["--size", size, "--tmpfs", "/tmp", "--size", size, "--tmpfs", home, "--dir", work],
    ["--ro-bind", file, `${kernel}/bin/node`],
    ...engineFiles(dist).map((name) => read(join(dist, name), `${kernel}/dist/${name}`)),
    read(join(packages, "node_modules"), `${kernel}/node_modules`),
    read(join(packages, "package.json"), `${kernel}/package.json`),
    ["--ro-bind", seed, "/seed", "--bind", door, "/door", "--remount-ro", "/", "--chdir", work],
    ["--clearenv", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"],
    ["--setenv", "HOME", home, "--setenv", "TMPDIR", "/tmp"],
    ...Object.entries(env).flatMap(([name, value]) =>
      told.test(name) && value !== undefined ? [["--setenv", name, movedDoor(value, door)]] : [],
    ),
    ...(env.JPY_SESSION_NAME
      ? [["--setenv", "JPY_SESSION_NAME", `${work}/${basename(env.JPY_SESSION_NAME)}`]]
      : []),
  ].flat();
}

/** What runs in there, and what cells import; nothing of the supervisor or the commands. */
function engineFiles(dist: string): string[] {
  return readdirSync(dist).filter((name) =>
    /^(engine|control|translate-module)(-.*)?\.js$|^helpers$/.test(name),
  );
}

function movedDoor(value: string, door: string): string {
  return value.replaceAll(door, "/door");
}

/** Names that a computer has to know, the folder's copy, then the engine. */
const enter = `
printf '127.0.0.1 localhost\\n::1 localhost\\n' > /etc/hosts
printf 'student:x:${nobody}:${nobody}::${home}:/bin/sh\\n' > /etc/passwd
printf 'student:x:${nobody}:\\n' > /etc/group
cp -R /seed/. . 2> /dev/null
exec "$@"`;

function inside({ args }: Launch, dist: string): string[] {
  const moved = args.map((arg) => (arg.startsWith(dist) ? `${kernel}/dist${arg.slice(dist.length)}` : arg));
  return ["/bin/sh", "-c", enter, "sh", `${kernel}/bin/node`, ...moved];
}

function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
}

function childrenOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  } catch {
    return [];
  }
}
