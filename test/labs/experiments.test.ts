// Section 7's experiments with designs that are wrong, each in its own way, as students' first tries are.
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type * as Experiments from "../../kernel-helpers/middleware/experiments/index.js";
import { startKernelProcess } from "../kernel/kernel.js";
import { dist, isOpen } from "../places.js";

const { experiments, ours, plain }: typeof Experiments = await import(
  join(dist, "helpers", "middleware", "experiments", "index.js")
);
type Design = Experiments.Design;

/** Plain WebSockets, changed. */
const changed = (change: (base: Design) => Partial<Design>) => (): Design => {
  const base = plain();
  return { ...base, ...change(base) };
};

async function one(kind: Experiments.Kind, design: () => Design): Promise<Experiments.Finding> {
  const [found] = (await experiments({ design }, { only: [kind] })).findings;
  return found as Experiments.Finding;
}

const listening = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;

afterEach(async () => {
  await expect.poll(listening, { timeout: 3000 }).toBe(0);
});

test("a design that always fails, with whatever it throws, is told so in each row", async () => {
  const wrongs: Record<string, [() => unknown, RegExp]> = {
    fails: [
      () => Promise.reject(new TypeError("map is undefined")),
      /^startHost\(\): TypeError: map is undefined\.$/,
    ],
    "throws a text": [
      () => {
        throw "no";
      },
      /^startHost\(\): something that is no Error was thrown: no\.$/,
    ],
    "gives nothing": [
      () => undefined,
      /^startHost\(\) gave no host: it needs offer\(name, make\) and stop\(\)\.$/,
    ],
    hangs: [() => new Promise(() => {}), /^startHost\(\) came to no end within 4 s\.$/],
  };
  const designs = Object.fromEntries(
    Object.entries(wrongs).map(([name, [startHost]]) => [
      name,
      changed(() => ({ startHost }) as Partial<Design>),
    ]),
  );
  const results = await experiments(designs, { only: ["access", "failure", "transaction"] });
  for (const [name, [, evidence]] of Object.entries(wrongs)) {
    expect(results.count(name)).toEqual({ offered: 0, partly: 0, not: 3 });
    for (const kind of Object.keys(results.kinds)) expect(results.of(kind, name)?.evidence).toMatch(evidence);
  }
});

test("calls that nobody answers are given up, and the row says which", async () => {
  const silent = changed(() => ({ connect: async () => () => new Promise(() => {}) }));
  const [concurrency, migration] = await Promise.all([one("concurrency", silent), one("migration", silent)]);
  expect(concurrency).toMatchObject({ verdict: "not", evidence: 'call("add") came to no end within 2 s.' });
  expect(migration).toMatchObject({ verdict: "not", evidence: 'call("add") came to no end within 2 s.' });
});

test("whoever answers for another object is not taken for it", async () => {
  const astray = changed(({ connect: to, startHost }) => {
    let first: string | undefined;
    return {
      async startHost() {
        const host = await startHost();
        first ??= host.address;
        return { ...host, offer: (name, make) => host.offer(name === "cheese" ? "apple" : name, make) };
      },
      connect: (name) => to(name === "cheese" ? "apple" : name, first),
    };
  });
  const found = await one("location", astray);
  expect(found).toMatchObject({ verdict: "not", evidence: expect.stringContaining("“cheese answered”") });
});

test("trying again without a key is answered, and told to do the work twice", async () => {
  const again = changed(({ connect: to }) => ({
    connect:
      async (name, address) =>
      async (method, ...args) => {
        for (let tries = 0; ; tries++) {
          try {
            return await (await to(name, address))(method, ...args);
          } catch (error) {
            if (tries === 3) throw error;
          }
        }
      },
  }));
  const found = await one("failure", again);
  expect(found).toMatchObject({
    verdict: "partly",
    evidence: expect.stringContaining("10 times: all answered, but the work done twice 10 times."),
  });
  expect(found.checks.map(({ held }) => held)).toEqual([true, true, false, false]);
});

test("a design that does without connections does not count", async () => {
  const objects = new Map<string, Experiments.Service>();
  const here = (): Design => ({
    startHost: () => ({ offer: (name, make) => void objects.set(name, make()), stop() {} }),
    connect:
      (name) =>
      async (method, ...args) =>
        objects.get(name)?.[method]?.(...args),
  });
  expect(await one("location", here)).toMatchObject({
    verdict: "not",
    evidence: expect.stringContaining("Nothing went over a connection"),
  });
});

test("transactions: all or none is offered, one after another is not", async () => {
  const calls =
    (undo: boolean) =>
    ({ connect: to }: Design): Partial<Design> => ({
      async transaction(steps) {
        const done: Experiments.Step[] = [];
        const make = async ({ name, method, args, address }: Experiments.Step): Promise<unknown> =>
          await (await to(name, address))(method, ...args);
        try {
          const results = [];
          for (const step of steps) {
            results.push(await make(step));
            done.push(step);
          }
          return results;
        } catch (error) {
          if (undo) for (const { args, ...step } of done) await make({ ...step, args: [-Number(args[0])] });
          throw error;
        }
      },
    });
  expect(await one("transaction", changed(calls(true)))).toMatchObject({ verdict: "offered" });
  expect(await one("transaction", changed(calls(false)))).toMatchObject({ verdict: "partly" });
});

test("what a design leaves open is told, and closed", async () => {
  let address = "";
  const careless = changed(({ startHost }) => ({
    async startHost() {
      const host = await startHost();
      address = host.address ?? "";
      return { ...host, stop() {} };
    },
  }));
  const found = await one("access", careless);
  expect(found.troubles).toEqual([
    expect.stringMatching(/^1 socket still listened after stop\(\) and close\(\)/),
  ]);
  expect(await isOpen(Number(new URL(address).port))).toBe(false);
});

test("connections of others are not cut, and nothing of theirs is closed", async () => {
  const { address, stop } = await plain().startHost();
  const other = connect(Number(new URL(address ?? "").port), "127.0.0.1");
  await new Promise((resolve) => other.once("connect", resolve));
  await one("failure", plain);
  expect(other.readyState).toBe("open");
  other.destroy();
  await stop();
});

test("each switch of wirebook/middleware is seen in the row of its name", { timeout: 60_000 }, async () => {
  const switches = ["location", "relocation", "persistence", "concurrency"] as const;
  for (const name of switches) {
    const without = await one(name, () => ours({ without: [name] }));
    expect(without.verdict, `${name}: ${without.evidence}`).not.toBe("offered");
  }
});

test("the text of a page is escaped, whatever a design says", async () => {
  const rude = changed(() => ({
    connect: () => {
      throw new Error("<script>alert(1)</script>");
    },
  }));
  const results = await experiments({ "<b>rude</b>": rude }, { only: ["access"] });
  const html = String(results.bundle()["text/html"]);
  expect(html).toContain("&#60;script&#62;");
  expect(html).not.toMatch(/<script|<b>rude/);
  expect(String(results)).toContain("<script>alert(1)</script>");
});

test("interrupted in a notebook, they leave nothing open", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(`import { experiments, ours, plain } from 'wirebook/middleware/experiments';
const silent = () => ({ ...ours(), connect: async () => () => new Promise<never>(() => {}) });`);
  const running = client.execute("await experiments({ plain, silent }, { only: ['access', 'scaling'] })");
  const open = async (): Promise<string> => {
    const { iopub } = await client.execute(
      "process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length",
    );
    return iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"];
  };
  await expect
    .poll(() => client.received.some(({ type }) => type === "update_display_data"), { timeout: 15_000 })
    .toBe(true);
  await client.request("interrupt_request", {}, { channel: "control" });
  expect((await running).reply.content.status).toBe("error");
  await expect.poll(open, { timeout: 15_000, interval: 200 }).toBe("0");
});
