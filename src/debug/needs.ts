// What the debugger is handed in by the joining file. It knows no process, no socket and no parser.
import type { Command, Json, LineMap, Script } from "../flow.js";

/** A position of the student's, 1-based. */
export interface Place {
  line: number;
  column: number;
}

/** A script that V8 runs, and the way back from it. Positions of the script are 0-based, as V8 has them. */
export interface Generated {
  code: string;
  toStudent(line: number, column: number): Place | undefined;
}

/** One execution of a cell. */
export interface Execution {
  run: number;
  label: string;
  code: string;
}

export interface DebuggerOptions {
  engine: {
    send(command: Command): boolean;
    ask(command: (id: number) => Command, deadline: number): Promise<unknown>;
  };
  /** Publishes a debug_event. */
  publish(event: Json): void;
  /** Tells the type checker of a variable that no cell has declared. */
  declare(name: string): void;
  /** All executions, the newest first. */
  executions(): Execution[];
  execution(run: number): Execution | undefined;
  /** The scripts of a cell, in order. @throws where the text is no TypeScript */
  translate(code: string): { scripts: Script[] };
  /** One expression of the student's, as JavaScript. @throws where it is none */
  translateExpression(code: string): string;
  /** A local TypeScript file as Node gets it, the map at its end. @throws where the text is no TypeScript */
  translateFile(source: string, path: string): string;
  /** A column (1-based) of a generated line → the student's place. */
  placeOf(segments: LineMap | undefined, column: number): Place | undefined;
  /** Would an error from this place be caught by the code around it, within the same function? */
  isCaught(source: string, place: Place): boolean;
  /** Where the cells seem to lie, for front ends. */
  folder: string;
}
