// The scenarios of faults, bundled when they are asked for. Packages stay outside.
import { join } from "node:path";
import bench from "./bench.config.mjs";
import { root } from "./places.mjs";

export default {
  ...bench,
  input: "./test/faults/main.ts",
  output: { file: join(root, "dist", "faults.js"), format: "esm" },
};
