// Can network namespaces be made here, and who is in one?
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { isAlive } from "../../places.js";

/** Why not; `undefined`: they can. */
export const noNamespaces: string | undefined = ((): string | undefined => {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const [program, ...args] = ["unshare", ...user, "--net", "--mount", "ip", "link"] as const;
  const tried = spawnSync(program, args, { encoding: "utf8" });
  return tried.status === 0 ? undefined : `no network namespaces: ${tried.stderr || tried.error}`;
})();

/** A network namespace that is looked into. Its number is soon another one's, unless somebody holds it. */
export class Namespace implements Disposable {
  readonly #name: string;
  readonly #held: number;

  /** @param name as /proc/self/ns/net says it within */
  constructor(name: string) {
    this.#name = name;
    this.#held = openSync(`/proc/${this.processes()[0]}/ns/net`, "r");
  }

  processes(): number[] {
    return readdirSync("/proc")
      .filter((pid) => /^\d+$/.test(pid))
      .map(Number)
      .filter((pid) => {
        try {
          return readlinkSync(`/proc/${pid}/ns/net`) === this.#name && isAlive(pid);
        } catch {
          return false;
        }
      });
  }

  [Symbol.dispose](): void {
    closeSync(this.#held);
  }
}
