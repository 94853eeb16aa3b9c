/** A scan that cannot be made as it was asked for; its message says why, and what to write instead. */
export class ScanError extends Error {
  override readonly name: string = "ScanError";
}

/** What somebody wrote, as it can be shown in an error: short, and without characters that do something. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
