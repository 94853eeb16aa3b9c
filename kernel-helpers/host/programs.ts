// Asking the system's own programs.
import { execFile } from "node:child_process";
import { host } from "../host-contract.js";
import { ours } from "../socket/ours.js";

/** What a program said. */
export interface Answer {
  stdout: string;
  /** Exit status; `null`: it was ended, or never started. */
  status: number | null;
  /** Why it could not be started: `ENOENT` where there is no such program. */
  code?: string;
}

/** Runs a program and waits for it, at most so many milliseconds. */
export type Ask = (command: [program: string, ...args: string[]], timeout: number) => Promise<Answer>;

/** On this machine. */
export const ask: Ask = ([program, ...args], timeout) =>
  new Promise((resolve, reject) => {
    const signal = host()?.signal();
    const options = {
      timeout,
      windowsHide: true,
      env: { ...process.env, LC_ALL: "C" },
      ...(signal && { signal }),
    };
    ours(() =>
      execFile(program, args, options, (error, stdout) => {
        if (signal?.aborted) reject(signal.reason);
        else if (typeof error?.code === "string") resolve({ stdout, status: null, code: error.code });
        else resolve({ stdout, status: error ? ((error.code as number | undefined) ?? null) : 0 });
      }),
    );
  });

/** Where the programs of this lab come from, which small systems leave out. */
const PACKAGES: Record<string, string> = {
  arp: "net-tools",
  ifconfig: "net-tools",
  ip: "iproute2",
  netstat: "net-tools",
  nc: "netcat-openbsd",
  ping: "iputils-ping",
  route: "net-tools",
  ss: "iproute2",
  tc: "iproute2",
  tcpdump: "tcpdump",
  telnet: "telnet",
  traceroute: "traceroute",
  tshark: "tshark",
};

/** A program that this needs is not installed. */
export class ProgramMissing extends Error {
  override readonly name: string = "ProgramMissing";

  constructor(program: string) {
    const found = Object.hasOwn(PACKAGES, program) ? PACKAGES[program] : undefined;
    super(
      `the program ${program} is not installed here${found ? `. On Debian and Ubuntu: sudo apt install ${found}; other systems have it under a similar name` : ""}`,
    );
  }
}
