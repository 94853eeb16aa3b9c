// `wirebook` as a user calls it, in a folder of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dist } from "../places.js";

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface TestCell {
  id: string;
  source: string;
  tags?: string[];
  type?: "code" | "markdown";
}

export interface Written {
  cells: {
    id: string;
    execution_count: number | null;
    outputs: {
      output_type: string;
      name?: string;
      text?: string | string[];
      data?: Record<string, unknown>;
      ename?: string;
      evalue?: string;
    }[];
  }[];
  metadata: { language_info?: { name: string; version: string } };
}

export class Folder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "wirebook-command-"));
  /** Whatever the command and its kernels put into the folder for temporary files. */
  readonly temporary: string = join(this.path, "tmp");

  /** For the command, beside the environment of the test. */
  env: NodeJS.ProcessEnv = {};

  constructor() {
    mkdirSync(this.temporary);
  }

  /** Writes a notebook: cells by their ids, or in full. */
  notebook(
    name: string,
    cells: Record<string, string> | TestCell[],
    metadata: object = {
      kernelspec: { name: "wirebook", display_name: "TypeScript", language: "typescript" },
    },
  ): this {
    const list: TestCell[] = Array.isArray(cells)
      ? cells
      : Object.entries(cells).map(([id, source]) => ({ id, source }));
    const notebook = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata,
      cells: list.map(({ id, source, tags = [], type = "code" }) => ({
        cell_type: type,
        id,
        source,
        metadata: { tags },
        ...(type === "code" && { outputs: [], execution_count: null }),
      })),
    };
    writeFileSync(join(this.path, name), JSON.stringify(notebook));
    return this;
  }

  file(name: string, text: string): this {
    writeFileSync(join(this.path, name), text);
    return this;
  }

  names(folder = "."): string[] {
    return readdirSync(join(this.path, folder)).sort();
  }

  read(name: string): Written {
    return JSON.parse(readFileSync(join(this.path, name), "utf8")) as Written;
  }

  /** What a cell of a written notebook shows, as text. */
  shown(name: string, id: string): string {
    const cell = this.read(name).cells.find((one) => one.id === id);
    if (!cell) throw new Error(`${name} has no cell ${id}`);
    return cell.outputs
      .map(
        ({ text, data, ename }) =>
          (text && [text].flat().join("")) ?? [data?.["text/plain"] ?? ename].flat().join(""),
      )
      .join("");
  }

  start(...args: string[]): { process: ChildProcess; said(): string; ended: Promise<Ended> } {
    const child = spawn(process.execPath, [join(dist, "cli.js"), ...args], {
      cwd: this.path,
      env: { ...process.env, TMPDIR: this.temporary, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Ended>((done, failed) => {
      child.once("error", failed);
      child.once("close", (code) => done({ code, stdout, stderr }));
    });
    return { process: child, said: () => stdout + stderr, ended };
  }

  wirebook(...args: string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
