// The comparison with CPython's sockets, bundled when it is asked for. Packages stay outside.
import { join } from "node:path";
import bench from "./bench.config.mjs";
import { root } from "./places.mjs";

export default {
  ...bench,
  input: "./test/helpers/socket/parity/main.ts",
  output: { file: join(root, "dist", "parity.js"), format: "esm" },
};
