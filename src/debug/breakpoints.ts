// Breakpoints as front ends set them (by the text of a cell, or in a file), and as V8 has them (by each execution's script).
import type { DebugProtocol } from "@vscode/debugprotocol";
import { bare } from "./evaluate.js";
import type { Inspector } from "./inspector.js";
import type { DebuggerOptions, Execution } from "./needs.js";
import { filePattern, type Sources } from "./sources.js";
import { nearest, type Stoppable, stoppableInCell, stoppableInFile } from "./stoppable.js";

/** One that a front end has set. */
export interface Breakpoint {
  id: number;
  asked: DebugProtocol.SourceBreakpoint;
  /** Nothing: V8 cannot stop there. */
  at?: Stoppable;
  condition?: string;
  message?: string;
  hits: number;
}

/** Of a cell that was run a thousand times, the newest executions only can be stopped in. */
const MOST_EXECUTIONS = 32;

export class Breakpoints {
  readonly #options: DebuggerOptions;
  readonly #inspector: Inspector;
  readonly #sources: Sources;
  readonly #byPath = new Map<string, Breakpoint[]>();
  /** V8's names → ours. */
  readonly #set = new Map<string, { path: string; breakpoint: Breakpoint }>();
  readonly #stoppable = new Map<string, Promise<Stoppable[]>>();
  /** The text of files, when their breakpoints were set. */
  readonly #texts = new Map<string, string | undefined>();
  #ids = 0;

  constructor(options: DebuggerOptions, inspector: Inspector, sources: Sources) {
    this.#options = options;
    this.#inspector = inspector;
    this.#sources = sources;
  }

  /** All of them, as `debugInfo` tells. */
  list(): { source: string; breakpoints: DebugProtocol.SourceBreakpoint[] }[] {
    return [...this.#byPath].flatMap(([source, all]) => {
      const breakpoints = all.flatMap(({ at, asked }) => (at ? [{ ...asked, line: at.student.line }] : []));
      return breakpoints.length > 0 ? [{ source, breakpoints }] : [];
    });
  }

  byId(id: string): Breakpoint | undefined {
    return this.#set.get(id)?.breakpoint;
  }

  /** Replaces those of one source. */
  async replace(path: string, asked: DebugProtocol.SourceBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    await this.#unset(path);
    const answers: DebugProtocol.Breakpoint[] = [];
    const made: Breakpoint[] = [];
    const places = await this.stoppable(path).catch((error: Error) => error);
    for (const one of asked) {
      const at = Array.isArray(places) ? nearest(places, one) : undefined;
      let problem = at ? undefined : Array.isArray(places) ? "no code stands here" : places.message;
      let condition: string | undefined;
      try {
        condition = this.#condition(one);
      } catch (error) {
        problem = `the condition cannot be read: ${(error as Error).message}`;
      }
      const breakpoint: Breakpoint = {
        id: ++this.#ids,
        asked: one,
        ...(at && problem === undefined && { at }),
        ...(condition !== undefined && { condition }),
        hits: 0,
      };
      made.push(breakpoint);
      const { line, column } = at?.student ?? { line: one.line, column: 1 };
      answers.push({
        id: breakpoint.id,
        verified: problem === undefined,
        line,
        column,
        source: { path },
        ...(problem !== undefined && { message: problem }),
      });
    }
    if (made.length > 0) this.#byPath.set(path, made);
    if (this.#sources.isCell(path)) {
      for (const execution of this.#sources.executionsOf(path).slice(0, MOST_EXECUTIONS))
        await this.#setIn(path, execution);
    } else await this.#setInFile(path);
    return answers;
  }

  /** Before a cell runs: its breakpoints hold for this execution too. Nothing is returned where there are none. */
  beforeRun(execution: Execution): Promise<void> | undefined {
    if (this.#byPath.size === 0) return undefined;
    const path = this.#sources.pathOf(execution.code);
    const files = [...this.#byPath.keys()].filter((one) => !this.#sources.isCell(one));
    if (files.length === 0 && !this.#byPath.has(path)) return undefined;
    return (async () => {
      await this.#setIn(path, execution);
      // A file that was edited is read again, and its lines lie elsewhere.
      for (const file of files) {
        if (this.#sources.text(file) === this.#texts.get(file)) continue;
        await this.replace(
          file,
          (this.#byPath.get(file) ?? []).map(({ asked }) => asked),
        );
      }
    })();
  }

  /** A new engine has none yet; those of cells come back as cells run again. */
  async restore(): Promise<void> {
    this.#set.clear();
    this.#stoppable.clear();
    for (const [path, all] of [...this.#byPath])
      await this.replace(
        path,
        all.map(({ asked }) => asked),
      );
  }

  clear(): void {
    this.#set.clear();
    this.#stoppable.clear();
    this.#byPath.clear();
  }

  /** Where one can stop in a source. @throws where there is no such source, or it is no TypeScript */
  stoppable(path: string): Promise<Stoppable[]> {
    const known = this.#stoppable.get(path);
    if (known) return known;
    const places = this.#sources.isCell(path)
      ? stoppableInCell(path, this.#sources, this.#inspector)
      : stoppableInFile(path, this.#sources);
    // Of files what holds now may not hold later, and V8 had better be asked again after it has not answered.
    if (this.#sources.isCell(path)) {
      this.#stoppable.set(path, places);
      places.catch(() => this.#stoppable.delete(path));
    }
    return places;
  }

  async #setIn(path: string, { run }: Execution): Promise<void> {
    for (const breakpoint of this.#byPath.get(path) ?? []) {
      const { at, condition } = breakpoint;
      if (!at) continue;
      await this.#put(path, breakpoint, {
        url: `wirebook://cell/${run}/${at.script}`,
        lineNumber: at.line,
        columnNumber: at.column,
        ...(condition !== undefined && { condition }),
      });
    }
  }

  async #setInFile(path: string): Promise<void> {
    this.#texts.set(path, this.#sources.text(path));
    for (const breakpoint of this.#byPath.get(path) ?? []) {
      const { at, condition } = breakpoint;
      if (!at) continue;
      await this.#put(path, breakpoint, {
        urlRegex: filePattern(path),
        lineNumber: at.line,
        columnNumber: at.column,
        ...(condition !== undefined && { condition }),
      });
    }
  }

  async #put(path: string, breakpoint: Breakpoint, params: Record<string, unknown>): Promise<void> {
    try {
      const { breakpointId } = await this.#inspector.call("Debugger.setBreakpointByUrl", params);
      this.#set.set(breakpointId, { path, breakpoint });
    } catch (error) {
      // Two of one place are one.
      if (!/already exists/.test((error as Error).message)) throw error;
    }
  }

  async #unset(path: string): Promise<void> {
    this.#byPath.delete(path);
    this.#texts.delete(path);
    for (const [breakpointId, { path: of }] of [...this.#set]) {
      if (of !== path) continue;
      this.#set.delete(breakpointId);
      await this.#inspector.call("Debugger.removeBreakpoint", { breakpointId });
    }
  }

  /** Of a log point the condition prints, and never holds. */
  #condition({ condition, logMessage }: DebugProtocol.SourceBreakpoint): string | undefined {
    const wanted = condition?.trim() ? bare(this.#options.translateExpression(condition)) : undefined;
    if (!logMessage) return wanted && anywhere(wanted);
    const parts = logMessage
      .split(/\{([^{}]*)\}/)
      .map((part, index) =>
        index % 2 === 0 ? JSON.stringify(part) : `(${bare(this.#options.translateExpression(part))})`,
      );
    const print = `console.log([${parts.join()}].map((part) => typeof part === "string" ? part : require("node:util").inspect(part)).join(""))`;
    return anywhere(wanted === undefined ? `${print}, false` : `(${wanted}) && ${print}, false`);
  }
}

/** At a cell's own level V8 takes the variables of this cell for unborn; as the notebook's they are there. */
function anywhere(condition: string): string {
  return `try { ${condition} } catch { (0, eval)(${JSON.stringify(condition)}) }`;
}

/** Is it time to stop, after so many hits? `5`, `>= 5`, `% 2`, as other debuggers have it. */
export function hitsEnough(condition: string | undefined, hits: number): boolean {
  const [, operator = ">=", number] = /^\s*(==?=?|>=?|<=?|%)?\s*(\d+)\s*$/.exec(condition ?? "") ?? [];
  if (number === undefined) return true;
  const wanted = Number(number);
  if (operator === "%") return wanted > 0 && hits % wanted === 0;
  if (operator === ">") return hits > wanted;
  if (operator === "<") return hits < wanted;
  if (operator === "<=") return hits <= wanted;
  return operator === ">=" ? hits >= wanted : hits === wanted;
}
