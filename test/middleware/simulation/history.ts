// Is what callers saw of a counter what one counter could have told them, one call after another? Every call takes effect at one moment between
// its beginning and its end (Herlihy and Wing 1990), and of a counter that can be said without a search.
export interface Seen {
  what: "add" | "read";
  /** When it began, and when it was over; a call without an answer never is. */
  from: number;
  to: number;
  /** What it gave; `undefined`: no answer, or an error. */
  value: number | undefined;
  /** It certainly had no effect. */
  isRefused?: boolean;
}

/** @returns what cannot be */
export function violations(history: readonly Seen[]): string[] {
  const found: string[] = [];
  const adds = history.filter(({ what, value }) => what === "add" && value !== undefined);
  const values = adds.map(({ value }) => value as number).sort((a, b) => a - b);
  for (let at = 1; at < values.length; at++)
    if (values[at] === values[at - 1]) found.push(`two calls were told that theirs was number ${values[at]}`);
  const maybe = history.filter(
    ({ what, value, isRefused }) => what === "add" && value === undefined && !isRefused,
  );
  const most = adds.length + maybe.length;
  const last = values.at(-1) ?? 0;
  if (last > most) found.push(`it counted to ${last}, but only ${most} calls can have had an effect`);
  // Whoever began after another's end comes later.
  const ended = history.filter(({ value }) => value !== undefined).sort((a, b) => a.to - b.to);
  const begun = [...ended].sort((a, b) => a.from - b.from);
  let highest = 0;
  let next = 0;
  for (const one of begun) {
    for (; next < ended.length && (ended[next] as Seen).to < one.from; next++)
      highest = Math.max(highest, (ended[next] as Seen).value as number);
    const least = one.what === "add" ? highest + 1 : highest;
    if ((one.value as number) < least)
      found.push(
        `${one.what} from ${one.from.toFixed(1)} gave ${one.value}, but ${highest} had been told before`,
      );
  }
  for (const { what, to, value } of ended) {
    if (what !== "read") continue;
    const possible = history.filter((one) => one.what === "add" && one.from < to && !one.isRefused).length;
    if ((value as number) > possible)
      found.push(`a read gave ${value}, when only ${possible} calls could have had an effect`);
  }
  return found;
}
