// Keeps an engine alive: starts it, starts the next when it dies, gives up when it dies again and again.

import { randomInt } from "node:crypto";
import type { Command, Event } from "../flow.js";
import type { Engine } from "./needs.js";

/** The engine process as seen from here. */
export interface EngineProcess {
  send(command: Command): void;
  pause(): void;
  resume(): void;
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

export interface KeeperOptions {
  start(handlers: { onEvent(event: Event): void; onExit(exit: { reason: string }): void }): EngineProcess;
  /** Any event but the answers to `ask`. */
  onEvent(event: Event): void;
  /** The engine died. The next one has been started already, unless `givenUp`. */
  onDeath(reason: string, givenUp: boolean): void;
}

/** The engine that never goes away. */
export interface Keeper extends Engine {
  pause(): void;
  resume(): void;
  /** Ends the engine for good. */
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

/** So many deaths … */
const maxDeaths = 3;
/** … within so many milliseconds, and it is not started again. */
const deathsWindow = 10_000;

/** Starts an engine and keeps it. */
export function keepEngine({ start, onEvent, onDeath }: KeeperOptions): Keeper {
  const asked = new Map<number, (value: unknown) => void>();
  let deaths: number[] = [];
  let paused = false;
  let stopping = false;
  let engine: EngineProcess | undefined;

  const launch = (): void => {
    const mine = start({
      onEvent(event) {
        if (event.type !== "reply") return onEvent(event);
        asked.get(event.id)?.(event.value);
      },
      onExit({ reason }) {
        if (engine !== mine) return;
        engine = undefined;
        for (const settle of asked.values()) settle(undefined);
        if (stopping) return;
        const now = performance.now();
        deaths = [...deaths.filter((at) => now - at < deathsWindow), now];
        const givenUp = deaths.length >= maxDeaths;
        if (!givenUp) launch();
        onDeath(reason, givenUp);
      },
    });
    engine = mine;
    if (paused) mine.pause();
  };
  launch();

  return {
    send(command) {
      engine?.send(command);
      return engine !== undefined;
    },
    ask(command, deadline) {
      // A cell that writes to the engine's socket cannot answer for it: it does not know what was asked.
      const id = randomInt(2 ** 47);
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(undefined), deadline);
        const settle = (value: unknown): void => {
          clearTimeout(timer);
          asked.delete(id);
          resolve(value);
        };
        asked.set(id, settle);
        if (engine) engine.send(command(id));
        else settle(undefined);
      });
    },
    pause() {
      paused = true;
      engine?.pause();
    },
    resume() {
      paused = false;
      engine?.resume();
    },
    async stop(graceMs) {
      stopping = true;
      await engine?.stop(graceMs);
    },
    kill() {
      stopping = true;
      engine?.kill();
    },
  };
}
