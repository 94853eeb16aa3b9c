// A notebook with types: TypeScript's language server checks its cells, the built engine runs them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TypeProblem } from "../../src/flow.js";
import { Chain } from "../../src/language/chain.js";
import { LanguageServer } from "../../src/language/server.js";
import { documents, draft } from "../../src/language/workspace.js";
import { translateCell } from "../../src/translate/cell.js";
import { type EngineUnderTest, type Ran, startEngineUnderTest } from "../engine/fixture.js";
import { dist } from "../places.js";

export interface TypedNotebook extends AsyncDisposable {
  folder: string;
  server: LanguageServer;
  chain: Chain;
  /** Checks a cell, and runs it unless there are problems. @throws SyntaxProblem */
  cell(
    code: string,
    options?: { id?: string; unchecked?: boolean },
  ): Promise<{ problems: TypeProblem[]; ran?: Ran }>;
  /** A new engine, which knows no names. */
  restart(): Promise<void>;
}

/** @param files what lies in the notebook's folder: path → text */
export function openTypedNotebook(files: Record<string, string> = {}): TypedNotebook {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-types-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const server = new LanguageServer({ directory: folder, first: join(folder, draft), onLost: () => {} });
  for (const [path, text] of documents({ directory: folder, helpers: join(dist, "helpers") }))
    server.put(path, text);
  server.start();
  const chain = new Chain(server, folder);
  let engine: EngineUnderTest | undefined;
  let cells = 0;
  return {
    folder,
    server,
    chain,
    async cell(code, { id, unchecked = false } = {}) {
      const label = `Cell [${++cells}]`;
      const { outline } = translateCell(code, { label });
      const candidate = await chain.check(outline, {
        label,
        ...(id !== undefined && { cellId: id }),
        deadline: unchecked ? 0 : 10_000,
      });
      if (!unchecked && !candidate.checked) throw new Error("the language server did not answer");
      if (candidate.problems.length > 0) {
        candidate.discard();
        return { problems: candidate.problems };
      }
      engine ??= startEngineUnderTest({ folder });
      const ran = await engine.cell(code, id === undefined ? {} : { cellId: id });
      const reached = new Set(ran.reached);
      candidate.enter((name) => ran.status === "ok" || reached.has(name));
      return { problems: [], ran };
    },
    async restart() {
      await engine?.[Symbol.asyncDispose]();
      engine = undefined;
      chain.reset();
    },
    async [Symbol.asyncDispose]() {
      await engine?.[Symbol.asyncDispose]();
      server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
