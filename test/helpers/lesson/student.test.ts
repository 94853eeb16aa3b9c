// Who works here: said once, kept beside the notebooks, and what is made of it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { personal } from "../../../kernel-helpers/lesson/personal.js";
import { isStudentId } from "../../../kernel-helpers/lesson/student.js";
import { problemOfStudent } from "../../../src/submission/names.js";
import { type KernelProcess, startKernelProcess } from "../../kernel/kernel.js";

async function say(kernel: KernelProcess, code: string): Promise<string> {
  const { iopub } = await kernel.client.execute(`import { iAm, personal } from 'wirebook/lesson';\n${code}`);
  return iopub
    .map(({ type, content }) =>
      type === "stream" ? content.text : type === "error" ? `${content.ename}: ${content.evalue}` : "",
    )
    .join("");
}

test("who says who they are has numbers of their own from then on, and wirebook submit knows it, too", async () => {
  await using kernel = await startKernelProcess();
  expect(await say(kernel, "iAm(``); console.log(personal('x').shared)")).toMatch(
    /^Nobody has said who you are[\s\S]*true\n$/,
  );
  expect(await say(kernel, "iAm(` ada42 `); console.log(personal('x').seed)")).toBe(
    `You are ada42. The numbers of this lab are made for you.\n${personal("x", { student: "ada42", course: "wirebook" }).seed}\n`,
  );
  expect(await say(kernel, "iAm(``)")).toMatch(/^You are ada42\./);
  const kept = JSON.parse(readFileSync(join(kernel.folder, ".wirebook", "student.json"), "utf8"));
  expect(kept).toEqual({ student: "ada42" });
});

test("what could not be a folder's name is refused, and where the course has said who it is, that counts", async () => {
  {
    await using kernel = await startKernelProcess();
    for (const bad of ["a/b", ".ada", "a\\u0007", "a[1]", "CON", "x".repeat(101)])
      expect(await say(kernel, `iAm('${bad}')`), bad).toMatch(/^RangeError: iAm\(.* an id has at most 100/);
    expect(await say(kernel, "iAm(``)")).toMatch(/^Nobody has said/);
  }
  await using kernel = await startKernelProcess({ env: { JUPYTERHUB_USER: "bob" } });
  expect(await say(kernel, "iAm('ada')")).toMatch(/^Your course calls you bob\./);
});

test.each([
  ...["ada42", "ada.lovelace", "Ада", "é", "e\u0301", "con artist", "icon", "123", "a".repeat(100), "a b"],
  ...["", " ", " ada", "ada ", ".ada", "ada.", "a/b", "a\\b", "a:b", "a*b", "a?b", "a|b", "<a>", '"a"'],
  ...[
    "a[1]",
    "CON",
    "con.txt",
    "nul",
    "lpt1",
    "COM9.a",
    "a\u0007",
    "a\u200b",
    "a\u2028b",
    "a".repeat(101),
    "😀".repeat(51),
    "\u00a0a",
  ],
])("%j is an id for the lab where it is one for whoever collects submissions", (id) => {
  expect(isStudentId(id)).toBe(problemOfStudent(id) === undefined);
});

test("the course is the one that the notebook says it belongs to, where nobody else says one", async () => {
  const seed = (course: string): string => `${personal("x", { student: "ada", course }).seed}\n`;
  const prepare = (folder: string): void => {
    const metadata = { wirebook: { assignment: { course: "nets", name: "lab" } } };
    writeFileSync(join(folder, "a.ipynb"), JSON.stringify({ metadata, cells: [] }));
  };
  const env = { WIREBOOK_STUDENT: "ada", WIREBOOK_NOTEBOOK: "/home/ada/a.ipynb" };
  for (const [more, course] of [
    [{}, "nets"],
    [{ WIREBOOK_COURSE: "hub" }, "hub"],
    [{ WIREBOOK_NOTEBOOK: "/home/ada/other.ipynb" }, "wirebook"],
  ] as const) {
    await using kernel = await startKernelProcess({ env: { ...env, ...more }, prepare });
    expect(await say(kernel, "console.log(personal('x').seed)")).toBe(seed(course));
  }
});
