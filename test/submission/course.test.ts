// biome-ignore-all lint/suspicious/noTemplateCurlyInString: cells hold template strings
// A course from nothing to marks, with the real nbgrader.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Folder } from "../client/command.js";
import { python } from "../places.js";
import { type Cell, code, graded, markdown, type Notebook, notebook } from "./sources.js";

const LONG = { timeout: 900_000 };

/** An assignment that marks can be lost and won in, in all ways. */
const CELLS = [
  code(
    "double",
    "function double(n: number): number {\n  // BEGIN SOLUTION instead of: throw new Error('double is not written yet');\n  return 2 * n;\n  // END SOLUTION\n}",
    graded("double", { solution: true }),
  ),
  code(
    "visible",
    "if (double(3) !== 6) throw new Error('twice 3 is 6');",
    graded("visible", { grade: true, locked: true, points: 2 }),
  ),
  code(
    "hidden",
    "double(0) === 0;\n// BEGIN HIDDEN TESTS\nconst secretExpected = 4242;\nif (double(2121) !== secretExpected) throw new Error(`secret: not ${secretExpected}`);\n// END HIDDEN TESTS",
    graded("hidden", { grade: true, locked: true, points: 3 }),
  ),
  code(
    "partial",
    "(double(4) === 8 ? 1.5 : 0) + (double(-1) === -2 ? 0.5 : 0)",
    graded("partial", { grade: true, locked: true, points: 2 }),
  ),
  code("beyond", "double(50)", graded("beyond", { grade: true, locked: true, points: 1 })),
  markdown(
    "text",
    "**Why?**\n<!-- BEGIN SOLUTION instead of: -->\nBecause two times n.\n<!-- END SOLUTION -->",
    graded("text", { grade: true, solution: true, points: 4 }),
  ),
  markdown(
    "task",
    "Draw it.\n<!-- BEGIN MARK SCHEME -->\n- (5) a drawing\n<!-- END MARK SCHEME -->",
    graded("task", { task: true, locked: true, points: 5 }),
  ),
];

const RIGHT = "function double(n: number): number {\n  return n + n;\n}";
const answer = (notebook: Notebook, source: string): Notebook => {
  for (const cell of notebook.cells) if (cell.id === "double") cell.source = source;
  return notebook;
};

/** What students make of the notebook, and the points of the tests: visible 2, hidden 3, partial 2, beyond 1. */
const STUDENTS: Record<string, { change(notebook: Notebook): Notebook; points: number[]; note?: RegExp }> = {
  right: { change: (one) => answer(one, RIGHT), points: [2, 3, 2, 1] },
  half: {
    change: (one) => answer(one, RIGHT.replace("n + n", "2 * Math.abs(n)")),
    points: [2, 3, 1.5, 1],
  },
  empty: { change: (one) => one, points: [0, 0, 0, 0] },
  constant: {
    change: (one) => answer(one, "function double(n: number): number { return n === 0 ? 0 : 6; }"),
    points: [2, 0, 0, 1],
  },
  noisy: {
    change: (one) =>
      answer(one, `console.error('hm');\n${RIGHT.replace("return", "console.error(n); return")}`),
    points: [2, 3, 2, 1],
  },
  copied: {
    change(one) {
      const [first] = one.cells;
      const copy = { ...structuredClone(first as Cell), id: "a-copy", source: RIGHT };
      one.cells.splice(
        1,
        0,
        copy,
        ...one.cells.slice(1, 3).map((cell) => ({ ...structuredClone(cell), id: `${cell.id}-2` })),
      );
      return one;
    },
    points: [2, 3, 2, 1],
    note: /"double" was there 2 times/,
  },
  deleted: {
    change: (one) =>
      answer(
        { ...one, cells: one.cells.filter(({ id }) => !["hidden", "beyond", "text"].includes(id)) },
        RIGHT,
      ),
    points: [2, 3, 2, 1],
    note: /"hidden" was missing/,
  },
  stripped: {
    change(one) {
      answer(one, RIGHT);
      for (const cell of one.cells) cell.metadata = {};
      return one;
    },
    points: [2, 3, 2, 1],
    note: /"double" had lost its metadata/,
  },
  forged: {
    change(one) {
      for (const cell of one.cells) {
        if (cell.id === "visible") cell.source = "2";
        cell.metadata.nbgrader = {
          ...cell.metadata.nbgrader,
          points: 100,
          schema_version: 99,
          locked: false,
        };
      }
      return one;
    },
    points: [0, 0, 0, 0],
    note: /"visible" was edited/,
  },
  loop: {
    change: (one) => answer(one, "function double(n: number): number { while (n === 3) {} return 2 * n; }"),
    points: [0, 3, 2, 1],
  },
  odd: {
    change: (one) => answer(one, RIGHT.replace("n + n", "n === 50 ? NaN : 2 * n")),
    points: [2, 3, 2, 0],
  },
};

const folder = new Folder();
const course = join(folder.path, "nets");
const wirebook = (...args: string[]) => folder.wirebook(...args);
const nbgrader = (...args: string[]) => wirebook("course", "nbgrader", "--dir", course, ...args);
const read = (...path: string[]): Notebook => JSON.parse(readFileSync(join(course, ...path), "utf8"));
const textOf = (notebook: Notebook, id: string): string =>
  [notebook.cells.find((cell) => cell.id === id)?.source ?? []].flat().join("");

beforeAll(async () => {
  const made = await wirebook("course", "init", course);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('The course "nets" is in') });
  mkdirSync(join(course, "source", "calls"));
  writeFileSync(join(course, "source", "calls", "calls.ipynb"), JSON.stringify(notebook(CELLS)));
}, 600_000);
afterAll(() => folder[Symbol.dispose]());

test("a new course has the lab with its solutions, and is not made twice", LONG, async () => {
  expect(readdirSync(join(course, "source", "lab"))).toContain("7-questions.ipynb");
  expect(textOf(read("source", "lab", "7-questions.ipynb"), "q4-answer-code")).toContain("END SOLUTION");
  expect(await wirebook("course", "init", course)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("There is a course already"),
  });
  expect((await wirebook("release", "lab", "--dir", folder.path)).stderr).toContain("is no course");
});

test(
  "the release has neither solutions, hidden tests nor mark schemes, and says what belongs to it",
  LONG,
  async () => {
    const { code: exit, stdout } = await wirebook("release", "calls", "--dir", course);
    expect(stdout).toContain("Released: ");
    expect(exit).toBe(0);
    const released = read("release", "calls", "calls.ipynb");
    expect(textOf(released, "double")).toBe(
      "function double(n: number): number {\n  throw new Error('double is not written yet');\n}",
    );
    expect(textOf(released, "text")).toBe("**Why?**");
    expect(textOf(released, "task")).toBe("Draw it.");
    expect(JSON.stringify(released)).not.toMatch(/secret|HIDDEN|SOLUTION|SCHEME|4242/);
    expect(released.cells.find(({ id }) => id === "visible")?.metadata).toMatchObject({
      deletable: false,
      editable: false,
    });
    expect(released.metadata.wirebook?.assignment).toEqual({
      ...{ course: "nets", name: "calls", blank: {} },
      cells: ["double", "visible", "hidden", "partial", "beyond", "text", "task"],
    });
  },
);

test("a source that could not be graded is refused by cell, with what is wrong", LONG, async () => {
  const broken = structuredClone(notebook(CELLS)) as Notebook;
  Object.assign(broken.cells[1]?.metadata.nbgrader ?? {}, { locked: false, points: "2" });
  Object.assign(broken.cells[2]?.metadata.nbgrader ?? {}, { grade_id: "double" });
  Object.assign(broken.cells[6]?.metadata.nbgrader ?? {}, { locked: false, extra: 1 });
  (broken.cells[3] as Cell).source = "const x = 1; await check('7.4')";
  delete (broken.metadata as { kernelspec: { language?: string } }).kernelspec.language;
  mkdirSync(join(course, "source", "broken"));
  writeFileSync(join(course, "source", "broken", "b.ipynb"), JSON.stringify(broken));
  const { code: exit, stderr } = await wirebook("release", "broken", "--dir", course);
  expect(exit).toBe(1);
  for (const said of [
    "the kernelspec's language is None",
    "cell 2 (visible): a test has locked true",
    "cell 2 (visible): its \"points\" have to be a number from 0 on, not '2'",
    "cell 3 (double): its grade_id is taken by cell 1",
    "cell 4 (partial): a check stands alone in its cell",
    "cell 7 (task): a task is a Markdown cell with task and locked true",
    "keys that nbgrader does not know: extra",
  ])
    expect(stderr).toContain(said);
  expect(readdirSync(join(course, "release"))).not.toContain("broken");
});

test("nbgrader validates the solutions, and not the empty answers", LONG, async () => {
  // A result above its maximum is one of the author's faults that it tells of.
  const source = notebook(CELLS.filter(({ id }) => id !== "beyond"));
  writeFileSync(join(folder.path, "solved.ipynb"), JSON.stringify(source));
  const released = join(course, "release", "calls", "calls.ipynb");
  const { stdout } = await nbgrader("validate", join(folder.path, "solved.ipynb"), released);
  expect(stdout).toMatch(/Success! Your notebook passes all the tests\..*VALIDATION FAILED ON/s);
  expect(stdout).toContain("double is not written yet");
});

test("every submission gets its marks in one go, whatever was done to its cells", LONG, async () => {
  const zips = join(folder.path, "zips");
  for (const [student, { change }] of Object.entries(STUDENTS)) {
    const own = join(folder.path, student);
    mkdirSync(own);
    writeFileSync(join(own, "calls.ipynb"), JSON.stringify(change(read("release", "calls", "calls.ipynb"))));
    const { stdout, stderr } = await wirebook(
      ...[
        "submit",
        "--student",
        student,
        "--no-run",
        "--no-html",
        "--output-dir",
        zips,
        join(own, "calls.ipynb"),
      ],
    );
    expect(stdout, stderr).toContain(`Made for ${student}`);
  }
  const taken = await wirebook("course", "import", "--dir", course, zips);
  expect(taken).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${Object.keys(STUDENTS).length} submissions, 0 refused.`),
  });
  // What nbgrader would put in front of cells that are missing is Python; nothing is missing any more when it looks.
  const words = ["--Execute.timeout=10", "--OverwriteCells.add_missing_cells=True"];
  const graded = await nbgrader("autograde", "calls", ...words);
  expect(graded.code, graded.stderr).toBe(0);
  const points = pointsOf(Object.keys(STUDENTS));
  for (const [student, { points: right, note }] of Object.entries(STUDENTS)) {
    expect([student, ...(points[student] ?? [])]).toEqual([student, ...right]);
    const { repaired } = read("autograded", student, "calls", "calls.ipynb").metadata.wirebook ?? {};
    if (note) expect(repaired?.join("\n")).toMatch(note);
    else expect(repaired).toEqual([]);
  }
});

/** Of the four tests, by students. */
function pointsOf(students: string[]): Record<string, number[]> {
  const ask =
    "import sys, json\nfrom nbgrader.api import Gradebook\nwith Gradebook('sqlite:///' + sys.argv[1]) as book:\n    print(json.dumps({student: [book.find_grade(name, 'calls', 'calls', student).score for name in ('visible', 'hidden', 'partial', 'beyond')] for student in sys.argv[2:]}))";
  return JSON.parse(
    execFileSync(python, ["-c", ask, join(course, "gradebook.db"), ...students], { encoding: "utf8" }),
  ) as Record<string, number[]>;
}

test(
  "feedback shows the points of hidden tests, and nothing that is in them; marks come out as CSV",
  LONG,
  async () => {
    const { code: exit, stderr } = await nbgrader("generate_feedback", "calls");
    expect(exit, stderr).toBe(0);
    for (const student of Object.keys(STUDENTS)) {
      const page = readFileSync(join(course, "feedback", student, "calls", "calls.html"), "utf8");
      expect(page).toContain("hidden tests");
      // The page is long; what leaks is said without it.
      expect(/secretExpected|4242|double\(2121/.exec(page)?.[0]).toBeUndefined();
      expect(page).toContain(student === "constant" ? "0 of 3 points" : "of 3 points");
    }
    expect((await nbgrader("export", `--CsvExportPlugin.to=${join(folder.path, "grades.csv")}`)).code).toBe(
      0,
    );
    const rows = readFileSync(join(folder.path, "grades.csv"), "utf8").split("\n");
    const row = rows.find((line) => line.includes(",right,"))?.split(",");
    expect(row?.slice(-2)).toEqual(["8.0", "17.0"]);
  },
);

test("what is no submission is refused with the reason, and writes nothing", LONG, async () => {
  const make = `
import hashlib, json, sys, zipfile
folder = sys.argv[1]
good = b'{"nbformat": 4}'
def zip(name, manifest={}, notebook="calls.ipynb", extra={}, content=good, **more):
    whole = {"format": "wirebook-submission", "version": 1, "course": "c", "assignment": "calls", "student": name, "created": "2026-11-26T18:45:00Z", "notebooks": [{"name": notebook, "sha256": hashlib.sha256(good).hexdigest(), **more}], **manifest}
    with zipfile.ZipFile(f"{folder}/{name}.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("manifest.json", json.dumps(whole))
        z.writestr(f"submitted/{notebook}", content)
        for path, text in extra.items(): z.writestr(path, text)
zip("slip", notebook="../../../slipped.ipynb")
zip("absolute", notebook="/tmp/slipped.ipynb")
zip("windows", notebook="C:\\\\slipped.ipynb")
zip("outside", {"student": "../../eve"})
zip("device", {"student": "nul"})
zip("console", notebook="CON.ipynb")
zip("clash", {"notebooks": [{"name": name, "sha256": ""} for name in ("calls.ipynb", "Calls.ipynb")]})
zip("capitals", {"student": "RIGHT"})
zip("bracket", {"student": "a[1]"})
zip("long", {"student": "\u4e16" * 100})
zip("unknown", {"assignment": "other"})
zip("changed", content=b"{}")
zip("bomb", content=b"0" * (210 << 20))
zip("besides", extra={"../slipped.ipynb": "x", "submitted/other.py": "x"})
open(f"{folder}/nothing.zip", "w").write("nothing")
with zipfile.ZipFile(f"{folder}/all.zip", "w") as z:
    z.write(f"{folder}/besides.zip", "Ada_1_file/besides.zip")
`;
  const bad = join(folder.path, "bad");
  mkdirSync(bad);
  expect(spawnSync(python, ["-c", make, bad], { encoding: "utf8" }).stderr).toBe("");
  const before = readdirSync(join(course, "submitted")).length;
  const { code: exit, stdout, stderr } = await wirebook("course", "import", "--dir", course, bad);
  expect(exit).toBe(1);
  for (const said of [
    /slip\.zip: the notebook's name/,
    /absolute\.zip: the notebook's name/,
    /windows\.zip: the notebook's name/,
    /outside\.zip: the student's id '..\/..\/eve'/,
    /device\.zip: the student's id 'nul'/,
    /console\.zip: the notebook's name 'CON\.ipynb'/,
    /clash\.zip: two of its notebooks have the same name/,
    /capitals\.zip: there is a student 'right' already, and this one is 'RIGHT'\. The same person\? --student right/,
    /bracket\.zip: nbgrader takes brackets for a pattern/,
    /long\.zip: it cannot be written to .*too long/,
    /unknown\.zip: the course has no assignment 'other' \(it has broken, calls, lab\)/,
    /changed\.zip: calls\.ipynb is not what the manifest says/,
    /bomb\.zip: submitted\/calls\.ipynb is larger than 200 MB/,
    /nothing\.zip: File is not a zip file/,
  ])
    expect(stderr).toMatch(said);
  expect(stdout).toContain("✓ besides: taken (1 notebooks");
  expect(stdout).toContain("✓ besides: what is there is as new");
  expect(readdirSync(join(course, "submitted"))).toHaveLength(before + 1);
  expect(readdirSync(join(course, "submitted", "besides", "calls")).sort()).toEqual([
    "calls.ipynb",
    "timestamp.txt",
  ]);
});

test("what was unpacked and zipped again is taken, and who handed it in can be put right", LONG, async () => {
  const make = `
import hashlib, json, sys, zipfile
content = b'{"nbformat": 4}'
def zip(name, separator, folder, notebook="calls.ipynb"):
    whole = {"format": "wirebook-submission", "version": 1, "course": "c", "assignment": "calls", "student": name, "created": "2026-11-26T18:45:00Z", "notebooks": [{"name": notebook, "sha256": hashlib.sha256(content).hexdigest()}]}
    with zipfile.ZipFile(f"{sys.argv[1]}/{name}.zip", "w") as z:
        z.writestr(f"__MACOSX{separator}manifest.json", "{}")
        for path, text in (("manifest.json", json.dumps(whole)), (f"submitted{separator}{notebook}", content)):
            info = zipfile.ZipInfo(folder + path)
            info.filename = folder + path
            z.writestr(info, text)
zip("packed", "/", "nets-packed-20261126T184500Z/", "calls (1).ipynb")
zip("windows", "\\\\", "")
zip("RIGHT", "\\\\", "folder\\\\", "mine.ipynb")
`;
  const again = join(folder.path, "again");
  mkdirSync(again);
  expect(spawnSync(python, ["-c", make, again], { encoding: "utf8" }).stderr).toBe("");
  const all = await wirebook("course", "import", "--dir", course, again);
  expect(all).toMatchObject({ code: 1, stdout: expect.stringContaining("2 submissions, 1 refused.") });
  expect(all.stdout).toMatch(
    /✓ packed: taken .*; calls \(1\)\.ipynb is taken for calls\.ipynb\n✓ windows: taken/,
  );
  const one = join(again, "RIGHT.zip");
  const said = await wirebook("course", "import", "--dir", course, "--student", "Wright", one);
  expect(said).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/✓ Wright: taken .*; mine\.ipynb is none of the assignment's notebooks/),
  });
  const two = await wirebook("course", "import", "--dir", course, "--student", "Wright", again);
  expect(two.stderr).toContain("--student names who handed in one submission");
  // Nothing half-written stays behind.
  for (const student of ["packed", "windows", "Wright"])
    expect(readdirSync(join(course, "submitted", student))).toEqual(["calls"]);
});
