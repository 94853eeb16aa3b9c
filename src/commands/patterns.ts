// Patterns such as *.ipynb: the shells of Windows leave them to the programs.
import { existsSync, globSync } from "node:fs";

/** @returns the files that are meant, sorted; a pattern that fits none stays as it is, for the message that says so */
export function expandPatterns(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    if (!/[*?]/.test(word) || existsSync(word)) return [word];
    const found = globSync(word).sort();
    return found.length > 0 ? found : [word];
  });
}
