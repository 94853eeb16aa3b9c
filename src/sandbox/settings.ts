// Which sandbox, and with which limits: said in the environment by whoever starts the kernel, and taken out of it.

import type { Limits } from "./needs.js";

export type SandboxName = "bubblewrap" | "none";

export interface SandboxSettings {
  name: SandboxName;
  limits: Limits;
  /** For root: the user that submissions run as. */
  uid: number;
}

export const usualLimits: Limits = { memory: 1024, processes: 64, disk: 64, cpu: 600, files: 512 };
const nobody = 65_534;

/** @throws Error naming what is not known */
export function takeSandboxSettings(env: NodeJS.ProcessEnv): SandboxSettings {
  const {
    WIREBOOK_SANDBOX: name = "none",
    WIREBOOK_SANDBOX_LIMITS: said = "{}",
    WIREBOOK_SANDBOX_UID: uid,
  } = env;
  for (const taken of ["WIREBOOK_SANDBOX", "WIREBOOK_SANDBOX_LIMITS", "WIREBOOK_SANDBOX_UID"])
    delete env[taken];
  if (name !== "bubblewrap" && name !== "none")
    throw new Error(`WIREBOOK_SANDBOX is "${name}"; there are bubblewrap and none`);
  return {
    name,
    limits: { ...usualLimits, ...(JSON.parse(said) as Partial<Limits>) },
    uid: Number(uid ?? nobody),
  };
}
