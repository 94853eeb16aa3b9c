// Joins the debugger for the supervisor. A file of its own, because nothing of it is loaded before a front end asks for it.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createDebugger, type KernelDebugger } from "./debug/debugger.js";
import type { DebuggerOptions } from "./debug/needs.js";
import { placeOf } from "./engine/positions.js";
import { isCaught } from "./translate/catches.js";
import { translateCell, translateExpression } from "./translate/cell.js";
import { translateModule } from "./translate/module.js";

type Given = Pick<DebuggerOptions, "engine" | "publish" | "declare" | "executions" | "execution">;

/** A debugger that is off. */
export function startDebugger(given: Given): KernelDebugger {
  return createDebugger({
    ...given,
    translate: (code) => translateCell(code, { label: "cell" }),
    translateExpression: (code) =>
      translateExpression(code, { label: "expression" }).scripts.at(-1)?.code ?? "",
    translateFile: translateModule,
    placeOf,
    isCaught,
    // JupyterLab calls cells by their numbers only where the path has this word in it. No file is ever written there.
    folder: join(tmpdir(), `wirebook_ipykernel_${process.pid}`),
    own: pathToFileURL(`${import.meta.dirname}/`).href,
  });
}
