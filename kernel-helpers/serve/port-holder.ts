// Who holds a port?
import { listeners } from "../host/listeners.js";

/** In words: `node (process 4711)`. Nothing where nobody holds it, or the system does not say. */
export function whoHolds(port: number, platform: NodeJS.Platform = process.platform): string | undefined {
  const here = listeners(platform)?.filter((one) => one.protocol === "tcp" && one.port === port) ?? [];
  const known = here.find(({ pid }) => pid !== undefined);
  if (known) return `${known.name ?? "a program"} (process ${known.pid})`;
  return here.length > 0 ? "a program of another user" : undefined;
}
