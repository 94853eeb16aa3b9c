// A notebook with types: TypeScript's language server checks its cells, the built engine runs them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TypeProblem } from "../../src/flow.js";
import { Language, type LanguageOptions } from "../../src/language/language.js";
import { translateCell } from "../../src/translate/cell.js";
import { type EngineUnderTest, type Ran, startEngineUnderTest } from "../engine/fixture.js";
import { dist, root } from "../places.js";

export interface TypedNotebook extends AsyncDisposable {
  folder: string;
  language: Language;
  /** Checks a cell, and runs it unless there are problems. @throws SyntaxProblem */
  cell(
    code: string,
    options?: { id?: string; unchecked?: boolean; interrupted?: boolean; dies?: boolean },
  ): Promise<{ problems: TypeProblem[]; checked: boolean; notice?: string; ran?: Ran; told?: string }>;
  /** Runs what the checker is told nothing of. */
  evaluate(code: string): Promise<Ran>;
  /** A new engine, which knows no names. */
  restart(): Promise<void>;
}

/** @param files what lies in the notebook's folder: path → text */
export function openTypedNotebook(
  files: Record<string, string> = {},
  options: Partial<LanguageOptions> = {},
): TypedNotebook {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-types-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const language = new Language({
    directory: folder,
    defaults: join(root, "tsconfig.cells.json"),
    helpers: join(dist, "helpers"),
    deadlines: { first: 10_000, other: 10_000 },
    ...options,
  });
  let engine: EngineUnderTest | undefined;
  let cells = 0;
  return {
    folder,
    language,
    async cell(code, { id, unchecked = false, interrupted = false, dies = false } = {}) {
      const label = `Cell [${++cells}]`;
      const { outline } = translateCell(code, { label });
      const more = id === undefined ? {} : { cellId: id };
      const { problems, checked, notice, enter, discard } = await language.check(outline, {
        label,
        ...more,
        wanted: !unchecked,
      });
      const seen = { problems, checked, ...(notice !== undefined && { notice }) };
      if (problems.length > 0) {
        discard();
        return seen;
      }
      engine ??= startEngineUnderTest({ folder });
      if (dies) {
        engine.start(code, more).done.catch(() => {});
        await engine.exit;
        await this.restart();
        discard();
        return seen;
      }
      const ran = await (interrupted ? engine.interrupted(code, more) : engine.cell(code, more));
      const told = enter(ran.hasValue);
      return { ...seen, ran, ...(told !== undefined && { told }) };
    },
    evaluate(code) {
      engine ??= startEngineUnderTest({ folder });
      return engine.cell(code);
    },
    async restart() {
      await engine?.[Symbol.asyncDispose]();
      engine = undefined;
      language.reset();
    },
    async [Symbol.asyncDispose]() {
      await engine?.[Symbol.asyncDispose]();
      language.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
