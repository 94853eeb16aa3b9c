// Runs one command in a throw-away computer, and tells what became of it. Started by box.ts within a mount and a network namespace of its own:
// all that can be written lies in one small file system in memory, the network is a loopback on which this process plays the rest of
// the world, and the command's processes are in namespaces below, as a user who owns nothing else.
//
// It stands alone, so that Node can run it as it is.

import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import {
  chmodSync,
  cpSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Evidence, Job } from "./box.js";

const [jobFile = "", answerFile = ""] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, "utf8")) as Job;
const asRoot = job.uid !== undefined;
const box = join(job.place, "box");
const home = join(box, "home");

function must(file: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(file, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${file} ${args.join(" ")}: ${error?.message ?? stderr}`);
}

must("ip", "link", "set", "lo", "up");
for (const address of job.addresses) must("ip", "address", "add", `${address}/32`, "dev", "lo");
mkdirSync(box);
must("mount", "-t", "tmpfs", "-o", `size=${job.disk}m,mode=755`, "box", box);
for (const name of ["home", "tmp", "vartmp", "shm", "run"]) mkdirSync(join(box, name));
for (const name of ["tmp", "vartmp", "shm"]) chmodSync(join(box, name), 0o1777);
cpSync(job.seed, home, { recursive: true, verbatimSymlinks: true });
// Links to what only root may reach, as mounts.
const reachable = job.readable.map(([from, to], index) => {
  const here = join(job.place, `see-${index}`);
  lstatSync(from).isDirectory() ? mkdirSync(here) : writeFileSync(here, "");
  must("mount", "--rbind", from, here);
  return ["--ro-bind", here, to];
});
if (asRoot) for (const path of everythingIn(home)) lchownSync(path, job.uid as number, job.uid as number);

// The world outside: who reaches it has carried something out.
const heard: Evidence["heard"] = {};
const hear =
  (where: string) =>
  (bytes: Buffer): void => {
    heard[where] = `${heard[where] ?? ""}${bytes.toString("latin1")}`.slice(0, 5000);
  };
const accept =
  (where: string) =>
  (socket: Socket): void => {
    hear(where)(Buffer.from(`connected\n`));
    socket
      .on("data", hear(where))
      .on("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))
      .on("error", () => {});
  };
for (const port of job.ports) {
  createServer(accept(String(port))).listen(port, "127.0.0.1");
  createServer(accept(String(port)))
    .on("error", () => {})
    .listen(port, "::1");
  createSocket("udp4", hear(String(port))).bind(port, "127.0.0.1");
}
for (const address of job.addresses) createServer(accept(address)).listen(80, address);
if (job.addresses.length > 0) {
  createSocket("udp4", hear("names")).bind(53, "127.0.0.1");
  createServer(accept("docker.sock")).listen(join(box, "run", "docker.sock"), () =>
    chmodSync(join(box, "run", "docker.sock"), 0o666),
  );
}

const resolver = join(box, "resolv.conf");
writeFileSync(resolver, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
const read = (path: string): string[] => ["--ro-bind-try", path, path];
const walls = [
  ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
  ...["--die-with-parent", "--new-session", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"],
  ...["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap(read),
  ...[
    "alternatives",
    "ld.so.cache",
    "localtime",
    "nsswitch.conf",
    "protocols",
    "services",
    "ssl/certs",
  ].flatMap((name) => read(`/etc/${name}`)),
  ...["--ro-bind", resolver, "/etc/resolv.conf"],
  ...["--proc", "/proc", "--dev", "/dev", "--bind", join(box, "shm"), "/dev/shm"],
  ...["--bind", join(box, "tmp"), "/tmp", "--bind", join(box, "vartmp"), "/var/tmp"],
  ...["--ro-bind", join(box, "run"), "/run", "--symlink", "../run", "/var/run"],
  ...["--bind", home, "/home/grader"],
  ...reachable.flat(),
  ...["--remount-ro", "/", "--chdir", "/home/grader"],
];
const joined = job.groups.map((file) => `echo $$ > ${file} &&`).join(" ");
const user = asRoot ? `setpriv --reuid=${job.uid} --regid=${job.uid} --clear-groups` : "";
const began = performance.now();
const child = spawn(
  "/bin/sh",
  ["-c", `${joined} exec ${user} prlimit --core=0 bwrap "$@"`, "sh", ...walls, "/bin/sh", "-c", job.command],
  // Not as arguments: those can be read by all.
  { env: job.env, stdio: ["ignore", "pipe", "pipe"] },
);
let log = "";
for (const stream of [child.stdout, child.stderr])
  stream.on("data", (bytes: Buffer) => {
    log = (log + bytes.toString("utf8")).slice(-60_000);
  });
let fullest = 0;
const look = setInterval(() => {
  const { blocks, bfree, files, ffree } = statfsSync(box);
  fullest = Math.max(fullest, 1 - bfree / blocks, files > 0 ? 1 - ffree / files : 0);
}, 100);
let late = false;
const bell = setTimeout(() => {
  late = true;
  child.kill("SIGKILL");
}, job.seconds * 1000);
const code = await new Promise<number | null>((done) => child.once("close", done));
clearTimeout(bell);
clearInterval(look);

const evidence: Evidence = {
  code,
  late,
  seconds: (performance.now() - began) / 1000,
  log,
  fullest,
  heard,
  pwned: everythingIn(box)
    .filter((path) => /pwned[^/]*$/.test(path))
    .map((path) => path.slice(box.length)),
  linksOut: everythingIn(join(home, "course"))
    .filter(leadsOut)
    .map((path) => path.slice(home.length)),
  files: Object.fromEntries(job.wanted.map((name) => [name, textOf(join(home, name))])),
  gradebook: gradebook(join(home, "course", "gradebook.db")),
  outputs: Object.fromEntries(
    job.students.map((name) => [name, outputsOf(join(home, "course/autograded", name, "lab/lab.ipynb"))]),
  ),
};
writeFileSync(answerFile, JSON.stringify(evidence));
process.exit(0);

function everythingIn(folder: string): string[] {
  const found = [folder];
  const into = (at: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      // A bomb of files is not looked through to its end.
      if (found.push(path) > 100_000) return;
      if (entry.isDirectory()) into(path);
    }
  };
  into(folder);
  return found;
}

function leadsOut(path: string): boolean {
  return lstatSync(path).isSymbolicLink() && /^\/|^\.\.\/\.\./.test(readlinkSync(path));
}

/** Of a file that is one, and not a way to somewhere else. */
function textOf(path: string): string | undefined {
  try {
    const about = lstatSync(path);
    return about.isFile() && about.size < 50e6 ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

/** What stands below the cells of a notebook that was run. */
function outputsOf(path: string): string | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  const { cells } = JSON.parse(text) as { cells: { outputs?: unknown }[] };
  const all = JSON.stringify(cells.map(({ outputs }) => outputs ?? []));
  return all.length < 2e6 ? all : `${all.slice(0, 1e6)}${all.slice(-1e6)}`;
}

function gradebook(path: string): Evidence["gradebook"] {
  try {
    if (!lstatSync(path).isFile()) return {};
    const open = new DatabaseSync(path, { readOnly: true });
    const rows = open
      .prepare(
        `select sa.student_id as student, c.name as cell, g.auto_score as score, g.needs_manual_grade as waits
         from grade g join base_cell c on c.id = g.cell_id join submitted_notebook n on n.id = g.notebook_id
         join submitted_assignment sa on sa.id = n.assignment_id`,
      )
      .all() as { student: string; cell: string; score: number | null; waits: number }[];
    const all: Evidence["gradebook"] = {};
    for (const { student, cell, score, waits } of rows)
      all[student] = { ...all[student], [cell]: { score, waits: waits !== 0 } };
    return all;
  } catch {
    return {};
  }
}
