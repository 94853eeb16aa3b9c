// Who holds a port? Each platform tells in its own way, and may not tell everybody.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** In words: `node (process 4711)`. Nothing where the system does not say. */
export function whoHolds(port: number, platform: NodeJS.Platform = process.platform): string | undefined {
  try {
    if (platform === "linux") return linux(port);
    if (platform === "darwin") return fromLsof(ask("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"]));
    if (platform === "win32") return windows(port);
  } catch {
    // It is a courtesy; the error itself is told anyway.
  }
  return undefined;
}

function ask(command: string, args: string[]): string {
  return spawnSync(command, args, { encoding: "utf8", timeout: 3000, windowsHide: true }).stdout ?? "";
}

function linux(port: number): string | undefined {
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
      listeningInodes(readFileSync(table, "utf8"), port),
    ),
  );
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    let descriptors: string[];
    try {
      descriptors = readdirSync(`/proc/${pid}/fd`);
    } catch {
      continue; // another user's
    }
    for (const descriptor of descriptors) {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
        if (inode && inodes.has(inode))
          return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (process ${pid})`;
      } catch {
        // Closed meanwhile.
      }
    }
  }
  return "a program of another user";
}

/** Inodes of the sockets that listen on a port, from a table like `/proc/net/tcp` (proc(5)). */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return local?.endsWith(`:${wanted}`) && state === "0A" && inode ? [inode] : [];
  });
}

/** From `lsof -Fpc`: a line `p4711`, then `cnode`. */
export function fromLsof(output: string): string | undefined {
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  const command = /^c(.+)$/m.exec(output)?.[1];
  return pid ? `${command ?? "a program"} (process ${pid})` : undefined;
}

function windows(port: number): string | undefined {
  const pid = fromNetstat(ask("netstat", ["-ano", "-p", "TCP"]), port);
  if (!pid) return undefined;
  const name = /^"([^"]+)"/.exec(ask("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"]))?.[1];
  return `${name ?? "a program"} (process ${pid})`;
}

/** From `netstat -ano`: the last column of the line that listens. The words are translated, the zero port is not. */
export function fromNetstat(output: string, port: number): string | undefined {
  for (const line of output.split("\n")) {
    const [protocol, local, remote, , pid] = line.trim().split(/\s+/);
    if (protocol === "TCP" && local?.endsWith(`:${port}`) && /:0$/.test(remote ?? "")) return pid;
  }
  return undefined;
}
