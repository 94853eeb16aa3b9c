// Access transparency: what goes over the wire comes out as it went in, and what cannot travel is called where it is.
import { expect, test } from "vitest";
import { SessionLost, Uncertain } from "../../../kernel-helpers/middleware/errors.js";
import { byReference, context, knowError } from "../../../kernel-helpers/middleware/index.js";
import type { AtLeastOnce, Reads } from "../../../kernel-helpers/middleware/remote.js";
import { Cluster, type Member } from "./cluster.js";

interface Everything {
  echo(value: unknown): Reads<unknown>;
  fail(how: string): Reads<never>;
  each(items: number[], visit: (item: number) => Promise<number>): Promise<number[]>;
  count(to: number): AsyncIterable<number>;
  sum(numbers: AsyncIterable<number>): Promise<number>;
  box(): Promise<{ put(value: unknown): Promise<void>; get(): Promise<unknown> }>;
  same(callback: () => Promise<void>, again: () => Promise<void>): boolean;
  use(other: { echo(value: unknown): Promise<unknown> }): Promise<unknown>;
  slow(ms: number): AtLeastOnce<string>;
}

class OwnError extends Error {
  override name = "OwnError";
  code = "E42";
}

class Box {
  #value: unknown;
  put(value: unknown): void {
    this.#value = value;
  }
  get(): unknown {
    return this.#value;
  }
}

async function pair(): Promise<{ cluster: Cluster; server: Member; client: Member; ended: string[] }> {
  const cluster = new Cluster(1);
  const { simulation } = cluster;
  const ended: string[] = [];
  const make = async (): Promise<[Member, Member]> => {
    await cluster.openRegistry();
    const server = await cluster.join();
    await server.node.export<Everything>(
      "everything",
      () => ({
        echo: (value) => value,
        fail: (how) => {
          if (how === "own") throw new OwnError("of its own class");
          if (how === "value") throw "not an error";
          if (how === "unknown") throw new Uncertain("who knows", { target: "another", key: "a:1" });
          throw new RangeError("out of range", { cause: new TypeError("the reason") });
        },
        each: (items, visit) => Promise.all(items.map(visit)),
        count: (to) => numbers(to, () => ended.push("count")),
        sum: async (all) => {
          let sum = 0;
          for await (const one of all) sum += one;
          return sum;
        },
        box: async () => byReference(new Box()) as never,
        same: (one, other) => one === other,
        use: (other) => other.echo("from there"),
        slow: async (ms) => {
          const { signal } = context() as NonNullable<ReturnType<typeof context>>;
          signal.addEventListener("abort", () => ended.push("slow"));
          await server.computer.now();
          await new Promise<void>((resolve) => server.computer.after(ms, resolve));
          return "slept";
        },
      }),
      { semantics: { echo: "reads", fail: "reads", slow: "at-least-once" }, stateless: true, together: true },
    );
    return [server, await cluster.join()];
  };
  const [server, client] = await simulation.run(make());
  return { cluster, server, client, ended };
}

async function* numbers(to: number, ended: () => void): AsyncGenerator<number, void> {
  try {
    for (let n = 0; n < to; n++) yield n;
  } finally {
    ended();
  }
}

const cyclic: { self?: unknown; list: unknown[] } = { list: new Array(3) };
cyclic.self = cyclic;

test.each<[string, unknown]>([
  ["text of all planes", "a\u0000é日本😀\u2028\u2029\ud800"],
  ["numbers", [0, -0, 1.5, Number.MAX_VALUE, Number.MIN_VALUE, Number.NaN, Infinity, -Infinity]],
  ["nothing", [null, undefined, { a: undefined }]],
  ["big integers", 12345678901234567890n],
  ["dates and patterns", [new Date(0), /a+/gi]],
  ["maps and sets", new Map<unknown, unknown>([[{ a: 1 }, new Set([1, "1"])]])],
  ["bytes", [Buffer.from([0, 255]), new Uint16Array([1, 65535]), new ArrayBuffer(3)]],
  ["cycles and holes", cyclic],
  ["a key that is a trap", JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')],
  ["a million characters", "x".repeat(1_000_000)],
  ["an error", Object.assign(new RangeError("no"), { code: "E1" })],
])("values travel: %s", async (_, value) => {
  const { cluster, client } = await pair();
  const proxy = client.node.bind<Everything>("everything");
  const answer = await cluster.simulation.run(proxy.echo(value));
  if (value instanceof Error) {
    expect(answer).toBeInstanceOf(RangeError);
    expect(answer).toMatchObject({ message: "no", code: "E1" });
  } else expect(answer).toEqual(value);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("errors keep class, message, cause, code and the stack of where they were thrown", async () => {
  const { cluster, client } = await pair();
  const proxy = client.node.bind<Everything>("everything");
  const error = await cluster.simulation.run(
    proxy.fail("").then(
      () => undefined,
      (reason) => reason as RangeError,
    ),
  );
  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({ name: "RangeError", message: "out of range" });
  expect(error?.cause).toBeInstanceOf(TypeError);
  expect(error?.stack).toMatch(/RangeError: out of range\n.*access\.test\.ts[\s\S]*--- called from here ---/);
  const unknown = await cluster.simulation.run(proxy.fail("own").outcome());
  expect(unknown).toMatchObject({ ok: false, error: { name: "OwnError", code: "E42" } });
  expect(!unknown.ok && unknown.error instanceof OwnError).toBe(false);
  knowError(OwnError);
  const known = await cluster.simulation.run(proxy.fail("own").outcome());
  expect(!known.ok && known.error instanceof OwnError).toBe(true);
  await expect(cluster.simulation.run(proxy.fail("value"))).rejects.toBe("not an error");
  // That there can be asked for what it came to is seen here, too.
  const uncertain = await cluster.simulation.run(proxy.fail("unknown").outcome());
  expect(!uncertain.ok && uncertain.error instanceof Uncertain).toBe(true);
  expect(uncertain).toMatchObject({ error: { target: "another", key: "a:1" } });
});

test("what cannot travel is told by its place, before anything is sent", async () => {
  const { cluster, client } = await pair();
  const proxy = client.node.bind<Everything>("everything");
  await expect(cluster.simulation.run(proxy.echo({ list: [{ box: new Box() }] }))).rejects.toThrow(
    /list\[0\]\.box cannot be sent \(it is a Box\)\. Send its data, or byReference/,
  );
  await expect(cluster.simulation.run(proxy.echo(Symbol("s")))).rejects.toThrow(TypeError);
});

test("what happens to an argument after the call changes nothing of it", async () => {
  const { cluster, client } = await pair();
  const argument = { list: [1] };
  const call = client.node.bind<Everything>("everything").echo(argument);
  argument.list.push(2);
  expect(await cluster.simulation.run(call)).toEqual({ list: [1] });
});

test("callbacks are called back, and are the same whenever they come", async () => {
  const { cluster, client } = await pair();
  const proxy = client.node.bind<Everything>("everything");
  const seen: number[] = [];
  const visit = async (item: number): Promise<number> => {
    seen.push(item);
    return item * 2;
  };
  expect(await cluster.simulation.run(proxy.each([1, 2, 3], visit))).toEqual([2, 4, 6]);
  expect(seen).toEqual([1, 2, 3]);
  const one = async (): Promise<void> => {};
  expect(await cluster.simulation.run(proxy.same(one, one))).toBe(true);
  expect(await cluster.simulation.run(proxy.same(one, async () => {}))).toBe(false);
  const failing = async (): Promise<number> => {
    throw new RangeError("in the callback");
  };
  await expect(cluster.simulation.run(proxy.each([1], failing))).rejects.toThrow(RangeError);
});

test("streams flow both ways, and end where nobody wants more", async () => {
  const { cluster, client, ended } = await pair();
  const proxy = client.node.bind<Everything>("everything");
  const all = async (): Promise<number[]> => {
    const found: number[] = [];
    for await (const n of await proxy.count(100)) found.push(n);
    return found;
  };
  expect(await cluster.simulation.run(all())).toEqual(Array.from({ length: 100 }, (_, n) => n));
  expect(await cluster.simulation.run(proxy.sum(numbers(50, () => {})))).toBe(1225);
  const some = async (): Promise<void> => {
    for await (const n of await proxy.count(1_000_000)) if (n === 5) break;
    await cluster.simulation.sleep(100);
  };
  await cluster.simulation.run(some());
  expect(ended).toEqual(["count", "count"]);
});

test("an object by reference stays where it is, and a named one can be handed on", async () => {
  const { cluster, client } = await pair();
  const proxy = client.node.bind<Everything>("everything");
  const work = async (): Promise<unknown[]> => {
    const box = await proxy.box();
    await box.put({ a: 1 });
    return [await box.get(), await proxy.use(proxy), (await proxy.echo(box)) === box];
  };
  expect(await cluster.simulation.run(work())).toEqual([{ a: 1 }, "from there", true]);
});

test("what was lent is gone with the session, and says so", async () => {
  const { cluster, client, server } = await pair();
  const proxy = client.node.bind<Everything>("everything");
  const box = await cluster.simulation.run(proxy.box());
  server.computer.kill();
  await expect(cluster.simulation.run(box.get())).rejects.toThrow(SessionLost);
});

test("a call that nobody waits for any more is cancelled where it runs", async () => {
  const { cluster, client, ended } = await pair();
  const aborter = new AbortController();
  const proxy = client.node.bind<Everything>("everything", { signal: aborter.signal });
  const call = proxy.slow(10_000).outcome();
  cluster.simulation.after(500, () => aborter.abort(new Error("changed my mind")));
  const outcome = await cluster.simulation.run(call);
  expect(outcome).toMatchObject({ ok: false, error: { message: "changed my mind" } });
  await cluster.simulation.run(cluster.simulation.sleep(100));
  expect(ended).toEqual(["slow"]);
});

test("a deadline goes along: who is called knows how long its caller waits", async () => {
  const { cluster, client, ended } = await pair();
  const proxy = client.node.bind<Everything>("everything", { timeout: 300 });
  const began = cluster.simulation.now;
  await expect(cluster.simulation.run(proxy.slow(10_000))).rejects.toMatchObject({ name: "Uncertain" });
  expect(cluster.simulation.now - began).toBeLessThan(400);
  await cluster.simulation.run(cluster.simulation.sleep(100));
  expect(ended).toEqual(["slow"]);
});

test("what is no name is refused where it is bound, with what a name is", async () => {
  const { client } = await pair();
  for (const name of [undefined, "", 7])
    expect(() => client.node.bind(name as string)).toThrow("bind() takes the name of an object");
});
