// Where one may wait for a change of a key.

/** A key, and the folders that it is below. */
export function placesOf(key: string): string[] {
  const places = [key];
  for (let at = key.indexOf("/"); at >= 0 && at < key.length - 1; at = key.indexOf("/", at + 1))
    places.push(key.slice(0, at + 1));
  return places;
}
