// Names of files that every system takes, Windows included, and of students.
// https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file

/** What Windows refuses in a name, and what nobody sees. */
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The name as it can stand in a zip file and be unpacked anywhere. */
export function portableName(name: string): string {
  const clean = name
    .normalize("NFC")
    .replace(FORBIDDEN, "_")
    .replace(/^[. ]+/, "_")
    .replace(/[. ]+$/, "");
  const cut = [...clean].slice(0, 120).join("");
  if (cut === "") return "_";
  return DEVICES.test(cut) ? `_${cut}` : cut;
}

/** Names that differ for systems, too, that do not tell small letters from large ones. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const [, stem = name, ending = ""] = /^(.*?)(\.[^.]+)?$/.exec(portableName(name)) ?? [];
    let fresh = stem + ending;
    for (let n = 2; taken.has(fresh.toLowerCase()); n++) fresh = `${stem}-${n}${ending}`;
    taken.add(fresh.toLowerCase());
    return fresh;
  });
}

/** Why this cannot be a student's id: it becomes the name of a folder where submissions are collected. */
export function problemOfStudent(id: string): string | undefined {
  if (id.trim() === "") return "it is empty";
  if (id.length > 100) return "it is longer than 100 characters";
  // nbgrader would take brackets for a pattern, and find nobody.
  if (id !== portableName(id) || id !== id.trim() || /[[\]]/.test(id))
    return 'it becomes the name of a folder, so it has none of < > : " / \\ | ? * [ ], does not begin or end with a dot or a space, and is no word that Windows keeps for itself (CON, NUL)';
  return undefined;
}
