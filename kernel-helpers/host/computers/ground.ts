// What computers can stand on, and what each ground can do. The best that works here is taken.

export type Kind = "namespace" | "loopback" | "process";

/** The place of one computer. */
export interface Site {
  name: string;
  address: string;
  address6?: string;
  /** A command that runs another one there; empty: as it is. */
  enter: string[];
}

/** What to do to the way between computers. */
export interface Shape {
  /** Bits per second in each direction, as `tc` counts: 1_000_000 is 1 Mbit/s. */
  rate?: number;
  /** Milliseconds that everything takes longer, in each direction. */
  delay?: number;
  /** Milliseconds by which the delay varies, up and down. */
  jitter?: number;
  /** How much is lost, from 0 to 1. */
  loss?: number;
}

/** Which of a shape a ground makes itself, and by what. What is left out it cannot. */
export type Shaped = Partial<Record<keyof Shape, string>>;

export interface Ground {
  readonly kind: Kind;
  readonly sites: Site[];
  /** How the computers are made, in words. */
  readonly made: string;
  /** What is not possible here, and why, in sentences. */
  readonly limits: string[];
  /** Cables, where there are any. */
  readonly cables?: Cables;
  /** Is it still there? @throws NotPossible */
  check?(): void;
  close(): Promise<void>;
}

export interface Cables {
  /** Of these computers. */
  cut(names: string[]): Promise<void>;
  mend(names: string[]): Promise<void>;
  /** Replaces what was there. */
  shape(shape: Shape): Promise<Shaped>;
}

/** This machine cannot make such computers, or these computers have no such thing. The message says why. */
export class NotPossible extends Error {
  override readonly name: string = "NotPossible";
}
