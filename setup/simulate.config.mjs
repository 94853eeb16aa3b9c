// The middleware in a simulated network, bundled when it is asked for. Packages stay outside.
import { join } from "node:path";
import bench from "./bench.config.mjs";
import { root } from "./places.mjs";

export default {
  ...bench,
  input: "./test/middleware/simulation/main.ts",
  output: { file: join(root, "dist", "simulate.js"), format: "esm" },
};
