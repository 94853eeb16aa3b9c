import { kernelsFolder, removeKernelSpec, type Where, writeKernelSpec } from "./kernelspec.js";

/** `wirebook install`: offers the kernel to Jupyter. */
export function installCommand(options: Where & { force?: boolean }): void {
  const folder = writeKernelSpec(kernelsFolder(options), {
    dist: import.meta.dirname,
    force: options.force ?? false,
  });
  console.log(`The kernel "TypeScript (Wirebook)" is installed in ${folder}`);
}

/** `wirebook uninstall`: takes it back. */
export function uninstallCommand(options: Where): void {
  console.log(`Removed ${removeKernelSpec(kernelsFolder(options))}`);
}
