// The conformance suite, bundled when it is asked for. Packages stay outside.
import { join } from "node:path";
import bench from "./bench.config.mjs";
import { root } from "./places.mjs";

export default {
  ...bench,
  input: "./test/conformance/main.ts",
  output: { file: join(root, "dist", "conformance.js"), format: "esm" },
};
