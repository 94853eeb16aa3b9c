import { builtinModules } from "node:module";
import type { RolldownOptions } from "rolldown";
import manifest from "./package.json" with { type: "json" };

// One bundle a process, and one for each part that it loads later: fewer files to open means a quicker start. Packages stay outside, native ones must.
const external = [
  ...builtinModules,
  /^node:/,
  ...Object.keys(manifest.dependencies).map((name) => new RegExp(`^${name}(/|$)`)),
];
const common = { platform: "node", external, cwd: import.meta.dirname } as const;
const processes = {
  supervisor: "src/supervisor.ts",
  engine: "src/engine.ts",
  control: "src/engine/control.ts",
  "translate-module": "src/translate/module.ts",
  checker: "src/checker.ts",
  cli: "src/cli.ts",
};
// A cell may well say `const process = …`: such a name hides the global one for every script and module of the engine, so
// the engine's code takes what it needs before the first cell.
const kept =
  "const { AbortController, AbortSignal, Array, Atomics, BigInt, Boolean, Buffer, Date, Error, Function, Int32Array, JSON, Map, Math, Number, Object, Promise, Proxy, RangeError, Reflect, RegExp, Set, SharedArrayBuffer, String, Symbol, SyntaxError, TypeError, Uint8Array, URL, WeakMap, WeakSet, clearTimeout, performance, process, queueMicrotask, setImmediate, setTimeout } = globalThis;";

const config: RolldownOptions[] = [
  ...Object.entries(processes).map(([name, input]) => ({
    ...common,
    input: { [name]: input },
    output: {
      dir: "dist",
      format: "esm" as const,
      entryFileNames: "[name].js",
      chunkFileNames: `${name}-[name].js`,
      ...(name === "engine" && { banner: kept }),
    },
  })),
  {
    ...common,
    // One graph, so that every helper shares the same sockets and the same list of servers.
    input: {
      "socket/index": "kernel-helpers/socket/index.ts",
      "serve/index": "kernel-helpers/serve/index.ts",
      "scan/index": "kernel-helpers/scan/index.ts",
      "host/index": "kernel-helpers/host/index.ts",
      "lesson/index": "kernel-helpers/lesson/index.ts",
      "display/index": "kernel-helpers/display/index.ts",
      "checks/index": "kernel-helpers/checks/index.ts",
      "deno/index": "kernel-helpers/deno/index.ts",
      "tslab/index": "kernel-helpers/tslab/index.ts",
      "trace/index": "kernel-helpers/trace/index.ts",
      "middleware/index": "kernel-helpers/middleware/index.ts",
      "middleware/experiments/index": "kernel-helpers/middleware/experiments/index.ts",
      "middleware/keeper": "kernel-helpers/middleware/registry/keeper.ts",
      "widgets/index": "kernel-helpers/widgets/index.ts",
    },
    output: {
      dir: "dist/helpers",
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "shared/[name].js",
    },
  },
];

export default config;
