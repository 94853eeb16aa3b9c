// Access: are objects of other computers called as those of this one are?
import { isDeepStrictEqual } from "node:util";
import type { Call, Service } from "../design.js";
import { byChecks, type Check, check, type Experiment } from "../observed.js";
import { inLine, type Site } from "../site.js";

const MEGABYTE = 1024 * 1024;

/** Values as programs have them, and what they are called. */
const VALUES: readonly (readonly [what: string, value: unknown])[] = [
  ["a text", "Grüße aus 東京"],
  ["a number", 0.1],
  ["an object", { item: "tea", prices: [1, 2.5], gift: null }],
  ["a Date", new Date(0)],
  ["a Map", new Map([["green", 1]])],
  ["undefined", undefined],
  ["a text of 1 MB", "x".repeat(MEGABYTE)],
];

const mirror = (): Service => ({
  echo: (value) => value,
  append: (list) => (list as unknown[]).push("more"),
  fail: () => {
    throw new RangeError("no such shelf");
  },
});

export const access: Experiment = async (site) => {
  const host = await site.host();
  await site.offer(host, "mirror", mirror);
  const call = await site.client("mirror", host);
  const checks: Check[] = [];
  for (const [what, value] of VALUES) checks.push(await echoed(site, call, what, value));
  checks.push(await together(site, call));
  // The others of one connection would suffer from what comes now.
  checks.push(await thrown(site, await site.client("mirror", host)));
  checks.push(await byReference(site, await site.client("mirror", host)));
  const missing = checks.filter(({ held }) => !held);
  const held = checks.length - missing.length;
  return {
    verdict: held < checks.length / 2 ? "not" : byChecks(checks),
    evidence: `${held} of ${checks.length} as with an object of this computer${
      missing.length > 0 ? `; not: ${missing.map(({ what }) => what).join(", ")}` : ""
    }.`,
    checks,
  };
};

async function echoed(site: Site, call: Call, what: string, value: unknown): Promise<Check> {
  const { value: back, why } = await site.attempt(call, "echo", value);
  const held = why === undefined && isDeepStrictEqual(back, value);
  return check(what, held, why ?? (held ? "came back as it was" : `came back as ${brief(back)}`));
}

async function together(site: Site, call: Call): Promise<Check> {
  const numbers = [1, 2, 3, 4, 5];
  const answers = await Promise.all(numbers.map((number) => site.attempt(call, "echo", number)));
  const own = answers.filter(
    ({ value, why }, at) => why === undefined && Number(value) === numbers[at],
  ).length;
  const why = answers.find((answer) => answer.why !== undefined)?.why;
  return check(
    "five calls at once",
    own === numbers.length,
    `${own} of 5 got their own answer${why === undefined ? "" : `; another: ${why}`}`,
  );
}

async function thrown(site: Site, call: Call): Promise<Check> {
  const { value: error, why } = await site.attempt(call, "fail");
  const held = error instanceof RangeError && error.message === "no such shelf";
  return check(
    "an error",
    held,
    why === undefined
      ? `no error, but ${brief(error)}`
      : held
        ? "was caught by its class, with its message"
        : `instead of a RangeError: ${why}`,
  );
}

async function byReference(site: Site, call: Call): Promise<Check> {
  const list = ["first"];
  const { why } = await site.attempt(call, "append", list);
  const held = list.length === 2;
  return check(
    "a list that is changed there",
    held,
    held
      ? "has one more here, too"
      : `has not changed here: a copy was changed${why ? `, or not: ${why}` : ""}`,
  );
}

function brief(value: unknown): string {
  if (value instanceof Error) return inLine(value);
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  const what = text === "[object Object]" ? JSON.stringify(value) : text;
  return what.length > 60 ? `${what.slice(0, 59)}… (${what.length} characters)` : what;
}
