// A check: one test of the suite, named after an item of the checklist, with the mutants that make it fail.
import type { Client, ClientOptions } from "./client.js";
import type { Kernel, StartOptions } from "./kernel.js";
import type { Mutation } from "./proxy.js";
import type { Samples } from "./samples/samples.js";
import type { KernelSpec } from "./specs.js";
import type { Content } from "./wire.js";

/** A kernel that breaks the check's rule. One of the ways: */
export interface Mutant {
  /** What it does wrong. */
  name: string;
  /** on the wire; made anew for each run, so it may remember. */
  wire?: () => Mutation;
  /** in its process; a fault of `wrapper.ts`. */
  wrapper?: string;
  /** in its kernelspec. */
  spec?: (spec: KernelSpec) => KernelSpec;
  /** in what it sends when it registers. */
  registration?: (content: Content) => Content;
}

export interface Check {
  item: number;
  title: string;
  /** Why this kernel need not have it: the protocol says that it is optional, and the kernel does not offer it. */
  notOffered?(trial: Pick<Trial, "info" | "spec" | "samples">): string | undefined;
  mutants: Mutant[];
  run(trial: Trial): Promise<void>;
}

/** What a check works with. */
export interface Trial {
  samples: Samples;
  spec: KernelSpec;
  /** Content of the kernel's `kernel_info_reply`. */
  info: Content;
  mutant: Mutant | undefined;
  /** A kernel that other checks use, too. */
  kernel: Kernel;
  /** A client of that kernel. */
  join(options?: Partial<ClientOptions>): Promise<Client>;
  /** A kernel of the check's own, which ends with it. It may not be listening yet. */
  start(options?: Partial<StartOptions>): Promise<Kernel>;
}
