// Local TypeScript files that cells import.
import { SourceMap } from "node:module";
import { expect, test } from "vitest";
import { translateModule } from "../../src/translate/module.js";

/** What a module exports; imports find what is given. */
async function run(source: string): Promise<Record<string, unknown>> {
  const js = translateModule(source, "/lab/part.ts");
  return import(`data:text/javascript,${encodeURIComponent(js)}`);
}

test.each<[string, string, unknown]>([
  ["types", "interface I { a: number }\nexport const x: I = { a: 1 };", { a: 1 }],
  ["enums", "export enum E { A = 5 }\nexport const x = E.A;", 5],
  ["namespaces", "namespace N { export const y = 2 }\nexport const x = N.y;", 2],
  ["parameter properties", "class P { constructor(public a: number) {} }\nexport const x = new P(3).a;", 3],
  [
    "decorators",
    "const twice = (f: any, _: any) => () => f() * 2;\nclass D { @twice m() { return 2 } }\nexport const x = new D().m();",
    4,
  ],
  [
    "an imported type without the word",
    'import { Stats, sep } from "node:fs";\nexport const x = 6 as unknown as Stats;',
    6,
  ],
  ["top-level await", "export const x = await Promise.resolve(7);", 7],
])("%s", async (_, source, value) => {
  // `sep` is not in node:fs: an import that is used nowhere goes, too.
  expect((await run(source)).x).toEqual(value);
});

test("the map leads back to the student's line and column", () => {
  const js = translateModule("enum E { A }\n\n  throw new Error(String(E.A));\n", "/lab/part.ts");
  const [, encoded = ""] = /sourceMappingURL=data:application\/json;base64,(\S+)$/.exec(js) ?? [];
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString()));
  const lines = js.split("\n");
  const line = lines.findIndex((text) => text.includes("throw"));
  expect(map.findEntry(line, lines[line]?.indexOf("throw") ?? 0)).toMatchObject({
    originalSource: expect.stringContaining("part.ts"),
    originalLine: 2,
    originalColumn: 2,
  });
});

test("a mistake names the file, the line and the column", () => {
  expect(() => translateModule("const a = 1;\nconst b = ;", "/lab/part.ts")).toThrow(
    /\(\/lab\/part\.ts:2:11\)/,
  );
});
