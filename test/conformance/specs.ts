// Kernelspecs where Jupyter looks for them.
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { python, root } from "../places.js";

export interface KernelSpec {
  /** Name of its folder. */
  name: string;
  folder: string;
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode?: string;
  env?: Record<string, string>;
  metadata?: Record<string, unknown>;
  kernel_protocol_version?: string;
}

/** Folders that hold `kernels/`, the first one wins. */
function dataFolders(env: NodeJS.ProcessEnv): string[] {
  const home = homedir();
  const user =
    env.JUPYTER_DATA_DIR ??
    (process.platform === "darwin"
      ? join(home, "Library", "Jupyter")
      : process.platform === "win32"
        ? join(env.APPDATA ?? home, "jupyter")
        : join(env.XDG_DATA_HOME ?? join(home, ".local", "share"), "jupyter"));
  const system =
    process.platform === "win32"
      ? [join(env.PROGRAMDATA ?? "C:\\ProgramData", "jupyter")]
      : ["/usr/local/share/jupyter", "/usr/share/jupyter"];
  return [
    ...(env.JUPYTER_PATH ?? "").split(delimiter).filter(Boolean),
    join(root, ".venv", "share", "jupyter"),
    user,
    ...system,
  ];
}

/** All kernelspecs by name. */
export function findKernelSpecs(env: NodeJS.ProcessEnv = process.env): Map<string, KernelSpec> {
  const found = new Map<string, KernelSpec>();
  for (const folder of dataFolders(env)) {
    const kernels = join(folder, "kernels");
    for (const name of existsSync(kernels) ? readdirSync(kernels) : []) {
      const file = join(kernels, name, "kernel.json");
      if (found.has(name) || !existsSync(file)) continue;
      const spec = JSON.parse(readFileSync(file, "utf8")) as KernelSpec;
      found.set(name, { ...spec, name, folder: join(kernels, name) });
    }
  }
  return found;
}

/** The words that start the kernel. */
export function commandOf(spec: KernelSpec, connectionFile: string): string[] {
  const words = spec.argv.map((word) =>
    word.replaceAll("{connection_file}", connectionFile).replaceAll("{resource_dir}", spec.folder),
  );
  // ipykernel's own kernelspec leaves it to Jupyter which Python that is.
  if (/^python3?$/.test(words[0] ?? "") && existsSync(python)) words[0] = python;
  return words;
}
