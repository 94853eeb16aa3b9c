// What every engine promises to nodes.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  Conflict,
  MiddlewareError,
  SessionLost,
  Unreachable,
} from "../../../kernel-helpers/middleware/errors.js";
import type { Entry, Store } from "../../../kernel-helpers/middleware/flow.js";
import { type Engine, engines, type Place } from "./engines.js";

/** Waits until `look` gives what is wanted, for 10 seconds at most. */
async function until<T>(look: () => Promise<T> | T, isWanted: (found: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const found = await look();
    if (isWanted(found) || tries === 200) return found;
    await sleep(50);
  }
}

/** Writes a value, whoever has written before, and however often nobody can tell whether it was done. */
async function write(store: Store, key: string, value: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const entry = await store.get(key);
    if (entry?.value === value) return;
    try {
      await store.put(key, value, entry?.revision ?? 0);
    } catch (error) {
      if (!(error instanceof MiddlewareError)) throw error;
    }
  }
  throw new Error(`${key} cannot be written`);
}

const renewed = async (store: Store, lease: string): Promise<boolean | undefined> =>
  (await store.renew([lease]))[0];

const isGone = (entry: unknown): boolean => entry === undefined;

describe.each(engines.map((engine) => ({ engine, title: engine.title })))("$title", ({ engine }) => {
  const it = test.skipIf(engine.isMissing);

  it("what is put under a key is read with its revision, by others, too", async () => {
    const { one, other } = await two(engine);
    const revision = await one.put("folder/a", "first", 0);
    expect(await other.get("folder/a")).toEqual({ value: "first", revision });
    expect(await other.get("folder/b")).toBeUndefined();
    const next = await other.put("folder/a", "seçond ✓ \n", revision);
    expect(next).toBeGreaterThan(revision);
    expect(await one.get("folder/a")).toEqual({ value: "seçond ✓ \n", revision: next });
  });

  it("a folder is listed by whole keys, whatever their characters; what is deeper is not in it", async () => {
    const { one, other } = await two(engine);
    const names = ["plain", "a%2F*", "*", ">", "a.b", "", " ", "ü=3d", "x".repeat(3000)];
    for (const name of names) await one.put(`f.*/${name}`, name, 0);
    await one.put("f.*/deeper/key", "", 0);
    await one.put("f/other", "", 0);
    const found = await other.list("f.*/");
    expect([...found.keys()].sort()).toEqual(names.map((name) => `f.*/${name}`).sort());
    for (const name of names) {
      expect(found.get(`f.*/${name}`)?.value).toBe(name);
      expect(await other.get(`f.*/${name}`)).toEqual(found.get(`f.*/${name}`));
    }
    expect(await other.list("nothing/")).toEqual(new Map());
  });

  it("of a large folder as many are listed as are asked for, and others the next time", async () => {
    const { one } = await two(engine);
    for (let count = 0; count < 10; count++) await one.put(`folder/${count}`, "", 0);
    const seen = new Set<string>();
    for (let tries = 0; tries < 200 && seen.size < 10; tries++) {
      const some = await one.list("folder/", 3);
      expect(some.size).toBe(3);
      for (const key of some.keys()) seen.add(key);
    }
    expect(seen.size).toBe(10);
    expect((await one.list("folder/", 20)).size).toBe(10);
  });

  it("a key is changed only by who names its revision", async () => {
    const { one, other } = await two(engine);
    const first = await one.put("key", "1", 0);
    await expect(other.put("key", "other", 0)).rejects.toThrow(Conflict);
    const second = await one.put("key", "2", first);
    await expect(other.put("key", "other", first)).rejects.toThrow(Conflict);
    await expect(other.remove("key", first)).rejects.toThrow(Conflict);
    await expect(other.put("nothing", "other", first)).rejects.toThrow(Conflict);
    expect(await one.get("key")).toEqual({ value: "2", revision: second });
  });

  it("a key that was removed is not there, and comes back under a higher revision", async () => {
    const { one, other } = await two(engine);
    const first = await one.put("key", "1", 0);
    await one.remove("key", first);
    expect(await other.get("key")).toBeUndefined();
    expect(await other.list("")).toEqual(new Map());
    await expect(other.put("key", "late", first)).rejects.toThrow(Conflict);
    // It is not there: that is what was wanted.
    await other.remove("key", first);
    expect(await other.put("key", "2", 0)).toBeGreaterThan(first);
    expect((await one.get("key"))?.value).toBe("2");
  });

  it("of many writers who name the same revision one wins", async () => {
    const { one, other } = await two(engine);
    let revision = 0;
    for (let round = 0; round < 5; round++) {
      const written = await Promise.allSettled(
        Array.from({ length: 20 }, (_, at) => (at % 2 ? one : other).put("key", `${round}:${at}`, revision)),
      );
      const won = written.flatMap((result, at) =>
        result.status === "fulfilled" ? [{ at, value: result.value }] : [],
      );
      for (const result of written)
        if (result.status === "rejected") expect(result.reason).toBeInstanceOf(Conflict);
      expect(won).toHaveLength(1);
      const entry = (await one.get("key")) as Entry;
      expect(entry).toEqual({ value: `${round}:${won[0]?.at}`, revision: won[0]?.value });
      expect(entry.revision).toBeGreaterThan(revision);
      revision = entry.revision;
    }
  });

  it("revisions grow with every change of any key", async () => {
    const { one, other } = await two(engine);
    let last = 0;
    for (let count = 0; count < 10; count++) {
      const revision = await (count % 2 ? one : other).put(`key/${count}`, "", 0);
      expect(revision).toBeGreaterThan(last);
      last = revision;
    }
  });

  it("a lease that nobody renews ends, and what goes with it is gone; what does not go with it stays", async () => {
    const { one, other } = await two(engine);
    const lease = await one.lease(1000);
    const revision = await one.put("folder/leased", "1", 0, { lease });
    await one.put("folder/free", "1", 0);
    expect((await other.list("folder/")).size).toBe(2);
    expect(await until(() => other.get("folder/leased"), isGone)).toBeUndefined();
    expect([...(await other.list("folder/")).keys()]).toEqual(["folder/free"]);
    expect(await renewed(one, lease)).toBe(false);
    await expect(one.put("folder/late", "1", 0, { lease })).rejects.toThrow(Conflict);
    expect(await other.put("folder/leased", "2", 0)).toBeGreaterThan(revision);
    expect((await one.get("folder/leased"))?.value).toBe("2");
  });

  it("a lease that is renewed goes on", async () => {
    const { one, other } = await two(engine);
    const lease = await one.lease(1000);
    const revision = await one.put("leased", "1", 0, { lease });
    for (let count = 0; count < 16; count++) {
      await sleep(250);
      expect(await renewed(one, lease)).toBe(true);
    }
    expect(await other.get("leased")).toEqual({ value: "1", revision });
    // Anybody may who knows it.
    expect(await renewed(other, lease)).toBe(true);
    expect(await renewed(one, lease)).toBe(true);
  });

  it("a lease that is released ends at once", async () => {
    const { one, other } = await two(engine);
    const lease = await one.lease(60_000);
    await one.put("leased", "1", 0, { lease });
    await one.release(lease);
    expect(await other.get("leased")).toBeUndefined();
    expect(await renewed(other, lease)).toBe(false);
    expect(await renewed(one, lease)).toBe(false);
    await one.release(lease);
  });

  it("two leases have two names, and end each by itself", async () => {
    const { one } = await two(engine);
    const [first, second] = [await one.lease(60_000), await one.lease(60_000)];
    expect(first).not.toBe(second);
    await one.put("first", "1", 0, { lease: first });
    await one.put("second", "1", 0, { lease: second });
    await one.release(first);
    expect(await one.get("first")).toBeUndefined();
    expect((await one.get("second"))?.value).toBe("1");
  });

  it("who watches a key is told of every change, its removal, and the end of its lease, until he ends it", async () => {
    const { one, other } = await two(engine);
    const before = await one.put("key", "before", 0);
    const seen: (string | undefined)[] = [];
    const end = await other.watch("key", (entry) => seen.push(entry?.value));
    let revision = before;
    for (let count = 0; count < 5; count++) revision = await one.put("key", String(count), revision);
    await one.put("another", "", 0);
    await one.remove("key", revision);
    await until(
      () => seen,
      ({ length }) => length === 6,
    );
    expect(seen.splice(0)).toEqual(["0", "1", "2", "3", "4", undefined]);
    const lease = await one.lease(1000);
    revision = await one.put("key", "leased", 0, { lease });
    await until(
      () => seen,
      ({ length }) => length === 2,
    );
    expect(seen.splice(0)).toEqual(["leased", undefined]);
    revision = await one.put("key", "again", 0);
    await until(
      () => seen,
      ({ length }) => length === 1,
    );
    expect(seen.splice(0)).toEqual(["again"]);
    end();
    await one.put("key", "unseen", revision);
    await sleep(300);
    expect(seen).toEqual([]);
  });

  it("who follows a folder is told of each key below it that changes, also of long ones, until he ends it", async () => {
    const { one, other } = await two(engine);
    const before = await one.put("f.*/before", "", 0);
    const seen: (string | undefined)[] = [];
    const end = await other.follow("f.*/", (key) => seen.push(key));
    await one.put("f.*/a b/c", "", 0);
    await one.put("f", "", 0);
    await one.put("f.*x/a", "", 0);
    await one.remove("f.*/before", before);
    await one.put(`f.*/${"x".repeat(3000)}/a`, "", 0);
    await until(
      () => seen,
      ({ length }) => length === 3,
    );
    const [first, second, long] = seen;
    expect([first, second]).toEqual(["f.*/a b/c", "f.*/before"]);
    // Of one whose name is too long for the engine it is only known that it is there.
    expect([undefined, `f.*/${"x".repeat(3000)}/a`]).toContain(long);
    end();
    await one.put("f.*/unseen", "", 0);
    await sleep(300);
    expect(seen).toHaveLength(3);
  });

  it("a key and its folder are watched side by side, and by several at once", async () => {
    const { one, other } = await two(engine);
    const seen: string[] = [];
    const ends = [
      await other.watch("folder/key", (entry) => seen.push(`first ${entry?.value}`)),
      await other.watch("folder/key", (entry) => seen.push(`second ${entry?.value}`)),
      await other.follow("folder/", (key) => seen.push(`folder ${key}`)),
    ];
    const told = async (count: number): Promise<string[]> => {
      await until(
        () => seen,
        ({ length }) => length >= count,
      );
      return seen.splice(0).sort();
    };
    const revision = await one.put("folder/key", "1", 0);
    expect(await told(3)).toEqual(["first 1", "folder folder/key", "second 1"]);
    ends[0]?.();
    await one.put("folder/key", "2", revision);
    expect(await told(2)).toEqual(["folder folder/key", "second 2"]);
  });

  it("who follows a folder is told that something may have changed, after the registry came back", async () => {
    const { one, other, place } = await two(engine);
    await one.put("folder/key", "1", 0);
    const seen: (string | undefined)[] = [];
    await other.follow("folder/", (key) => seen.push(key));
    await place.kill();
    await place.start();
    await until(
      () => seen,
      ({ length }) => length > 0,
    );
    expect(seen[0]).toBeUndefined();
    await write(one, "folder/key", "2");
    await until(
      () => seen,
      (keys) => keys.includes("folder/key"),
    );
    expect(seen).toContain("folder/key");
  });

  it("leases are renewed together, and of each it is told whether it has ended", async () => {
    const { one } = await two(engine);
    const [first, second] = [await one.lease(60_000), await one.lease(60_000)];
    await one.release(first);
    expect(await one.renew([first, second])).toEqual([false, true]);
    expect(await one.renew([])).toEqual([]);
  });

  it("what was acknowledged is there when the registry comes back, and revisions go on", async () => {
    const { one, other, place } = await two(engine);
    const kept = new Map<string, number>();
    for (let count = 0; count < 20; count++)
      kept.set(`folder/${count}`, await one.put(`folder/${count}`, "", 0));
    await one.remove("folder/0", kept.get("folder/0") as number);
    kept.delete("folder/0");
    await place.kill();
    const during = other.get("folder/1");
    await place.start();
    expect((await during)?.revision).toBe(kept.get("folder/1"));
    const found = await other.list("folder/");
    expect(new Map([...found].map(([key, { revision }]) => [key, revision]))).toEqual(kept);
    expect(await other.put("folder/0", "", 0)).toBeGreaterThan(Math.max(...kept.values()));
  });

  it("of writes during which the registry is killed, none that is told as done is missing, none that is told as not done is there", async () => {
    const { one, other, place } = await two(engine);
    await one.put("first", "", 0);
    const told = new Map<string, unknown>();
    let isOver = false;
    const writing = Array.from({ length: 8 }, async (_, writer) => {
      for (let count = 0; !isOver; count++) {
        const key = `folder/${writer}-${count}`;
        try {
          told.set(key, await one.put(key, "", 0));
        } catch (error) {
          told.set(key, error);
        }
      }
    });
    await sleep(200);
    await place.kill();
    await sleep(300);
    await place.start();
    await sleep(500);
    isOver = true;
    await Promise.all(writing);
    const found = await other.list("folder/");
    const kinds = { done: 0, lost: 0 };
    for (const [key, came] of told) {
      if (typeof came === "number") {
        kinds.done++;
        expect(found.get(key)?.revision).toBe(came);
      } else if (came instanceof SessionLost) kinds.lost++;
      else {
        expect(came).toBeInstanceOf(Unreachable);
        expect(found.has(key)).toBe(false);
      }
    }
    expect(kinds.done).toBeGreaterThan(8);
    expect(kinds.lost).toBeGreaterThan(0);
  });

  it("a lease is what its renewal says, after the registry came back", async () => {
    const { one, other, place } = await two(engine);
    const long = await one.lease(20_000);
    await one.put("long", "1", 0, { lease: long });
    const short = await one.lease(1000);
    await one.put("short", "1", 0, { lease: short });
    await place.kill();
    await sleep(200);
    await place.start();
    expect(await renewed(one, long)).toBe(true);
    expect((await other.get("long"))?.value).toBe("1");
    if (await renewed(one, short)) expect((await other.get("short"))?.value).toBe("1");
    else expect(await other.get("short")).toBeUndefined();
    expect(await until(() => other.get("short"), isGone)).toBeUndefined();
  });

  it("who watches a key is told what is there now, after the registry came back", async () => {
    const { one, other, place } = await two(engine);
    await one.put("key", "1", 0);
    const seen: (string | undefined)[] = [];
    await other.watch("key", (entry) => seen.push(entry?.value));
    await place.kill();
    await place.start();
    await write(one, "key", "2");
    await until(
      () => seen,
      (values) => values.at(-1) === "2",
    );
    expect(seen.at(-1)).toBe("2");
    await write(one, "key", "3");
    await until(
      () => seen,
      (values) => values.at(-1) === "3",
    );
    expect(seen.at(-1)).toBe("3");
  });

  it("where no registry is to be had, each question ends with an error of ours", async () => {
    const { one, place } = await two(engine);
    const revision = await one.put("key", "1", 0);
    await place.kill();
    const asked = [one.get("key"), one.list(""), one.put("key", "2", revision), one.remove("key", revision)];
    for (const result of await Promise.allSettled<unknown>([...asked, one.lease(1000), one.renew(["none"])]))
      expect(result).toMatchObject({ status: "rejected", reason: expect.any(MiddlewareError) as unknown });
    await place.start();
    expect((await one.get("key"))?.value).toBe("1");
  });

  it("a store that is closed asks nobody", async () => {
    const { one } = await two(engine);
    await one.put("key", "1", 0);
    one.close();
    await expect(one.get("key")).rejects.toThrow(Unreachable);
    await expect(one.put("key", "2", 1)).rejects.toThrow(Unreachable);
  });
});

/** A registry, and two stores of it. */
async function two(engine: Engine): Promise<{ one: Store; other: Store; place: Place }> {
  const place = await engine.open();
  onTestFinished(() => place[Symbol.asyncDispose]());
  return { one: place.store(), other: place.store(), place };
}
