// V8's REPL mode lets few names be declared again as something else; notebooks do it all the time.
import { describe, expect, test } from "vitest";
import { openNotebook } from "./notebook.js";

/** How `x` is declared, by kind, so that its value tells which declaration is the newest. */
const KINDS = {
  let: (value: string) => `let x: any = '${value}'`,
  const: (value: string) => `const x = '${value}' as const`,
  var: (value: string) => `var x: any = '${value}'`,
  function: (value: string) => `function x(): string { return '${value}' }`,
  class: (value: string) => `class x { static readonly value: string = '${value}' }`,
  import: (value: string) => `import { x } from '${value}'`,
};
const modules = { first: { x: "first" }, second: { x: "second" }, third: { x: "third" } };
/** What `x` says, whatever it is. */
const SAYS = "(typeof x !== 'function' ? x : (x as any).value ?? (x as any)())";

const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
describe.each(kinds)("a name declared with `%s`", (from) => {
  test.each(kinds)(
    "may be declared with `%s` in a later cell, and earlier functions see that",
    async (to) => {
      const notebook = openNotebook({ modules });
      await notebook.value(
        `${KINDS[from]("first")}\nfunction see() { return ${SAYS} }\nconst arrow = () => ${SAYS}`,
      );
      expect(await notebook.value(`[${SAYS}, see(), arrow()].join()`)).toBe("first,first,first");
      // In the very cell that declares it anew, too.
      expect(await notebook.value(`${KINDS[to]("second")};\n[${SAYS}, see(), arrow()].join()`)).toBe(
        "second,second,second",
      );
      expect(await notebook.value(`[${SAYS}, see(), arrow()].join()`)).toBe("second,second,second");
      // And back: nothing about the second kind is for ever.
      await notebook.value(KINDS[from]("third"));
      expect(await notebook.value(`[${SAYS}, see(), arrow()].join()`)).toBe("third,third,third");
    },
  );

  test("may be declared by the same cell again", async () => {
    const notebook = openNotebook({ modules });
    for (const value of ["first", "first", "second"]) {
      await notebook.value(KINDS[from](value));
      expect(await notebook.value(SAYS)).toBe(value);
    }
  });

  test("is no property of the global object", async () => {
    const notebook = openNotebook({ modules });
    await notebook.value(KINDS[from]("first"));
    expect(await notebook.value("'x' in globalThis")).toBe(false);
  });
});

test("a name that an earlier cell declared is assigned to, not declared, without a keyword", async () => {
  const notebook = openNotebook();
  await notebook.value("let count = 1\nconst read = () => count");
  await notebook.value("count += 1");
  expect(await notebook.value("read()")).toBe(2);
});

test("the value of the older declaration can make the newer one", async () => {
  const notebook = openNotebook();
  await notebook.value("const list = [1]\nclass Shape { sides() { return 0 } }");
  await notebook.value("const old = list, Old = Shape");
  await notebook.value(
    "const list = [...old, 2]\nclass Shape extends Old { sides() { return super.sides() + 4 } }",
  );
  expect(await notebook.value("[list, new Shape().sides()].join()")).toBe("1,2,4");
});

test("a declaration whose value could not be made keeps the older one", async () => {
  const notebook = openNotebook();
  await notebook.value("const kept = 'old'");
  for (const kind of ["let", "const", "var"]) {
    expect(await notebook.cell(`${kind} kept = (() => { throw new Error('no') })()`)).toMatchObject({
      error: "Error: no",
    });
    expect(await notebook.value("kept")).toBe("old");
  }
  expect((await notebook.cell("class kept extends (null as any)() {}")).error).toMatch(/^TypeError/);
  expect(await notebook.value("kept")).toBe("old");
});

test("a name whose first declaration failed is not dead: it is undefined and may be declared again", async () => {
  const notebook = openNotebook();
  expect((await notebook.cell("const x = await Promise.reject(new Error('refused'))")).error).toBe(
    "Error: refused",
  );
  expect(await notebook.value("x")).toBeUndefined();
  expect(await notebook.value("const x = 1\nx")).toBe(1);
});
