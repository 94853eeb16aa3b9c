// Computers, a network and disks in one process and in a time of their own. All chance comes from one seed, so whatever happened happens again.
import { setImmediate as turn } from "node:timers/promises";
import { Refused } from "../../../kernel-helpers/middleware/errors.js";
import type { Listening, Pipe, Where, World } from "../../../kernel-helpers/middleware/flow.js";
import type { Change, Journal } from "../../../kernel-helpers/middleware/store/server.js";
import { dice } from "../../../kernel-helpers/trace/faults-options.js";

export interface Network {
  /** Milliseconds that a message takes, the least and the most. */
  latency: [least: number, most: number];
  /** A share of messages comes twice. */
  twice: number;
}

interface Event {
  at: number;
  order: number;
  run: () => void;
}

/** A binary heap, the next event first. */
class Agenda {
  readonly #heap: Event[] = [];

  get size(): number {
    return this.#heap.length;
  }

  add(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent] as Event, event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  next(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (isBefore(last, heap[child] as Event)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class Simulation {
  readonly random: () => number;
  readonly network: Network;
  readonly computers: Computer[] = [];
  now = 0;
  /** Messages that have arrived, and events in all. */
  messages = 0;
  events = 0;
  readonly #agenda = new Agenda();
  /** After more events something goes round in circles. */
  readonly #most: number;
  #order = 0;
  readonly #doors = new Map<Where, { computer: Computer; accept: (pipe: Pipe) => void }>();
  readonly #cuts = new Set<string>();
  #ids = 0;
  /** What went wrong outside all calls. */
  readonly failures: unknown[] = [];

  constructor(seed: number, { most = 1_000_000, ...network }: Partial<Network> & { most?: number } = {}) {
    this.random = dice(seed);
    this.#most = most;
    this.network = { latency: [0.2, 2], twice: 0.02, ...network };
  }

  at(time: number, run: () => void): () => void {
    const event: Event = { at: time, order: ++this.#order, run };
    this.#agenda.add(event);
    return () => {
      event.run = () => {};
    };
  }

  after(ms: number, run: () => void): () => void {
    return this.at(this.now + ms, run);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  id(): string {
    return `i${++this.#ids}`;
  }

  /** Goes on until `work` is done. @throws where that takes longer than so many milliseconds of the simulation's */
  async run<T>(work: Promise<T>, limit: number = 600_000): Promise<T> {
    const until = this.now + limit;
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    work.then(done, done);
    for (;;) {
      // Promises come to rest before time goes on.
      await turn();
      if (isDone) return await work;
      const event = this.#agenda.next();
      if (!event) throw new Error("nothing will ever happen again, and the work is not done");
      if (event.at > until) throw new Error(`not done after ${limit} ms`);
      if (this.events > this.#most) throw new Error(`not done after ${this.#most} events`);
      this.now = Math.max(this.now, event.at);
      this.events++;
      event.run();
    }
  }

  computer(): Computer {
    const made = new Computer(this, this.computers.length);
    this.computers.push(made);
    return made;
  }

  // --- the network

  open(where: Where, computer: Computer, accept: (pipe: Pipe) => void): void {
    this.#doors.set(where, { computer, accept });
  }

  shut(where: Where): void {
    this.#doors.delete(where);
  }

  /** No message passes between the two any more; neither hears of it. */
  cut(one: Computer, other: Computer): void {
    this.#cuts.add(pairOf(one, other));
  }

  mend(one: Computer, other: Computer): void {
    this.#cuts.delete(pairOf(one, other));
  }

  mendAll(): void {
    this.#cuts.clear();
  }

  isCut(one: Computer, other: Computer): boolean {
    return this.#cuts.has(pairOf(one, other));
  }

  latency(): number {
    const [least, most] = this.network.latency;
    return least + this.random() * (most - least);
  }

  /** @throws Refused */
  async dial(from: Computer, where: Where): Promise<Pipe> {
    await this.sleep(this.latency());
    const door = this.#doors.get(where);
    if (!door || door.computer.isDown) {
      const host = this.computers.find(({ wheres }) => wheres.has(where));
      if (host && this.isCut(from, host)) return await this.#nothing();
      await this.sleep(this.latency());
      throw new Refused(`nobody listens at ${where}`);
    }
    if (this.isCut(from, door.computer)) return await this.#nothing();
    const [here, there] = wire(this, from, door.computer);
    door.computer.later(0, () => door.accept(there));
    await this.sleep(this.latency());
    return here;
  }

  async #nothing(): Promise<never> {
    await this.sleep(3000);
    throw new Error("no answer");
  }
}

const pairOf = (one: Computer, other: Computer): string =>
  [one.number, other.number].sort((a, b) => a - b).join("-");

/** The two ends of a connection. */
function wire(simulation: Simulation, one: Computer, other: Computer): [End, End] {
  const [here, there] = [new End(simulation, one), new End(simulation, other)];
  here.twin = there;
  there.twin = here;
  one.ends.add(here);
  other.ends.add(there);
  return [here, there];
}

class End implements Pipe {
  onMessage: (text: string) => void = () => {};
  onClose: () => void = () => {};
  twin!: End;
  readonly computer: Computer;
  readonly #simulation: Simulation;
  #isClosed = false;
  /** Nothing arrives before what was sent before it. */
  #lastAt = 0;

  constructor(simulation: Simulation, computer: Computer) {
    this.#simulation = simulation;
    this.computer = computer;
  }

  send(text: string): void {
    if (this.#isClosed || this.computer.isDown) return;
    const times = this.#simulation.random() < this.#simulation.network.twice ? 2 : 1;
    for (let time = 0; time < times; time++)
      this.#deliver(() => {
        this.#simulation.messages++;
        this.twin.#hear(text);
      });
  }

  #deliver(run: () => void): void {
    const { now } = this.#simulation;
    this.#lastAt = Math.max(this.#lastAt, now + this.#simulation.latency());
    this.#simulation.at(this.#lastAt, () => {
      // TCP sends again until there is a way.
      if (this.#simulation.isCut(this.computer, this.twin.computer))
        this.#simulation.after(50, () => this.#retry(run));
      else run();
    });
  }

  #retry(run: () => void): void {
    if (this.#isClosed && this.twin.#isClosed) return;
    if (this.#simulation.isCut(this.computer, this.twin.computer))
      this.#simulation.after(50, () => this.#retry(run));
    else run();
  }

  #hear(text: string): void {
    this.computer.later(0, () => {
      if (!this.#isClosed) this.onMessage(text);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#end();
    this.#deliver(() => this.twin.computer.later(0, () => this.twin.#end()));
  }

  /** The connection breaks for both, and what was under way is lost. */
  breakOff(): void {
    for (const end of [this, this.twin]) end.computer.later(0, () => end.#end());
  }

  /** Its computer is gone: the other side hears of it. */
  die(): void {
    this.#isClosed = true;
    this.#deliver(() => this.twin.computer.later(0, () => this.twin.#end()));
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.computer.ends.delete(this);
    this.onClose();
  }
}

/** A process on a computer of its own: it can stand still, and die. */
export class Computer implements World {
  readonly number: number;
  readonly ends: Set<End> = new Set();
  readonly wheres: Set<Where> = new Set();
  readonly #simulation: Simulation;
  #isDown = false;
  #isStill = false;
  /** What would have happened while it stood still. */
  #missed: (() => void)[] = [];

  constructor(simulation: Simulation, number: number) {
    this.#simulation = simulation;
    this.number = number;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  now(): number {
    return this.#simulation.now;
  }

  random(): number {
    return this.#simulation.random();
  }

  id(): string {
    return this.#simulation.id();
  }

  after(ms: number, work: () => void): () => void {
    return this.later(ms, work);
  }

  later(ms: number, work: () => void): () => void {
    return this.#simulation.after(ms, () => {
      if (this.#isDown) return;
      if (this.#isStill) this.#missed.push(work);
      else work();
    });
  }

  async listen(accept: (pipe: Pipe) => void): Promise<Listening> {
    const where = `sim://${this.number}/${this.#simulation.id()}`;
    this.wheres.add(where);
    this.#simulation.open(where, this, accept);
    return {
      where,
      close: async () => {
        this.#simulation.shut(where);
      },
    };
  }

  dial(where: Where): Promise<Pipe> {
    return new Promise((resolve, reject) => {
      // What comes back comes to a computer that may stand still, or be gone.
      this.#simulation.dial(this, where).then(
        (pipe) => this.later(0, () => resolve(pipe)),
        (error: unknown) => this.later(0, () => reject(error)),
      );
    });
  }

  /** Stands still (SIGSTOP): its connections stay open, and nothing happens. */
  stop(): void {
    this.#isStill = true;
  }

  /** Goes on (SIGCONT): everything that was due happens at once. */
  go(): void {
    this.#isStill = false;
    for (const work of this.#missed.splice(0)) this.later(0, work);
  }

  /** Ends without a word (SIGKILL). What it believed is gone; its system closes its connections. */
  kill(): void {
    this.#isDown = true;
    for (const where of this.wheres) this.#simulation.shut(where);
    for (const end of [...this.ends]) end.die();
    this.ends.clear();
  }

  /** Some of its connections break. */
  breakSome(share: number): void {
    for (const end of [...this.ends]) if (this.#simulation.random() < share) end.breakOff();
  }
}

/** A disk that survives the process which writes it; a commit takes some time. */
export class Disk {
  readonly changes: Change[] = [];
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  journal(computer: Computer): Journal {
    return {
      load: () => {
        const last = new Map<string, Change>();
        for (const change of this.changes) last.set(change.key, change);
        return [...last.values()];
      },
      commit: async (changes) => {
        await new Promise<void>((resolve) => computer.later(0.3 + this.#simulation.random(), resolve));
        this.changes.push(...changes);
      },
      close: () => {},
    };
  }
}
