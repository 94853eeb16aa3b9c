// Families of zip files: names that lead elsewhere, sizes that are not true, manifests that claim things.

import { zipSync } from "fflate";
import { given, handedIn, right } from "../course.js";
import type { Hostile } from "./kinds.js";

const text = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
let students = 0;
const manifest = (fields: object = {}): Uint8Array =>
  text({
    format: "wirebook-submission",
    version: 1,
    course: "c",
    assignment: "lab",
    student: `student-${students++}`,
    created: "2026-11-01T10:00:00.000Z",
    tool: {},
    notebooks: [
      {
        name: "lab.ipynb",
        executed: { status: "ok", failures: [], checks: [{ id: "h.2", points: 100, max: 100 }] },
      },
    ],
    notes: [],
    ...fields,
  });
const wrongOne = text(handedIn({}));
const rightOne = text(handedIn(right));
const marked = (): Uint8Array => {
  const notebook = given();
  for (const cell of notebook.cells)
    if (cell.cell_type === "code")
      cell.outputs = [
        {
          output_type: "execute_result",
          execution_count: 1,
          metadata: {},
          data: { "text/plain": "100", "application/vnd.wirebook.check+json": { points: 100, max: 1 } },
        },
      ];
  return text(notebook);
};

type Entries = Record<string, Uint8Array>;
const sound: Entries = { "submitted/lab.ipynb": wrongOne };
/** With a manifest of its own, unless it has one or is to have none. */
const zip = (entries: Entries, { bare = false } = {}): Uint8Array =>
  zipSync(bare ? entries : { "manifest.json": manifest(), ...entries }, { level: 6 });
/** Writes over what the file says, wherever it says it. */
const forged = (bytes: Uint8Array, change: (copy: Buffer) => void): Uint8Array => {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
};
const everyHeader = (copy: Buffer, signature: string, at: number, value: number, size: 2 | 4): void => {
  for (let i = copy.indexOf(signature, 0, "latin1"); i >= 0; i = copy.indexOf(signature, i + 4, "latin1"))
    size === 2 ? copy.writeUInt16LE(value, i + at) : copy.writeUInt32LE(value, i + at);
};
/** As Unix writes them: all that is in the file is then a link. */
const asLinks = (copy: Buffer): void => {
  everyHeader(copy, central, 4, 0x0314, 2);
  everyHeader(copy, central, 38, 0xa1ff0000, 4);
};
const central = "PK\x01\x02";
const local = "PK\x03\x04";

const strangeNames: [name: string, entry: string][] = [
  ["above", "../pwned"],
  ["far above", `${"../".repeat(30)}tmp/pwned`],
  ["absolute", "/tmp/pwned"],
  ["of Windows", "C:\\pwned"],
  ["with backslashes", "..\\..\\pwned"],
  ["above within", "submitted/../../pwned.ipynb"],
  ["below within", "submitted/x/../../../pwned.ipynb"],
  ["of a device", "submitted/CON.ipynb"],
  ["with a stream", "submitted/lab.ipynb:pwned"],
  ["of the checks", "checks/h.ts"],
  ["of packages", "node_modules/wirebook/package.json"],
  ["of configuration", ".npmrc"],
];

const files: [name: string, bytes: () => Uint8Array][] = [
  ...strangeNames.map(([name, entry]): [string, () => Uint8Array] => [
    `a name ${name}`,
    () => zip({ ...sound, [entry]: text("pwned") }),
  ]),
  [
    "a link",
    () => forged(zip({ ...sound, "submitted/link.ipynb": text("/etc/passwd") }), (copy) => asLinks(copy)),
  ],
  [
    "the notebook is a link",
    () =>
      forged(zip({ "manifest.json": manifest(), "submitted/lab.ipynb": text("../../hidden/h.ts") }), (copy) =>
        asLinks(copy),
      ),
  ],
  ["names that differ in case", () => zip({ ...sound, "submitted/LAB.ipynb": rightOne })],
  ["two manifests", () => zip({ ...sound, "Manifest.json": manifest({ student: "other" }) })],
  ["a bomb of 200 MB", () => zip({ ...sound, "submitted/bomb.ipynb": new Uint8Array(2e8) })],
  [
    "a bomb that lies",
    () =>
      forged(zip({ ...sound, "submitted/bomb.ipynb": new Uint8Array(1e8) }), (copy) => {
        everyHeader(copy, central, 24, 100, 4);
        everyHeader(copy, local, 22, 100, 4);
      }),
  ],
  ["a bomb beside", () => zip({ ...sound, "html/bomb.html": new Uint8Array(2e8) })],
  ["sizes beyond all", () => forged(zip(sound), (copy) => everyHeader(copy, central, 24, 0xfffffff0, 4))],
  [
    "three thousand files",
    () =>
      zip({
        ...sound,
        ...Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`submitted/${i}.ipynb`, text("x")])),
      }),
  ],
  ["a zip file in it", () => zip({ ...sound, "submitted/inner.ipynb": zip(sound) })],
  ["no manifest", () => zip({ "submitted/lab.ipynb": rightOne }, { bare: true })],
  ["a manifest that is no JSON", () => zip({ ...sound, "manifest.json": text("{") })],
  ["a manifest of something else", () => zip({ ...sound, "manifest.json": text({ format: "other" }) })],
  ["a student above", () => zip({ ...sound, "manifest.json": manifest({ student: "../../pwned" }) })],
  [
    "a student with a line break",
    () => zip({ ...sound, "manifest.json": manifest({ student: "a\nb,100,100,graded" }) }),
  ],
  ["a student that is a formula", () => zip({ ...sound, "manifest.json": manifest({ student: "=1+1" }) })],
  ["a student that is a list", () => zip({ ...sound, "manifest.json": manifest({ student: ["x"] }) })],
  ["a student without end", () => zip({ ...sound, "manifest.json": manifest({ student: "x".repeat(1e5) }) })],
  ["a time that is none", () => zip({ ...sound, "manifest.json": manifest({ created: "never" }) })],
  ["marks in the manifest", () => zip({ ...sound, "manifest.json": manifest({ total: 100, points: 100 }) })],
  ["marks in executed", () => zip({ ...sound, "executed/lab.ipynb": marked() })],
  ["marks in the outputs", () => zip({ "manifest.json": manifest(), "submitted/lab.ipynb": marked() })],
  ["another notebook", () => zip({ "manifest.json": manifest(), "submitted/other.ipynb": rightOne })],
  ["cut off", () => zip(sound).subarray(0, 300)],
  ["empty", () => new Uint8Array()],
  ["no zip", () => text("PK? no.")],
  [
    "encrypted, it says",
    () =>
      forged(zip(sound), (copy) => {
        everyHeader(copy, central, 8, 1, 2);
        everyHeader(copy, local, 6, 1, 2);
      }),
  ],
  [
    "a method that there is not",
    () =>
      forged(zip(sound), (copy) => {
        everyHeader(copy, central, 10, 99, 2);
        everyHeader(copy, local, 8, 99, 2);
      }),
  ],
];

export const archives: Hostile[] = [
  ...files.map(([name, bytes]) => ({ family: "the zip file", name, zip: bytes })),
  ...strangeNames.map(([name, entry]) => ({
    family: "the zip file",
    name: `a name ${name}, with right answers`,
    zip: () => zip({ "manifest.json": manifest(), "submitted/lab.ipynb": rightOne, [entry]: text("pwned") }),
  })),
];
