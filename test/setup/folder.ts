// A copy of the repository's set-up in a folder of its own, with stand-ins for Python and npm.
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "../..");
const fakeTools = join(import.meta.dirname, "fake-tools.mjs");

export interface Result {
  code: number | null;
  /** Both streams, as a user sees them. */
  output: string;
}

export interface SetUpOptions {
  /** The tool that fails and how, see fake-tools.mjs. */
  fault?: string;
  env?: NodeJS.ProcessEnv;
  arguments?: string[];
  /** Flags for Node itself. */
  node?: string[];
  program?: string;
  uid?: number;
}

export class Folder {
  readonly base: string = mkdtempSync(join(tmpdir(), "wirebook-setup-"));
  /** Spaces and letters outside ASCII, in every test. */
  path: string = join(this.base, "Übung mit Leerzeichen");
  readonly bin: string = join(this.base, "bin");
  readonly log: string = join(this.base, "log");

  constructor() {
    mkdirSync(join(this.path, "src"), { recursive: true });
    mkdirSync(this.bin);
    const names = [
      "setup",
      "package.json",
      "package-lock.json",
      "rolldown.config.ts",
      "src/commands",
      "deploy",
    ];
    for (const name of names) {
      cpSync(join(repository, name), join(this.path, name), { recursive: true });
    }
    writeFileSync(this.log, "");
  }

  /** Puts a Python of this name on the PATH, which else holds nothing. */
  withPython(name = "python3"): this {
    const program = join(this.bin, name);
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${fakeTools}" python "$@"\n`);
    chmodSync(program, 0o755);
    return this;
  }

  /** Starts the set-up; `done` resolves when it has ended. */
  start(options: SetUpOptions = {}): {
    child: ChildProcess;
    done: Promise<Result>;
    called(tool: string): Promise<void>;
  } {
    const main = join(this.path, "setup", "main.mjs");
    const child = spawn(
      options.program ?? process.execPath,
      [...(options.node ?? []), main, ...(options.arguments ?? ["setup"])],
      {
        cwd: this.path,
        env: {
          PATH: this.bin,
          HOME: this.base,
          FAKE_LOG: this.log,
          ...(options.fault ? { FAKE_FAULT: options.fault } : {}),
          ...(process.env.WIREBOOK_DIST ? { WIREBOOK_DIST: process.env.WIREBOOK_DIST } : {}),
          ...options.env,
        },
        stdio: ["ignore", "pipe", "pipe"],
        ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      },
    );
    let output = "";
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    const done = new Promise<Result>((settle) => child.on("close", (code) => settle({ code, output })));
    const called = async (tool: string): Promise<void> => {
      while (!this.calls().includes(tool)) {
        if (child.exitCode !== null) throw new Error(`${tool} was never called:\n${output}`);
        await new Promise((resume) => setTimeout(resume, 20));
      }
    };
    return { child, done, called };
  }

  setUp(options: SetUpOptions = {}): Promise<Result> {
    return this.start(options).done;
  }

  /** The tools that were called, in order. */
  calls(): string[] {
    return readFileSync(this.log, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.includes("="));
  }

  forgetCalls(): void {
    writeFileSync(this.log, "");
  }

  read(...path: string[]): string {
    return readFileSync(join(this.path, ...path), "utf8");
  }

  has(...path: string[]): boolean {
    return existsSync(join(this.path, ...path));
  }

  kernelSpec(): { argv: string[] } {
    return JSON.parse(this.read(".venv/share/jupyter/kernels/wirebook/kernel.json"));
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}
