// What is measured, in words and with its unit. Less is better, but for the three where an interrupt does what it should.

export const FIGURES = {
  start: "start → kernel_info, ms",
  firstCell: "start → first typed cell, ms",
  memory: "memory at start, MB",
  median: "`x + 1`, median of 200, ms",
  p99: "`x + 1`, p99, ms",
  burst: "50 cells sent at once, ms each",
  networking10: "networking cell, 10th, ms",
  networking100: "networking cell, 100th, ms",
  networking300: "networking cell, 300th, ms",
  networking1000: "networking cell, 1000th, ms",
  declare100: "declaring cell, 100th, ms",
  declare1000: "declaring cell, 1000th, ms",
  memoryAfter: "memory after 1,000 declarations, MB",
  completeName: "complete a name at 500 cells, ms",
  completeMember: "complete a socket's member at 500 cells, ms",
  inspect: "inspect a function at 500 cells, ms",
  lines: "100,000 printed lines, ms to the reply",
  linesLost: "lines lost of 100,000",
  linesLate: "`idle` missing, or before the last line (1: yes)",
  linesMemory: "memory after printing, MB more than after 200 cells",
  idleHeartbeatP50: "heartbeat while nothing happens, p50, ms",
  idleHeartbeatP99: "heartbeat while nothing happens, p99, ms",
  idleHeartbeatMax: "heartbeat while nothing happens, longest, ms",
  idleControlP50: "control while nothing happens, p50, ms",
  idleControlP99: "control while nothing happens, p99, ms",
  idleControlMax: "control while nothing happens, longest, ms",
  loopHeartbeatP50: "heartbeat while a cell loops, p50, ms",
  loopHeartbeatP99: "heartbeat while a cell loops, p99, ms",
  loopHeartbeatMax: "heartbeat while a cell loops, longest, ms",
  loopControlP50: "control while a cell loops, p50, ms",
  loopControlP99: "control while a cell loops, p99, ms",
  loopControlMax: "control while a cell loops, longest, ms",
  checkingHeartbeatP50: "heartbeat while heavy types are checked, p50, ms",
  checkingHeartbeatP99: "heartbeat while heavy types are checked, p99, ms",
  checkingHeartbeatMax: "heartbeat while heavy types are checked, longest, ms",
  checkingControlP50: "control while heavy types are checked, p50, ms",
  checkingControlP99: "control while heavy types are checked, p99, ms",
  checkingControlMax: "control while heavy types are checked, longest, ms",
  interruptLoop: "interrupt ends an endless loop within 2 s, variables kept (1: yes)",
  interruptLoopMs: "interrupt of an endless loop → reply, ms",
  interruptAwait: "interrupt ends a pending await within 2 s, variables kept (1: yes)",
  interruptAwaitMs: "interrupt of a pending await → reply, ms",
  interruptLoopAfterAwait: "interrupt ends a loop after an await within 2 s, variables kept (1: yes)",
  interruptLoopAfterAwaitMs: "interrupt of a loop after an await → reply, ms",
} as const;

export type Figure = keyof typeof FIGURES;

/** Is it one that is 1 or 0? */
export function isYesOrNo(figure: Figure): boolean {
  return FIGURES[figure].endsWith("(1: yes)");
}

/** One kernel's figures of one round; a missing one was not to be had. */
export type Figures = Partial<Record<Figure, number>>;

/** What a part of a round gives: figures, and why others do not count. */
export interface Measured {
  figures: Figures;
  /** Every single time, in milliseconds, for whoever wants to look. */
  times?: Record<string, number[]>;
  notes?: string[];
}

/** Values below and above which so much of them lies. */
export function quantile(values: number[], at: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))];
}

export function median(values: number[]): number | undefined {
  return quantile(values, 0.5);
}

/** A figure as people read it. */
export function shown(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "∞";
  return Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
