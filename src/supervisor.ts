// The supervisor process. No student's code runs here, so the heartbeat, interrupts and shutdown work whatever a cell does.

import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { startEngine } from "./engine/process.js";
import { startKernel } from "./kernel.js";
import { isPaced } from "./output/pacing.js";
import { createNotebookFile } from "./session/notebook-file.js";
import { parentPid, watchParent } from "./session/parent.js";
import { compileSoonInSupervisor, keepNurserySmall } from "./v8-flags.js";
import { readArguments } from "./wire/arguments.js";
import { exposureOf, readKernelFile, warningsOf } from "./wire/connection-file.js";
import { runtimeFolder } from "./wire/jupyter-folders.js";
import { ConnectionProblem } from "./wire/problem.js";

async function main(): Promise<void> {
  const as = process.env.WIREBOOK_AS;
  // It is said of this process, not of those that a cell may start.
  for (const name of ["WIREBOOK_AS", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"])
    delete process.env[name];
  enableCompileCache(join(import.meta.dirname, ".compile-cache"));
  const { path, ackPatience, permissions } = readArguments(process.argv.slice(2), process.env);
  const { connection, registration } = readKernelFile(path, permissions);
  const warnings = [...warningsOf(connection), ...exposureOf(path)];
  for (const warning of warnings) console.error(`wirebook: ${warning}`);
  const notebook = createNotebookFile({
    path: process.env.WIREBOOK_NOTEBOOK ?? process.env.JPY_SESSION_NAME,
    graded: process.env.NBGRADER_EXECUTION !== undefined,
    as,
  });
  /** Nothing is looked at before a cell runs, so it waits for nothing but its way through both processes. */
  let unchecked = false;
  const kernel = await startKernel({
    connection,
    startEngine(handlers) {
      let cells = 0;
      const engine = startEngine({
        engineFile: join(import.meta.dirname, "engine.js"),
        cwd: process.cwd(),
        ...handlers,
        onEvent(event) {
          handlers.onEvent(event);
          if (event.type !== "done" || ++cells > 1) return;
          keepNurserySmall();
          if (unchecked) engine.send({ type: "compileSoon" });
        },
      });
      return engine;
    },
    async loadTranslation() {
      const { translation } = await import("./translation.js");
      unchecked = (await notebook()).mode === "off";
      // Where types are looked at, the rest is loaded and started while the first cell waits.
      if (unchecked) {
        keepNurserySmall();
        compileSoonInSupervisor();
      }
      return translation;
    },
    async loadTypes({ madeFor, mode }) {
      const { startTypes } = await import("./language.js");
      return startTypes({
        directory: process.cwd(),
        lenient: madeFor !== undefined,
        javascript: madeFor === "jslab",
        later: mode === "off",
      });
    },
    notebook,
    submitting() {
      // Loaded when a front end first asks, which most never do.
      const loading = import("./submitting.js").then(({ startSubmitting }) =>
        startSubmitting({ cli: join(import.meta.dirname, "cli.js"), folder: process.cwd() }),
      );
      return {
        receive: async (data, say) => (await loading).receive(data, say),
        close: () => void loading.then((comm) => comm.close()),
      };
    },
    javascript: as === "jslab",
    paced: isPaced(process.env),
  });
  process.on("SIGINT", () => kernel.interrupt());
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => void kernel.shutdown());
  const parent = parentPid();
  if (parent !== undefined) {
    watchParent(parent, () => {
      kernel.abandon();
      process.exit(1);
    });
  }
  if (registration) {
    const { announce } = await import("./wire/registration.js");
    const { ports } = kernel;
    const options = { ports, registration, patience: ackPatience, folder: runtimeFolder(), given: path };
    const announced = announce(connection, options).catch((error) => {
      kernel.abandon();
      throw error;
    });
    await Promise.race([announced, kernel.ended]);
  }
  await kernel.ended;
  process.exit(0);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof ConnectionProblem ? `wirebook: ${error.message}` : error);
    process.exit(1);
  });
}
