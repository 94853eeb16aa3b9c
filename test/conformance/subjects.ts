// Which samples go with which kernel.
import type { Subject } from "./run.js";
import { deno } from "./samples/deno.js";
import { python } from "./samples/python.js";
import type { Samples } from "./samples/samples.js";
import { tslab } from "./samples/tslab.js";
import { typescript } from "./samples/typescript.js";
import { findKernelSpecs } from "./specs.js";

/** By name of the kernel, else by its language. */
const samples: Record<string, Samples> = {
  wirebook: typescript,
  tslab,
  jslab: tslab,
  deno,
  python,
  typescript,
};

/**
 * Finds a kernel by the name of its kernelspec.
 * @throws Error it is not installed, or there are no samples for it; the message is for people
 */
export function findSubject(name: string): Subject {
  const specs = findKernelSpecs();
  const spec = specs.get(name);
  if (!spec)
    throw new Error(
      `There is no kernel "${name}". Installed are: ${[...specs.keys()].join(", ") || "none"}. Others are looked for in JUPYTER_PATH.`,
    );
  const own = samples[name] ?? samples[spec.language.toLowerCase()];
  if (!own)
    throw new Error(
      `There are no samples for "${name}" (${spec.language}): write test/conformance/samples/${spec.language.toLowerCase()}.ts and name it in test/conformance/subjects.ts.`,
    );
  return { spec, samples: own };
}
