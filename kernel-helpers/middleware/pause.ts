import type { World } from "./flow.js";

/** Some milliseconds of a world's time. */
export function pause(world: World, ms: number): Promise<void> {
  return new Promise((resolve) => world.after(ms, resolve));
}
