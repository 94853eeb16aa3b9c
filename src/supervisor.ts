// The supervisor process. No student's code runs here, so the heartbeat, interrupts and shutdown work whatever a cell does.

import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { takeCheckSettings } from "./check/settings.js";
import { type EngineProcess, startEngine } from "./engine/process.js";
import { startKernel } from "./kernel.js";
import { isPaced } from "./output/pacing.js";
import { takeSandboxSettings } from "./sandbox/settings.js";
import { createNotebookFile, type NotebookTypes } from "./session/notebook-file.js";
import { parentPid, watchParent } from "./session/parent.js";
import { compileSoonInSupervisor, keepNurserySmall } from "./v8-flags.js";
import { readArguments } from "./wire/arguments.js";
import { exposureOf, readKernelFile, warningsOf } from "./wire/connection-file.js";
import { runtimeFolder } from "./wire/jupyter-folders.js";
import { ConnectionProblem } from "./wire/problem.js";

type StartTypes = typeof import("./language.js").startTypes;

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
    graded: process.env.NBGRADER_EXECUTION !== undefined || process.env.WIREBOOK_GRADING === "1",
    as,
  });
  const checks = takeCheckSettings(process.env, process.cwd());
  const walls = takeSandboxSettings(process.env);
  const sandbox = walls.name === "none" ? undefined : (await import("./sandbox.js")).createSandbox(walls);
  let current: EngineProcess | undefined;
  /** Nothing is looked at before a cell runs, so it waits for nothing but its way through both processes. */
  let unchecked = false;
  const kernel = await startKernel({
    connection,
    startEngine(handlers) {
      let cells = 0;
      const engine = startEngine({
        engineFile: join(import.meta.dirname, "engine.js"),
        cwd: process.cwd(),
        ...(sandbox && { sandbox }),
        ...handlers,
        onEvent(event) {
          handlers.onEvent(event);
          if (event.type !== "done" || ++cells > 1) return;
          keepNurserySmall();
          if (unchecked) engine.send({ type: "compileSoon" });
        },
      });
      current = engine;
      return engine;
    },
    checksAhead: checks.graded,
    async loadChecks(parts) {
      const { startChecks } = await import("./check.js");
      return startChecks({
        ...parts,
        settings: checks,
        place: () => current,
        intoNetwork: () => (sandbox && current ? sandbox.intoNetwork(current.pid) : []),
      });
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
    // What the type checker says may tell what stands in files, and it reads whichever a cell imports: it would stand outside the walls.
    ...(!sandbox && { loadTypes }),
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

async function loadTypes({ madeFor, mode }: NotebookTypes): Promise<ReturnType<StartTypes>> {
  const { startTypes } = await import("./language.js");
  return startTypes({
    directory: process.cwd(),
    lenient: madeFor !== undefined,
    javascript: madeFor === "jslab",
    later: mode === "off",
  });
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof ConnectionProblem ? `wirebook: ${error.message}` : error);
    process.exit(1);
  });
}
