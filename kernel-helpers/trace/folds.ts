// Long traces repeat themselves. What comes again and again is folded: one line, with what is in it behind it.
import type { Row } from "./rows.js";

/** Rows that came `times` times, one period after another. */
export interface Fold {
  readonly rows: readonly Row[];
  readonly period: number;
  readonly times: number;
  readonly bytes: number;
}

export type Item = Row | Fold;

export const isFold = (item: Item): item is Fold => "period" in item;

/** The longest pattern that is looked for: a request and its answer make up to six rows. */
const LONGEST = 6;
/** Fewer are shown as they are. */
const FEWEST = 3;

export function fold(rows: readonly Row[]): Item[] {
  const keys = rows.map(({ event, from, to }) => `${event.kind} ${from.index} ${to?.index ?? ""}`);
  const items: Item[] = [];
  for (let at = 0; at < rows.length; ) {
    const [period, times] = repetition(keys, at);
    if (times < FEWEST) {
      items.push(rows[at] as Row);
      at++;
      continue;
    }
    const folded = rows.slice(at, at + period * times);
    // What arrows carry; where there are none, what notes tell of.
    const arrows = folded.filter(({ to }) => to);
    const bytes = (arrows.length > 0 ? arrows : folded).reduce((sum, { event }) => sum + event.bytes, 0);
    items.push({ rows: folded, period, times, bytes });
    at += folded.length;
  }
  return items;
}

/** The pattern that covers most from here, the shortest of those that cover the same. */
function repetition(keys: readonly string[], at: number): [period: number, times: number] {
  let best: [number, number] = [1, 1];
  for (let period = 1; period <= LONGEST; period++) {
    let end = at + period;
    while (end < keys.length && keys[end] === keys[end - period]) end++;
    const times = Math.floor((end - at) / period);
    if (times >= FEWEST && period * times > best[0] * best[1]) best = [period, times];
  }
  return best;
}
