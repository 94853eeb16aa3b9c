// The conformance suite is bundled when it is asked for, not by every student's set-up. Packages stay outside.
import { join } from "node:path";
import { root } from "./places.mjs";

export default {
  cwd: root,
  input: "./test/conformance/main.ts",
  platform: "node",
  external: (name) => !/^\.|^\/|^[A-Za-z]:[\\/]/.test(name),
  output: { file: join(root, "dist", "conformance.js"), format: "esm" },
};
