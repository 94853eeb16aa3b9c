// A marker's way in a real browser: JupyterLab as `wirebook course lab` starts it, the Formgrader, and the page that students get back.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Frame, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "../../src/client/free-ports.js";
import { type Ended, Folder } from "../client/command.js";
import { dist } from "../places.js";
import { type Cell, code, graded, markdown, type Notebook, notebook } from "../submission/sources.js";
import { type JupyterHome, jupyterHome, withoutBrowser } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const LONG = { timeout: 900_000 };
const PATIENCE = 120_000;

const SOURCE = notebook([
  code(
    "double",
    "function double(n: number): number {\n  // BEGIN SOLUTION instead of: throw new Error('not written yet');\n  return 2 * n;\n  // END SOLUTION\n}",
    graded("double", { solution: true }),
  ),
  code(
    "hidden",
    "double(0) === 0;\n// BEGIN HIDDEN TESTS\nconst secretExpected = 4242;\nif (double(2121) !== secretExpected) throw new Error('secretly: not 4242');\n// END HIDDEN TESTS",
    graded("hidden", { grade: true, locked: true, points: 3 }),
  ),
  code("check", 'await check("twice")', graded("check", { grade: true, locked: true, points: 2 })),
  code(
    "seen",
    "import * as socket from 'wirebook/socket';\nimport { trace } from 'wirebook/trace';\nawait trace(async () => {\n  const server = await socket.createServer(['127.0.0.1', 0]);\n  await server.close();\n});",
  ),
  code(
    "picture",
    "svg`<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'><circle id='dot' r='9'/></svg>`",
  ),
  code("table", "[{ planet: 'Mars', moons: 2 }]"),
  code("place", "console.log('Here is', process.cwd())"),
  markdown(
    "why",
    "**Why?**\n<!-- BEGIN SOLUTION instead of: -->\nBecause two times n.\n<!-- END SOLUTION -->",
    graded("why", { grade: true, solution: true, points: 4 }),
  ),
  markdown(
    "draw",
    "Draw it.\n<!-- BEGIN MARK SCHEME -->\n- (5) a drawing with *both* arrows\n<!-- END MARK SCHEME -->",
    graded("draw", { task: true, locked: true, points: 5 }),
  ),
]);

const CHECKS = `import { defineChecks } from "wirebook/checks";
export const checks = defineChecks({
  twice: {
    title: "Twice anything",
    points: 2,
    hints: ["Try more numbers", "secret hint two", "secret hint three"],
    async run(student, t) {
      for (const n of [31, 32]) {
        const seen = await student.call("double", [n]);
        t.expect("secret row " + n, {}, seen === 2 * n, { expected: "secret " + 2 * n, seen: String(seen) });
      }
    },
  },
});
`;

/** What neither a release nor feedback may have in it. */
const SECRET = /secret|4242|double\(2121|BEGIN HIDDEN|both<\/em> arrows|MARK SCHEME/;

const RIGHT = "function double(n: number): number {\n  return n + n;\n}";

function find(cells: Cell[], id: string): Cell {
  const cell = cells.find((one) => one.id === id);
  if (!cell) throw new Error(`no cell ${id}`);
  return cell;
}

/** What three students do to their notebooks. */
const STUDENTS: Record<string, (cells: Cell[]) => void> = {
  ada(cells) {
    find(cells, "double").source = RIGHT;
    find(cells, "why").source = "**Why?** Two of *each* make a pair.";
  },
  // A copy with the answer in it, a test that is gone, and one that says "all points".
  ben(cells) {
    const copy = { ...structuredClone(find(cells, "double")), id: "copy", source: RIGHT };
    cells.splice(1, 0, copy);
    cells.splice(cells.indexOf(find(cells, "hidden")), 1);
    find(cells, "check").source = "2";
  },
  cleo(cells) {
    find(cells, "double").source = "function double(n: number): number {\n  return n === 31 ? 62 : 6;\n}";
  },
};

/** Of a picture that the browser could draw. */
const widthOf = (picture: Locator) =>
  picture.evaluate((one) => (one as unknown as { naturalWidth: number }).naturalWidth);

describe.skipIf(reason)(`marking in the Formgrader${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let folder: Folder;
  let home: JupyterHome;
  let child: ChildProcess;
  let lab: LabPage;
  let url: string;
  const course = (): string => join(folder.path, "nets");

  async function wirebook(...args: string[]): Promise<Ended> {
    const ended = await folder.wirebook(...args);
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    return ended;
  }

  beforeAll(async () => {
    folder = new Folder();
    await wirebook("course", "init", course());
    mkdirSync(join(course(), "source", "calls"));
    writeFileSync(join(course(), "source", "calls", "calls.ipynb"), JSON.stringify(SOURCE));
    writeFileSync(join(course(), "checks", "hidden.ts"), CHECKS);
    await wirebook("release", "calls", "--dir", course());
    const released = readFileSync(join(course(), "release", "calls", "calls.ipynb"), "utf8");
    for (const [student, change] of Object.entries(STUDENTS)) {
      const own = JSON.parse(released) as Notebook;
      change(own.cells);
      mkdirSync(join(folder.path, student));
      const path = join(folder.path, student, "calls.ipynb");
      writeFileSync(path, JSON.stringify(own));
      await folder.wirebook(
        ...["submit", "--student", student, "--no-run", "--no-html", "--output-dir", "zips", path],
      );
    }
    await wirebook("course", "import", "--dir", course(), "zips");
    await wirebook("course", "nbgrader", "--dir", course(), "autograde", "calls");

    home = jupyterHome();
    const [port] = await freePorts(1);
    const token = randomBytes(16).toString("hex");
    url = `http://127.0.0.1:${port}`;
    const words = ["course", "lab", "--dir", course(), "--no-browser", `--ServerApp.port=${port}`];
    child = spawn(process.execPath, [join(dist, "cli.js"), ...words], {
      env: { ...home.env, JUPYTER_TOKEN: token, TMPDIR: folder.temporary },
      stdio: "ignore",
    });
    for (let i = 0; ; i++) {
      if ((await fetch(`${url}/api/status?token=${token}`).catch(() => undefined))?.ok) break;
      if (child.exitCode !== null || i > 1500) throw new Error("JupyterLab did not start");
      await new Promise((wait) => setTimeout(wait, 200));
    }
    lab = await LabPage.open({
      ...{ url, token, notebooks: course(), env: home.env },
      async [Symbol.asyncDispose]() {},
    });
    lab.page.setDefaultTimeout(PATIENCE);
    await lab.page.goto(`${url}/lab?token=${token}&reset`);
    await lab.page.waitForSelector(".jp-Launcher");
  }, 900_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    if (child?.exitCode === null) {
      const gone = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await gone;
    }
    home?.[Symbol.dispose]();
    folder?.[Symbol.dispose]();
  }, 120_000);

  /** The Formgrader is a page within JupyterLab's. */
  async function formgrader(): Promise<Frame> {
    const element = await lab.page.waitForSelector('iframe[src*="formgrader"]');
    const frame = await element.contentFrame();
    if (!frame) throw new Error("the Formgrader has no page");
    return frame;
  }

  /** What was given before comes after the page, and would go over what is typed. */
  const loaded = (frame: Frame) =>
    frame.waitForFunction("window.formgrader?.grades?.loaded && window.formgrader?.comments?.loaded");

  /** From the list of assignments to what a student handed in, by clicks. */
  async function open(student: string): Promise<Frame> {
    const frame = await formgrader();
    await frame.goto(`${url}/formgrader/gradebook`);
    await frame.click('a:text-is("calls")');
    await frame.click('a:text-is("calls") >> nth=-1');
    const name = frame.locator(`a.name-shown:text-is("${student}")`);
    await name.waitFor({ state: "attached" });
    await frame.click('text="Show All Names"');
    await name.click();
    await loaded(frame);
    return frame;
  }

  it("lists the assignments from the menu Nbgrader, with how many were handed in", LONG, async () => {
    await lab.menu("Nbgrader", "Formgrader");
    const frame = await formgrader();
    const row = frame.locator("tr", { has: frame.locator('a:text-is("calls")') });
    await row.waitFor();
    expect(await row.locator(".num-submissions").textContent()).toBe("3");
    await lab.shot("marker-assignments");
  });

  it("shows a submission with its marks so far, the mark scheme, and what its cells show", LONG, async () => {
    const frame = await open("ada");
    const points = (id: string) => frame.locator(`#${id}`).inputValue();
    const given = (id: string) => frame.locator(`#${id}`).getAttribute("placeholder");
    expect([await given("hidden"), await given("check")]).toEqual(["3", "2"]);
    expect([await points("draw"), await points("why")]).toEqual(["", ""]);
    const page = frame.locator("#notebook").first();
    expect(await page.textContent()).toContain("(5) a drawing with both arrows");
    expect(await page.textContent()).toContain("Two of each make a pair.");
    // A check's table, a picture, a table of objects and a diagram as it was in the end.
    expect(await page.locator(".output_html:has-text('Twice anything')").textContent()).toContain(
      "2 of 2 points",
    );
    expect(await widthOf(page.locator(".output_svg img"))).toBe(40);
    expect(await page.locator("td:text-is('Mars')").count()).toBe(1);
    expect(await page.locator("svg:has-text('listen, backlog')").count()).toBeGreaterThan(0);
    // Columns are apart.
    const padding = await frame.evaluate(
      "parseFloat(getComputedStyle(document.querySelector('.output_html td')).paddingRight)",
    );
    expect(padding).toBeGreaterThan(4);
    await lab.shot("marker-submission");
  });

  it("keeps points and comments that are typed, also for whoever comes back to the page", LONG, async () => {
    const frame = await open("ada");
    const saved = () =>
      lab.page.waitForResponse(
        (answer) =>
          answer.request().method() === "PUT" && /formgrader\/api\/(grade|comment)\//.test(answer.url()),
      );
    for (const [field, text] of [
      ["#draw", "4"],
      ["#why", "2.5"],
      ["#draw-comment", "The **second** arrow is missing."],
      ["#why-comment", "Say it for *all* n."],
    ] as const) {
      await frame.fill(field, text);
      await Promise.all([saved(), frame.press(field, "Tab")]);
    }
    await frame.goto(frame.url());
    await loaded(frame);
    expect([await frame.inputValue("#draw"), await frame.inputValue("#why")]).toEqual(["4", "2.5"]);
    expect(await frame.inputValue("#draw-comment")).toBe("The **second** arrow is missing.");
    expect(await frame.inputValue("#why-comment")).toBe("Say it for *all* n.");
    await frame.locator("#draw").scrollIntoViewIfNeeded();
    await lab.shot("marker-marked");
  });

  it(
    "gives the points of tests to who copied, deleted or edited cells, and no more to wrong answers",
    LONG,
    async () => {
      for (const [student, hidden, check] of [
        ["ben", "3", "2"],
        ["cleo", "0", "1"],
      ] as const) {
        const frame = await open(student);
        const given = (id: string) => frame.locator(`#${id}`).getAttribute("placeholder");
        expect([student, await given("hidden"), await given("check")]).toEqual([student, hidden, check]);
        await lab.shot(`marker-${student}`);
      }
    },
  );

  it(
    "makes feedback with a click: points and comments are in it, and nothing that is hidden",
    LONG,
    async () => {
      const frame = await formgrader();
      await frame.goto(`${url}/formgrader/manage_assignments`);
      const row = frame.locator("tr", { has: frame.locator('a:text-is("calls")') });
      await row.locator(".generate-feedback a").click();
      await frame.waitForSelector("text=Successfully generated feedback", { timeout: PATIENCE });
      await lab.shot("marker-generated");
      const page = await lab.page.context().newPage();
      for (const [student, score] of [
        ["ada", "11.5"],
        ["ben", "5.0"],
        ["cleo", "1.0"],
      ] as const) {
        await page.goto(pathToFileURL(join(course(), "feedback", student, "calls", "calls.html")).href, {
          waitUntil: "domcontentloaded",
        });
        const text = (await page.textContent("body")) ?? "";
        expect(text).toContain(`calls (Score: ${score} / 14.0)`);
        expect(text).toContain(student === "cleo" ? "0 of 3 points" : "3 of 3 points");
        expect(text).toContain("Here is …");
        const whole = await page.content();
        expect([SECRET.exec(whole)?.[0], whole.includes(folder.path)]).toEqual([undefined, false]);
        expect(await widthOf(page.locator(".output_svg img"))).toBe(40);
        expect(await page.locator("td:text-is('Mars')").count()).toBe(1);
      }
      await page.goto(pathToFileURL(join(course(), "feedback", "ada", "calls", "calls.html")).href, {
        waitUntil: "domcontentloaded",
      });
      const comments = await page.locator(".panel-footer").allInnerTexts();
      expect(comments.map((one) => one.replace(/\s+/g, " ").trim())).toEqual([
        "Comments: Say it for all n.",
        "Comments: The second arrow is missing.",
      ]);
      await lab.shot("marker-feedback", page);
      await page.close();
    },
  );

  it("exports the marks that were given, those by hand among them", LONG, async () => {
    await wirebook("course", "nbgrader", "--dir", course(), "export");
    const [head = "", ...rows] = readFileSync(join(course(), "grades.csv"), "utf8").trim().split(/\r?\n/);
    const columns = head.split(",");
    const marks = rows
      .map((row) => Object.fromEntries(row.split(",").map((value, index) => [columns[index], value])))
      .filter((row) => row.assignment === "calls")
      .map((row) => [row.student_id, Number(row.score), Number(row.max_score)]);
    expect(marks).toEqual([
      ["ada", 11.5, 14],
      ["ben", 5, 14],
      ["cleo", 1, 14],
    ]);
  });
});
