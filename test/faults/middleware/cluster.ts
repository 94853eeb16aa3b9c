// A cluster of real processes: hosts and callers in their slots, doors in front of them, and a registry.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { dist, isAlive } from "../../places.js";
import type { Names } from "./caller.js";
import { type Call, now, readCalls } from "./calls.js";
import type { Weather } from "./door.js";
import { apart, type Ground, loopback } from "./ground.js";
import { JUMP_MS } from "./jumps.js";
import type { MemberOptions } from "./member.js";
import { makePrograms, Program } from "./programs.js";
import { embedded, nats, type Registry } from "./registry.js";

export interface ClusterOptions {
  engine: "embedded" | "nats";
  /** The Node that all of it runs on. */
  node: string;
  seed: number;
  hosts: number;
  callers: number;
}

export interface Slot {
  readonly number: number;
  readonly isHost: boolean;
  program: Program | undefined;
  /** It stands still. */
  isStopped: boolean;
}

/** Milliseconds after which others take over what a node has. */
export const LEASE_MS = 1000;
/** Milliseconds until a node is up; it may find no registry for a while. */
const UP_MS = 30_000;

export class Cluster {
  readonly #options: ClusterOptions;
  readonly folder: string = mkdtempSync(join(tmpdir(), "wirebook-faults-"));
  readonly slots: Slot[];
  readonly ground: Ground;
  registry!: Registry;
  /** What callers call now. */
  names: Names = { counters: [], registers: [], ledgers: [] };
  /** Of wall clocks, in all processes together. */
  jumps = 0;
  /** What should not have happened. */
  readonly complaints: string[] = [];
  #gate!: Program;
  readonly #files: { caller: string; file: string }[] = [];
  readonly #pids: number[] = [];
  #generation = 0;
  #isOver = false;

  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    try {
      await cluster.#begin();
    } catch (error) {
      await cluster.end();
      throw error;
    }
    return cluster;
  }

  private constructor(options: ClusterOptions) {
    this.#options = options;
    const { hosts, callers, engine } = options;
    this.slots = Array.from({ length: hosts + callers }, (_, at) => ({
      ...{ number: at + 1, isHost: at < hosts, program: undefined, isStopped: false },
    }));
    // The embedded registry is on one machine.
    this.ground = engine === "embedded" ? loopback() : apart(this.slots.length);
  }

  async #begin(): Promise<void> {
    const { engine, node, seed } = this.#options;
    await makePrograms(this.folder, ["gate", "member", "skew"]);
    this.#gate = new Program({
      ...{
        command: [...this.ground.by(0), node],
        file: join(this.folder, "gate.mjs"),
        argument: String(seed),
      },
    });
    const { folder, ground } = this;
    const { length: slots } = this.slots;
    const isWeb = engine === "embedded";
    const open = async (to: { host: string; port: number }): Promise<void> => {
      for (const { number } of this.slots) {
        const at = { host: ground.registryDoor(number), port: to.port };
        await this.#gate.ask("open", { name: `registry ${number}`, at, to, isWeb }).catch((error) => {
          if (!this.#isOver) throw error;
        });
      }
    };
    this.registry = await (isWeb ? embedded : nats)({ folder, slots, ground, open });
    mkdirSync(join(folder, "calls"));
    for (const slot of this.slots) await this.start(slot);
  }

  get hosts(): Slot[] {
    return this.slots.filter(({ isHost, program }) => isHost && program);
  }

  get callers(): Slot[] {
    return this.slots.filter(({ isHost, program }) => !isHost && program);
  }

  /** Starts a process where there is none, however often that takes. */
  async start(slot: Slot): Promise<void> {
    for (let tries = 1; !this.#isOver; tries++) {
      try {
        return await this.#start(slot);
      } catch (error) {
        if (tries === 5) throw error;
      }
    }
  }

  async #start(slot: Slot): Promise<void> {
    const { node, seed, engine } = this.#options;
    const { ground, folder } = this;
    const { number, isHost } = slot;
    const name = `${number}.${++this.#generation}`;
    const file = join(folder, "calls", name);
    // One of the hosts is called through NATS.
    const isHidden = engine === "nats" && number === 1;
    const argument: MemberOptions = {
      start: {
        ...{ ...this.registry.options(number), lease: LEASE_MS },
        ...(isHidden
          ? { address: "nats" }
          : { address: ground.address(number), announce: ground.door(number) }),
      },
      ...{ dist, name, file, seed: seed + this.#generation },
    };
    const program = new Program({
      command: [...ground.by(number), node],
      file: join(folder, "member.mjs"),
      argument: JSON.stringify(argument),
      env: {
        NODE_OPTIONS: `--import=${pathToFileURL(join(folder, "skew.mjs"))}`,
        WIREBOOK_SKEW: String(argument.seed),
      },
    });
    const began = now();
    program.process.once("exit", () => {
      this.jumps += Math.floor(now() / JUMP_MS) - Math.floor(began / JUMP_MS);
      if (program.hasFailed) this.complaints.push(`a process has ended by itself: ${program.complaints}`);
    });
    if (program.process.pid !== undefined) this.#pids.push(program.process.pid);
    try {
      await program.up(UP_MS);
      const { hostname, port, protocol } = new URL(await program.ask<string>("where"));
      const door = { name: `node ${number}`, isWeb: true };
      if (protocol !== "nats:")
        await this.#gate.ask("open", {
          ...{ ...door, at: { host: hostname, port: Number(port) } },
          to: { host: ground.address(number), port: Number(port) },
        });
      if (isHost) await program.ask("host");
      else {
        this.#files.push({ caller: name, file });
        if (this.names.ledgers.length > 0) await program.ask("call", this.names);
      }
      slot.program = program;
      slot.isStopped = false;
    } catch (error) {
      await program.kill();
      throw error;
    }
  }

  /** Kills what is there. @param options.isSilent nobody is told: its door stays open to nobody */
  async kill(slot: Slot, { isSilent = false }: { isSilent?: boolean } = {}): Promise<void> {
    const { program } = slot;
    slot.program = undefined;
    await program?.kill();
    if (!isSilent) await this.#gate.ask("close", `node ${slot.number}`);
  }

  /** @param side the door of the node itself, or its own to the registry */
  async weather(slot: Slot, side: "node" | "registry", weather: Partial<Weather>): Promise<void> {
    await this.#gate.ask("weather", { name: `${side} ${slot.number}`, ...weather });
  }

  async cut(slot: Slot, side: "node" | "registry"): Promise<void> {
    await this.#gate.ask("cut", `${side} ${slot.number}`);
  }

  /** Which slot's process keeps the registry, or which other process. */
  keeper(): Slot | { pid: number } | undefined {
    const pids = this.slots.flatMap(({ program }) => program?.process.pid ?? []);
    const pid = this.registry.keeper(pids);
    if (pid === undefined) return undefined;
    return this.slots.find(({ program }) => program?.process.pid === pid) ?? { pid };
  }

  /** All that callers have written down. */
  calls(): Call[] {
    return this.#files.flatMap(({ file, caller }) => readCalls(file, caller));
  }

  /** Ends everything. @returns what it left behind, in words */
  async end(): Promise<string[]> {
    const left: string[] = [];
    this.#isOver = true;
    await Promise.all(
      this.slots.map(async ({ program, number }) => {
        if (!program) return;
        const why = await program
          .ask("end", undefined, 20_000)
          .then(async () => ((await program.ended(10_000)) ? undefined : "it goes on"), String);
        if (why !== undefined)
          left.push(`the process of slot ${number}, closed: ${why}; ${program.complaints}`);
        await program.kill();
      }),
    );
    const count = async (): Promise<number> => (await this.#gate?.ask<number>("count").catch(() => 0)) ?? 0;
    let open = await count();
    // Their ends are on their way.
    for (let tries = 0; open > 0 && tries < 100; tries++) {
      await sleep(50);
      open = await count();
    }
    if (open > 0) left.push(`${open} sockets at the doors`);
    await this.#gate?.ask("end").catch(() => {});
    await this.#gate?.kill();
    await this.registry?.[Symbol.asyncDispose]();
    this.ground[Symbol.dispose]();
    const alive = this.#pids.filter(isAlive);
    if (alive.length > 0) left.push(`processes ${alive.join(", ")}`);
    rmSync(this.folder, { recursive: true, force: true });
    return left;
  }
}
