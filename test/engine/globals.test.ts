import { expect, test } from "vitest";
import type { Event } from "../../src/flow.js";
import { startEngineUnderTest } from "./fixture.js";

const displays = (events: Event[]): Record<string, unknown>[] =>
  events.flatMap((event) =>
    event.type === "display"
      ? [
          {
            ...event.bundle.data,
            ...(event.displayId && { id: event.displayId }),
            ...(event.update && { update: true }),
          },
        ]
      : [],
  );

test("display shows values, bundles and objects that know how to show themselves, and can replace what it showed", async () => {
  await using engine = startEngineUnderTest();
  const { events, value } = await engine.cell(`
    display({ a: 1 }); display({ "text/html": "<b>x</b>" }, { raw: true }); display({ [Symbol.for("Jupyter.display")]: () => ({ "text/markdown": "**m**", "text/plain": "m" }) })
    display(1, { id: "n" }); display(2, { id: "n", update: true }); display(html\`<i>\${1 + 1}</i>\`); display(md\`# t\`); display(svg\`<svg/>\`)
    await display({ [Symbol.for("Jupyter.display")]: async () => ({ "text/plain": "late" }) })
    display("last")`);
  expect(value).toBeUndefined();
  expect(displays(events)).toEqual([
    { "text/plain": "{ a: 1 }" },
    { "text/html": "<b>x</b>", "text/plain": expect.stringMatching(/./) },
    { "text/markdown": "**m**", "text/plain": "m" },
    { "text/plain": "1", id: "n" },
    { "text/plain": "2", id: "n", update: true },
    { "text/html": "<i>2</i>", "text/plain": "<i>2</i>" },
    { "text/markdown": "# t", "text/plain": "# t" },
    { "image/svg+xml": "<svg/>", "text/plain": "<svg/>" },
    { "text/plain": "late" },
    { "text/plain": "'last'" },
  ]);
});

test("tagged templates keep backslashes' meaning as a template has it", async () => {
  await using engine = startEngineUnderTest();
  const { events } = await engine.cell("display(html`a\\tb`)");
  expect(displays(events)[0]?.["text/html"]).toBe("a\tb");
});

test("in the tags' templates values go in as they are, one in another, and `escape` makes text of anything", async () => {
  await using engine = startEngineUnderTest();
  const { value, events } = await engine.cell(`
    const packet = "<img src=x onerror='alert(1)'> & \\"1\\" *bold* [a](b) $x$";
    display(html\`<ul>\${["a", "b"].map((item) => html\`<li>\${item}</li>\`)}</ul>\`);
    display(html\`<i title="\${html.escape(packet)}">\${html.escape(5)}</i>\`);
    display(md\`**\${md.escape(packet + "\\n# x")}**\`);
    display(svg\`<text>\${svg.escape(packet)}</text>\`);
    html\`<b>\${packet}</b>\``);
  const [list, escaped, markdown, drawn] = displays(events);
  expect(list?.["text/html"]).toBe("<ul><li>a</li><li>b</li></ul>");
  expect(escaped?.["text/html"]).toBe(
    '<i title="&#60;img src=x onerror=&#39;alert(1)&#39;&#62; &#38; &#34;1&#34; *bold* [a](b) $x$">5</i>',
  );
  expect(String(markdown?.["text/markdown"]).slice(2, -2)).toMatch(/^[\w\s&#;]+$/);
  expect(String(markdown?.["text/markdown"])).not.toContain("\n");
  expect(drawn?.["image/svg+xml"]).toMatch(/^<text>&#60;img /);
  expect(value).toBe("<b><img src=x onerror='alert(1)'> & \"1\" *bold* [a](b) $x$</b>");
});

test("display takes metadata, and the name that others have for the id", async () => {
  await using engine = startEngineUnderTest();
  const { events } = await engine.cell(`
    display({ "image/png": new Uint8Array([1, 2, 3]) }, { raw: true, display_id: "d", metadata: { "image/png": { width: 9 } } });
    display({ data: { "text/html": "x" }, metadata: { a: 1 } }, { raw: true });`);
  expect(
    events.flatMap((event) => (event.type === "display" ? [[event.displayId, event.bundle]] : [])),
  ).toEqual([
    [
      "d",
      { data: { "image/png": "AQID", "text/plain": "image/png" }, metadata: { "image/png": { width: 9 } } },
    ],
    [undefined, { data: { "text/html": "x", "text/plain": "text/html" }, metadata: { a: 1 } }],
  ]);
});

test("a silent run has no output and no result, and its errors are still told", async () => {
  await using engine = startEngineUnderTest();
  const { events } = await engine.cell('console.log("x"); display(1); clearOutput(); 5', { silent: true });
  expect(events.map((event) => event.type)).toEqual(["done"]);
  expect((await engine.cell("throw new Error('x')", { silent: true })).status).toBe("error");
});

test("clearOutput stands in order with the output around it", async () => {
  await using engine = startEngineUnderTest();
  const { events } = await engine.cell("console.log(1); clearOutput({ wait: true }); console.log(2)");
  expect(
    events.map((event) =>
      event.type === "stream" ? event.text : event.type === "clear" ? event.wait : event.type,
    ),
  ).toEqual(["1\n", true, "2\n", "done"]);
});

test("the globals can be hidden by the student's own names, and are not listed on globalThis", async () => {
  await using engine = startEngineUnderTest();
  expect(
    (
      await engine.cell(
        "Object.keys(globalThis).filter(k => ['display', 'html', 'input', 'keep', '__wirebook', 'require'].includes(k))",
      )
    ).value,
  ).toBe("[]");
  expect(
    (
      await engine.cell(
        "const display = 'mine'; function html() { return 1 }; let input = 3; [display, html(), input]",
      )
    ).value,
  ).toBe("[ 'mine', 1, 3 ]");
});

test("completion and inspection look at live values, also while a cell runs, and never run anything of the student's", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell(
    "let touched = 0; const server = { port: 80, get secret() { touched++; return 1 }, portal() {} }; const bump = () => ++touched; const longName = 'x'",
  );
  const { run, done } = engine.start('console.log("in"); for (;;);');
  await engine.event((event) => event.type === "stream" && event.run === run, "the loop's beginning");
  const complete = (expression: string | null, prefix: string): Promise<unknown> =>
    engine.ask((id) => ({ type: "complete", id, expression, prefix }));
  const inspect = (expression: string): Promise<unknown> =>
    engine.ask((id) => ({ type: "inspect", id, expression, detail: 0 }));
  expect(await complete("server", "po")).toEqual({
    matches: [
      { text: "port", type: "property" },
      { text: "portal", type: "function" },
    ],
  });
  expect(await complete(null, "longN")).toEqual({ matches: [{ text: "longName", type: "variable" }] });
  expect(await complete("server.secret", "to")).toEqual({ matches: [] });
  expect(await complete("bump()", "to")).toEqual({ matches: [] });
  expect(await inspect("longName")).toMatchObject({ found: true, text: expect.stringContaining("x") });
  expect(await inspect("server.secret")).toMatchObject({ found: false });
  expect(await inspect("nowhere")).toMatchObject({ found: false });
  await engine.interrupt();
  await done;
  expect((await engine.cell("touched")).value).toBe("0");
});
