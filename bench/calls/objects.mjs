// What the benchmark's hosts offer.

/** Counts, and remembers which marks have been made. */
class Counter {
  #count = 0;
  #marks = Buffer.alloc(0);
  /** Marks that were made more than once. */
  #again = 0;

  /** The sum, and one more is counted. */
  sum(a, b) {
    this.#count++;
    return a + b;
  }

  count() {
    return this.#count;
  }

  /** Makes room for marks from 0 to below this. */
  expect(marks) {
    this.#marks = Buffer.alloc(Math.ceil(marks / 8));
  }

  mark(number) {
    const bit = 1 << (number % 8);
    const byte = number >> 3;
    if (this.#marks[byte] & bit) this.#again++;
    this.#marks[byte] |= bit;
  }

  marked() {
    return { marks: this.#marks.toString("base64"), again: this.#again };
  }

  /** The process that has it. */
  pid() {
    return process.pid;
  }

  dehydrate() {
    return { count: this.#count, ...this.marked() };
  }

  rehydrate({ count, marks, again }) {
    this.#count = count;
    this.#marks = Buffer.from(marks, "base64");
    this.#again = again;
  }
}

const adder = { add: (a, b) => a + b, pid: () => process.pid };

export async function offer(node) {
  const reads = { add: "reads", pid: "reads" };
  await node.export("adder/*", () => adder, { stateless: true, semantics: reads });
  const once = { sum: "exactly-once", mark: "exactly-once", expect: "exactly-once" };
  const semantics = { ...once, count: "reads", marked: "reads", pid: "reads" };
  await node.export("counter", () => new Counter(), { semantics });
}
