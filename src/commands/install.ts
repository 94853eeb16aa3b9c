import {
  KERNEL_NAME,
  type KernelName,
  kernelsFolder,
  namesInstalled,
  readOtherKernels,
  refuseForeign,
  removeKernelSpec,
  type Where,
  writeKernelSpec,
} from "./kernelspec.js";

/** @param options.as other kernels in whose place it stands: `tslab,jslab,deno` */
interface InstallOptions extends Where {
  as?: string;
}

/** `wirebook install`: offers the kernel to Jupyter. */
export function installCommand({ force = false, as, ...where }: InstallOptions & { force?: boolean }): void {
  const kernels = kernelsFolder(where);
  const names: KernelName[] = as === undefined ? [KERNEL_NAME] : readOtherKernels(as);
  // All or none.
  if (!force) for (const name of names) refuseForeign(kernels, name);
  for (const name of names) {
    const folder = writeKernelSpec(kernels, { dist: import.meta.dirname, name, force });
    console.log(
      name === KERNEL_NAME
        ? `The kernel "TypeScript (Wirebook)" is installed in ${folder}`
        : `Notebooks of the kernel ${name} open with Wirebook now: ${folder}`,
    );
  }
}

/** `wirebook uninstall`: takes it back, and what stands in place of other kernels with it. */
export function uninstallCommand({ as, ...where }: InstallOptions): void {
  const kernels = kernelsFolder(where);
  const names = as === undefined ? namesInstalled(kernels) : readOtherKernels(as);
  for (const name of names) console.log(`Removed ${removeKernelSpec(kernels, name)}`);
}
