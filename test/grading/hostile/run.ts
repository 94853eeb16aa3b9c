// Marks every hostile submission with `wirebook grade`, and looks at three things: the marks are those that were expected beforehand, what
// is hidden stands in nothing that was made, and nothing was written or sent outside.

import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Grade } from "../../../src/grading/needs.js";
import { root } from "../../places.js";
import { secret, writeCourse, writeSubmission } from "../course.js";
import { archives } from "./archives.js";
import { forging } from "./forging.js";
import { greed } from "./greed.js";
import type { Hostile } from "./kinds.js";
import { notebooks } from "./notebooks.js";
import { reading } from "./reading.js";

export const everything: Hostile[] = [...reading, ...forging, ...greed, ...notebooks, ...archives];

/** What each deserves, by `family: name`, as it was written down before anything was run. */
export const expectedMarks = (): Record<string, number> =>
  JSON.parse(readFileSync(join(root, "test", "grading", "hostile", "expected.json"), "utf8"));

export interface Outcome {
  ran: number;
  /** By `family: name`; `null`: none was given. */
  marks: Map<string, number | null>;
  /** In words, each. */
  wrongMarks: string[];
  leaks: string[];
  escapes: string[];
  seconds: number;
}

export const nameOf = ({ family, name }: Hostile): string => `${family}: ${name}`;

/** @param cli the built command */
export async function runHostile(
  some: readonly Hostile[],
  { cli, jobs }: { cli: string; jobs: number },
): Promise<Outcome> {
  const expected = expectedMarks();
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "wirebook-hostile-"));
  const escapes: string[] = [];
  const outside = await listenOutside((what) => escapes.push(`something was carried out: ${what}`));
  try {
    const course = writeCourse(folder);
    const inbox = join(folder, "submitted");
    mkdirSync(inbox);
    for (const [index, one] of some.entries()) {
      const student = studentOf(index);
      if (one.zip) writeFileSync(join(inbox, `${student}.zip`), one.zip());
      else {
        const text = typeof one.notebook === "string" ? one.notebook : JSON.stringify(one.notebook);
        writeSubmission(inbox, student, text.replaceAll("OUTSIDE_PORT", String(outside.port)));
      }
    }
    const out = join(folder, "grades");
    const said = await command(
      [
        cli,
        "grade",
        inbox,
        "--source",
        course.source,
        "--checks",
        course.visible,
        course.hidden,
        "--output-dir",
        out,
        "--jobs",
        String(jobs),
        "--timeout",
        "8",
        "--notebook-timeout",
        "90",
        "--memory",
        "512",
        "--disk",
        "16",
      ],
      // What students must not find in it either.
      { ...process.env, GRADERS_PASSWORD: secret },
    );
    const grades = readFileSync(join(out, "results.jsonl"), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { grade: Grade }).grade);
    const marks = new Map<string, number | null>();
    const wrongMarks = some.flatMap((one, index) => {
      const name = nameOf(one);
      const grade = grades.find(({ origin }) =>
        origin.split(/[/\\]/).some((part) => part.replace(/\.zip$/, "") === studentOf(index)),
      );
      marks.set(name, grade?.total ?? null);
      const wanted = expected[name];
      if (!grade) return [`${name}: no mark`];
      const cells = grade.cells.map(
        ({ grade_id, points, note }) => `${grade_id} ${points}${note ? ` (${note.slice(0, 80)})` : ""}`,
      );
      return grade.total === wanted
        ? []
        : [
            `${name}: ${grade.total} instead of ${wanted}: ${cells.join(", ")}; ${grade.notes.join("; ").slice(0, 300)}`,
          ];
    });
    const leaks = [...(said.includes(secret) ? ["what the command says"] : []), ...filesWith(out, secret)];
    for (const place of [
      folder,
      out,
      inbox,
      resolve("."),
      homedir(),
      tmpdir(),
      "/",
      "/var/tmp",
      "/usr",
      "/root",
      join(cli, ".."),
    ])
      if (existsSync(join(place, "pwned"))) escapes.push(join(place, "pwned"));
    return {
      ran: some.length,
      marks,
      wrongMarks,
      leaks,
      escapes,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    outside.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whoever gets through to here has carried something out. Others on this machine may look which ports are open: they say nothing. */
async function listenOutside(heard: (what: string) => void): Promise<{ port: number; close(): void }> {
  const hear = (bytes: Buffer): void => {
    if (bytes.includes("exfiltrated")) heard(bytes.subarray(0, 80).toString("latin1"));
  };
  const accept = (socket: Socket): void => {
    socket.on("data", hear).on("error", () => {});
  };
  const listener = createServer(accept).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  // Where there is no IPv6, nobody can leave by it.
  const other = createServer(accept)
    .on("error", () => {})
    .listen(port, "::1");
  const datagrams = createSocket("udp4", hear);
  datagrams.bind(port, "127.0.0.1");
  return {
    port,
    close() {
      listener.close();
      other.close();
      datagrams.close();
    },
  };
}

const studentOf = (index: number): string => `s${String(index).padStart(4, "0")}`;

function command(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk));
  return new Promise((done) => child.once("close", () => done(said)));
}

function filesWith(folder: string, word: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(word));
}

/** One in so many of each family. */
export function shortForm(every = 10): Hostile[] {
  const seen = new Map<string, number>();
  return everything.filter(({ family }) => {
    const count = seen.get(family) ?? 0;
    seen.set(family, count + 1);
    return count % every === 1;
  });
}
