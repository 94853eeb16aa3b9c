// What a sandbox is asked for. Types only.

/** A program that is about to be started. */
export interface Launch {
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The user it is started as; left out: whoever starts it. */
  uid?: number;
}

/** What a submission may use. */
export interface Limits {
  /** Megabytes of all its processes together. */
  memory: number;
  processes: number;
  /** Megabytes of each of its two places for files. */
  disk: number;
  /** Seconds of processor time for each process. */
  cpu: number;
  /** Open files of each process. */
  files: number;
}

export interface Watch {
  /** What it was ended for, in words. */
  breach(): string | undefined;
  stop(): void;
}

/** Walls around an engine. The supervisor and the checker stay outside. */
export interface Sandbox {
  /**
   * The same program within.
   * @param door the folder of the socket on which the engine is awaited
   */
  enclose(launch: Launch, door: string): Launch;
  /** Ends what uses more than it may. @param pid of what was launched */
  watch(pid: number): Watch;
  /**
   * What a program is started with, to be in the same network.
   * @throws where there is none any more
   */
  intoNetwork(pid: number): string[];
}
