// Predictions and values of one's own, in the kernel, as a student meets them.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { personal } from "../../../kernel-helpers/lesson/personal.js";
import { type KernelProcess, startKernelProcess } from "../../kernel/kernel.js";

const IMPORT = "import { predict, seen } from 'wirebook/lesson';\n";
const FILE = join(".wirebook", "predictions.jsonl");
const MIME = "application/vnd.wirebook.prediction+json";

/** @param before what the file of predictions holds when the kernel starts */
async function start(env: NodeJS.ProcessEnv = {}, before = ""): Promise<KernelProcess> {
  return startKernelProcess({
    env: { WIREBOOK_NOTEBOOK: "/labs/4-sending.ipynb", ...env },
    prepare: (folder) => {
      if (!before) return;
      mkdirSync(join(folder, ".wirebook"));
      writeFileSync(join(folder, FILE), before);
    },
  });
}

async function shown(kernel: KernelProcess, code: string): Promise<Record<string, unknown>> {
  const { iopub, reply } = await kernel.client.execute(IMPORT + code);
  expect(reply.content).toMatchObject({ status: "ok" });
  return iopub.find(({ type }) => type === "display_data")?.content.data ?? {};
}

test("the first answer is locked, in the output and in a file, and stands beside what was seen", async () => {
  await using kernel = await start();
  expect((await shown(kernel, "predict('recv', '')"))["text/plain"]).toMatch(/^No prediction yet/);
  expect(existsSync(join(kernel.folder, ".wirebook"))).toBe(false);
  const locked = await shown(kernel, "predict('recv', 1)");
  expect(locked["text/plain"]).toMatch(/^Locked: 1 \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)/);
  expect(locked[MIME]).toMatchObject({ notebook: "4-sending", id: "recv", kind: "predicted", value: 1 });
  expect((await shown(kernel, "predict('recv', 1)"))["text/plain"]).toMatch(/^Your prediction is locked: 1/);
  const other = await shown(kernel, "predict('recv', 6)");
  expect(other["text/plain"]).toMatch(/^Your first prediction stays: 1 .* noted, too: 6\.$/);
  const result = await shown(kernel, "seen('recv', 6)");
  expect(result["text/plain"]).toBe(
    "you predicted      1\nlater you thought  6\nyou saw            6\nNot what you predicted: what explains the difference?",
  );
  expect(result["text/html"]).toContain('<th scope="row"');
  const lines = readFileSync(join(kernel.folder, FILE), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).kind)).toEqual(["predicted", "changed", "seen"]);
  expect(locked[MIME]).toEqual(JSON.parse(lines[0] ?? ""));
});

test("a prediction outlives the kernel, and each line of the file holds the one before it", async () => {
  let written = "";
  {
    await using kernel = await start();
    await shown(kernel, "predict('who', 'The  client')");
    written = readFileSync(join(kernel.folder, FILE), "utf8");
  }
  await using kernel = await start({}, written);
  expect((await shown(kernel, "seen('who', 'the client')"))["text/plain"]).toMatch(/As you predicted\.$/);
  let before = "";
  for (const line of readFileSync(join(kernel.folder, FILE), "utf8").trim().split("\n")) {
    const { hash, ...rest } = JSON.parse(line);
    expect(
      createHash("sha256")
        .update(before + JSON.stringify(rest))
        .digest("hex"),
    ).toBe(hash);
    before = hash;
  }
});

test("who looked first is told so; what was typed is text and no markup", async () => {
  await using kernel = await start();
  const result = await shown(kernel, "seen('early', '<b>bold</b>')");
  expect(result["text/plain"]).toMatch(/^you predicted +nothing before you looked/);
  expect(result["text/html"]).not.toContain("<b>");
  expect(result["text/html"]).toContain("&#60;b&#62;bold");
});

test("where nothing can be written the cell's output holds the prediction, and says so", async () => {
  // A file where the folder should be.
  await using kernel = await startKernelProcess({
    prepare: (folder) => writeFileSync(join(folder, ".wirebook"), ""),
  });
  const locked = await shown(kernel, "predict('x', 5)");
  expect(locked["text/plain"]).toMatch(/could not be written .* it is in this cell's output/);
  expect((await shown(kernel, "seen('x', 5)"))["text/plain"]).toMatch(/As you predicted/);
});

test("a student's values are their own, the same again, and do not depend on the order", () => {
  const [ada, bob] = ["ada", "bob"].map((student) => personal("4-sending", { student, course: "nets" }));
  expect(ada?.seed).toBe(createHash("sha256").update("nets\n4-sending\nada").digest("hex"));
  expect(ada?.seed).not.toBe(bob?.seed);
  const again = personal("4-sending", { student: "ada", course: "nets" });
  const list = Array.from({ length: 1000 }, (_, at) => at);
  expect(again.pick("word", list)).toBe(ada?.pick("word", list));
  expect(again.integer("port", 20_000, 29_999)).toBe(ada?.integer("port", 20_000, 29_999));
  expect(ada?.shared).toBe(false);
  const throws = list.map((at) => ada?.integer(String(at), 1, 6) ?? 0);
  expect(new Set(throws)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  expect(() => ada?.integer("none", 2, 1)).toThrow("no whole number from 2 to 1");
  expect(() => ada?.pick("none", [])).toThrow("the list is empty");
});

test("the id is the one that was told, the hub's, or that of the file beside the notebooks", async () => {
  const seed = async (env: NodeJS.ProcessEnv): Promise<string> => {
    await using kernel = await start({ WIREBOOK_COURSE: "nets", ...env });
    const { iopub } = await kernel.client.execute(
      "import { personal } from 'wirebook/lesson';\npersonal().seed",
    );
    return iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"] ?? "";
  };
  const expected = (student: string): string => personal("4-sending", { student, course: "nets" }).seed;
  expect(await seed({ WIREBOOK_STUDENT: "ada", JUPYTERHUB_USER: "bob" })).toContain(expected("ada"));
  expect(await seed({ JUPYTERHUB_USER: "bob" })).toContain(expected("bob"));
});
