// Can network namespaces be made here?
import { spawnSync } from "node:child_process";

/** Why not; `undefined`: they can. */
export const noNamespaces: string | undefined = ((): string | undefined => {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const [program, ...args] = ["unshare", ...user, "--net", "--mount", "ip", "link"] as const;
  const tried = spawnSync(program, args, { encoding: "utf8" });
  return tried.status === 0 ? undefined : `no network namespaces: ${tried.stderr || tried.error}`;
})();
