// Deno's package on PyPI brings the program for each system and runs nothing when it is installed.
import { type Prepared, pip, prepared } from "./prepare.js";

export const denoVersion = "2.9.6";

export function deno(): Prepared {
  return prepared(`deno-${denoVersion}`, (folder) => pip(folder, `deno==${denoVersion}`));
}
