// What a function that is a cell's value takes and gives, in the words of the type checker.
import type { Callable, Outline } from "../flow.js";
import type { Oracles } from "./introspect.js";

/** Stands for the value; no student's name. */
const place = "__wirebook_value";
const mostCharacters = 2000;

/** @returns one line an overload; nothing where types know nothing of it, or not in time */
export async function signature(
  { text, value }: Outline,
  { name, isClass }: Callable,
  { translation, types }: Oracles,
): Promise<string | undefined> {
  if (!value || !types) return undefined;
  // The cell with its value given a name, and an open bracket behind that.
  const [start, end] = value;
  const called = `${isClass ? "new " : ""}${place}(`;
  const cell = `${text.slice(0, start)};const ${place} = (${text.slice(start, end)}\n);${called}`;
  const about = await types.inspect(translation.outline(cell), cell.length);
  const [, labels] = /^```typescript\n([\s\S]*?)\n```/.exec(about ?? "") ?? [];
  return labels
    ?.replace(new RegExp(`^${place}`, "gm"), () => `${isClass ? "new " : ""}${name}`)
    .slice(0, mostCharacters);
}
