// What is said of names whose types change when an earlier cell runs again.
import { expect, test } from "vitest";
import { openTypedNotebook, type TypedNotebook } from "./fixture.js";

const told = async (notebook: TypedNotebook, code: string, id: string): Promise<string | undefined> =>
  (await notebook.cell(code, { id })).told;

test("a re-run that changes the type of a name says once which cells' functions still use it as what it was", async () => {
  await using notebook = openTypedNotebook();
  await told(notebook, "let x = 1", "a");
  await told(notebook, "const f = () => x", "b");
  await told(notebook, "class Reader { read(): unknown { return x } }", "c");
  expect(await told(notebook, "let x = 'text'", "a")).toBe(
    "x is string now; Cell [2] uses it as number, Cell [3] uses it as number: run them again",
  );
  expect(await told(notebook, "let x = 'other'", "a")).toBeUndefined();
  await told(notebook, "const f = () => x", "b");
  expect(await told(notebook, "let x = true", "a")).toBe(
    "x is boolean now; Cell [3] uses it as number, Cell [6] uses it as string: run them again",
  );
});

test("of functions it is the signature that counts", async () => {
  await using notebook = openTypedNotebook();
  await told(notebook, "function add(a: number) { return a }", "a");
  await told(notebook, "function twice(): number { return add(1) * 2 }", "b");
  expect(await told(notebook, "function add(a: number) { return a + 1 }", "a")).toBeUndefined();
  expect(await told(notebook, "function add(a: string) { return a }", "a")).toBe(
    "add is (a: string): string now; Cell [2] uses it as (a: number): number: run it again",
  );
});

test.each([
  ["the value is another, the type the same", "let x = 1", "const f = () => x", "let x = 2"],
  ["a constant is another number", "const port = 12345", "const open = () => port", "const port = 12346"],
  ["the cell that used it is over", "let x = 1", "console.log(x); const y = x", "let x = 's'"],
  ["nobody knew what it was", "let x: any = 1", "const f = () => x", "let x = 's'"],
  ["a local of that name is meant by nobody", "let x = 1", "const y = 1", "let x = 's'"],
])("nothing is said where %s", async (_title, first, user, again) => {
  await using notebook = openTypedNotebook();
  await told(notebook, first, "a");
  await told(notebook, user, "b");
  expect(await told(notebook, again, "a")).toBeUndefined();
});

test("nothing is said where the function is gone, the re-run fails before the name, or types are off", async () => {
  await using notebook = openTypedNotebook();
  await told(notebook, "let x = 1", "a");
  await told(notebook, "const f = () => x", "b");
  expect(await told(notebook, "JSON.parse('{'); let x = 's'", "a")).toBeUndefined();
  expect((await notebook.cell("let x = 's'", { id: "a", unchecked: true })).told).toBeUndefined();
  await told(notebook, "const f = 0", "b");
  expect(await told(notebook, "let x = 1", "a")).toBeUndefined();
});
