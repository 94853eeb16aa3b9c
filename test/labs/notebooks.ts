// The lab's notebooks for the tests: where they are, what is in them, and what executing one shows.
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { python, root } from "../places.js";

export const folder: string = join(root, "notebooks");

export interface NotebookCell {
  id: string;
  cell_type: "code" | "markdown";
  source: string;
  tags: string[];
  outputs: unknown[] | undefined;
}

export interface Notebook {
  name: string;
  path: string;
  metadata: { kernelspec: Record<string, string>; language_info: Record<string, string> };
  nbformat: number;
  nbformat_minor: number;
  cells: NotebookCell[];
}

const notebooksIn = (place: string): Notebook[] =>
  readdirSync(place)
    .filter((name) => name.endsWith(".ipynb"))
    .sort()
    .map((name) => {
      const raw = JSON.parse(readFileSync(join(place, name), "utf8"));
      const cells = raw.cells.map((cell: { source: string | string[]; metadata: { tags?: string[] } }) => ({
        ...cell,
        source: [cell.source].flat().join(""),
        tags: cell.metadata.tags ?? [],
      }));
      return { ...raw, name, path: join(place, name), cells };
    });

/** All eight, in order. */
export const notebooks: Notebook[] = notebooksIn(folder);
/** What students are not given. */
export const instructors: Notebook[] = notebooksIn(join(root, "instructor"));

export interface Output {
  kind: "stream" | "display_data" | "update_display_data" | "execute_result" | "error";
  text: string;
}

export interface ExecutedCell {
  id: string;
  code: boolean;
  tags: string[];
  /** What nbclient wrote into the notebook. */
  outputs: { output_type: string; ename?: string; data?: Record<string, string | string[]> }[];
  /** What a page shows below the cell, late output too. */
  caused: Output[];
}

export interface Executed {
  failure: string | null;
  cells: ExecutedCell[];
  /** All that a cell printed and showed, as one text; a line that is renewed in place counts at each renewal. */
  text(id: string): string;
  /** What stands below it in the end, where it was renewed in place. */
  last(id: string): string;
}

export interface Running {
  /** The last cell has run; the kernel lives on. */
  ready: Promise<void>;
  /** Ends the kernel. */
  end(): Promise<Executed>;
}

/** Executes a notebook in a kernel of its own. @param name beginning of its name */
export function start(
  name: string,
  env: NodeJS.ProcessEnv = {},
  among: readonly Notebook[] = notebooks,
): Running {
  const notebook = among.find((one) => one.name.startsWith(name));
  if (!notebook) throw new Error(`no notebook ${name}`);
  const child: ChildProcess = spawn(
    python,
    [join(import.meta.dirname, "execute.py"), notebook.path, "--hold"],
    {
      env: { ...process.env, WIREBOOK_TARGET: "stand-in", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  let out = "";
  let log = "";
  let isReady: () => void;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
    if (/^ready$/m.test(log)) isReady();
  });
  const ended = new Promise<Executed>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      isReady();
      try {
        const seen: Omit<Executed, "text" | "last"> = JSON.parse(out);
        const caused = (id: string): string[] => {
          const cell = seen.cells.find((one) => one.id === id);
          if (!cell) throw new Error(`${name} has no cell ${id}`);
          return cell.caused.map((output) => output.text);
        };
        const text = (id: string): string => caused(id).join("");
        resolve({ ...seen, text, last: (id) => caused(id).at(-1) ?? "" });
      } catch (error) {
        reject(new Error(`executing ${name}: ${log}`, { cause: error }));
      }
    });
  });
  return {
    ready,
    end() {
      child.stdin?.end();
      return ended;
    },
  };
}

export async function execute(
  name: string,
  env: NodeJS.ProcessEnv = {},
  among?: readonly Notebook[],
): Promise<Executed> {
  const running = start(name, env, among);
  await running.ready;
  return running.end();
}
