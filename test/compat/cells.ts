// Notebooks as others have written them for tslab and Deno: made of the kinds of cells that such notebooks really have, in words
// of our own. docs/compatibility.md tells of each kind.

/** One cell, and what is seen below it: `stdout …`, `value …` (the cell's own), `text/html …`, or the beginning of a problem. */
export interface ForeignCell {
  /** As docs/compatibility.md calls it. */
  kind: string;
  source: string;
  shown: string[];
}

/** What lies in the notebook's folder: path → text. */
export const files: Record<string, string> = {
  "node_modules/greeting/package.json":
    '{"name":"greeting","version":"2.0.1","type":"module","types":"./index.d.ts","exports":{".":{"types":"./index.d.ts","default":"./index.js"},"./loud":{"types":"./index.d.ts","default":"./index.js"}}}',
  "node_modules/greeting/index.js": `export const greet = (name) => \`Good morning, \${name}\`; export const runtime = typeof Deno + typeof globalThis.Deno; export default greet;`,
  "node_modules/greeting/index.d.ts":
    "export interface Options { loud?: boolean }\nexport declare function greet(name: string, options?: Options): string;\nexport declare const runtime: string;\nexport default greet;",
  "node_modules/@std/csv/package.json":
    '{"name":"@std/csv","type":"module","types":"./mod.d.ts","exports":"./mod.js"}',
  "node_modules/@std/csv/mod.js":
    "export const parse = (text) => text.split('\\n').map((line) => line.split(','));",
  "node_modules/@std/csv/mod.d.ts": "export declare function parse(text: string): string[][];",
  // A library that draws by itself, as those made for tslab do.
  "node_modules/tslab-draws/package.json": '{"name":"tslab-draws","main":"index.js"}',
  "node_modules/tslab-draws/index.js": `const { display } = require('tslab'); exports.plot = (data) => display.html(\`<svg data-points="\${data.join()}"></svg>\`);`,
  "node_modules/charts/package.json": '{"name":"charts","type":"module","exports":"./index.js"}',
  "node_modules/charts/index.js":
    "const spec = { $schema: 'https://vega.github.io/schema/vega-lite/v5.json', mark: 'bar' }; export default { markBar: () => ({ toSpec: () => spec }) };",
  "node_modules/elements/package.json": '{"name":"elements","type":"module","exports":"./index.js"}',
  "node_modules/elements/index.js":
    "class SVGElement { get outerHTML() { return '<svg><rect/></svg>' } } export const draw = () => new SVGElement();",
  "node_modules/react/package.json": '{"name":"react","main":"index.js"}',
  "node_modules/react/index.js":
    "exports.createElement = (type, props, ...children) => ({ type, props, children });",
  "helpers/numbers.ts":
    "import type { Range } from './range';\nexport const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);\nexport const size = ({ from, to }: Range) => to - from;",
  "helpers/report.ts": `export const report = async (path: string) => Deno.jupyter.display(Deno.jupyter.html\`<p>\${Deno.readTextFileSync(path).length}</p>\`);`,
  "helpers/range.ts": "export interface Range { from: number; to: number }",
  "helpers/old.js": "exports.double = (n) => n * 2;",
  "words.txt": "one\ntwo\n",
};

export const tslab: ForeignCell[] = [
  {
    kind: "`import * as tslab`, `tslab.versions`",
    source: "import * as tslab from 'tslab';\nObject.keys(tslab.versions)",
    shown: ["value [ 'tslab', 'typescript', 'node' ]"],
  },
  {
    kind: "`tslab.display.*`, awaited or not",
    source:
      "const bytes = new ArrayBuffer(4);\nawait tslab.display.png(new Uint8Array(bytes));\ntslab.display.html('<b>bold</b>')",
    shown: ["image/png AAAAAA==", "text/html <b>bold</b>"],
  },
  {
    kind: "`tslab.newDisplay()`",
    source: `{\n  const slot = tslab.newDisplay();\n  for (const n of [1, 2, 3]) slot.text(\`\${n} of 3\`);\n}`,
    shown: ["text/plain 3 of 3"],
  },
  {
    kind: "packages by their names, types among them",
    source:
      "import { greet, type Options } from 'greeting';\nimport type { Options as Same } from 'greeting';\nconst options: Same & Options = {};\ngreet('Ada', options)",
    shown: ["value 'Good morning, Ada'"],
  },
  {
    kind: "libraries that draw by tslab",
    source: "import { plot } from 'tslab-draws';\nplot([1, 2, 3]);",
    shown: ['text/html <svg data-points="1,2,3"></svg>'],
  },
  {
    kind: "Node's modules, with `node:` or without",
    source:
      "import * as path from 'path';\nimport { sep } from 'node:path';\nimport fs from 'fs';\n[path.sep === sep, fs.existsSync('words.txt')]",
    shown: ["value [ true, true ]"],
  },
  {
    kind: "local files",
    source: "import { size, sum } from './helpers/numbers';\n[sum([1, 2]), size({ from: 3, to: 5 })]",
    shown: ["value [ 3, 2 ]"],
  },
  {
    kind: "`require` beside `import`",
    source:
      "import { greet as hello } from 'greeting/loud';\nconst { double } = require('./helpers/old.js');\nhello(String(double(4)))",
    shown: ["value 'Good morning, 8'"],
  },
  {
    kind: "top-level `await`",
    source:
      "const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));\nawait sleep(1);\nconst late = await Promise.resolve('late');\nlate",
    shown: ["value 'late'"],
  },
  {
    kind: "`for await` over what streams in",
    source:
      "async function* answer() { yield { agent: 'a' }; yield { agent: 'b' }; }\nfor await (const { agent } of answer()) console.log(agent, '----');",
    shown: ["stdout a ----\nb ----\n"],
  },
  { kind: "the last expression's value", source: `\`Slept \${1 + 1} ms\``, shown: ["value 'Slept 2 ms'"] },
  {
    kind: "a promise as the last expression",
    source: "sleep(1)",
    shown: ["value Promise { <pending> }\nA promise: `await` in front of it gives its value."],
  },
  {
    kind: "names declared again, with another type",
    source: "let options = 5;\nclass greet { static version = 2 }\noptions + greet.version",
    shown: ["value 7"],
  },
  {
    kind: "interfaces, classes, enums, blocks",
    source:
      "interface Named { name: string }\nenum Colour { Red, Green }\nclass Cat implements Named { constructor(public name: string) {} }\n{\n  const cat: Named = new Cat('Tom');\n  console.log(cat, Colour[Colour.Green]);\n}",
    shown: ["stdout Cat { name: 'Tom' } Green\n"],
  },
  {
    kind: "code without types, as without `strict`",
    source:
      "function join(a, b) { return a + b }\nlet holder = { inner: null };\n[join('a', 'b'), holder?.inner?.deep]",
    shown: ["value [ 'ab', undefined ]"],
  },
  {
    kind: "type errors on purpose",
    source: "let count: number = 'many';\ncount",
    shown: ["TypeScriptWarning: Type 'string' is not assignable", "value 'many'"],
  },
  {
    kind: "`console.*`",
    source:
      "console.log('%s has %d', 'Ada', 2, { a: { b: { c: {} } } });\nconsole.error('to stderr');\nconsole.table([{ n: 1 }]);",
    shown: [
      "stdout Ada has 2 { a: { b: { c: {} } } }\n",
      "stderr to stderr\n",
      "stdout ┌─────────┬───┐\n│ (index) │ n │\n├─────────┼───┤\n│ 0       │ 1 │\n└─────────┴───┘\n",
    ],
  },
  {
    kind: "`process.env`, `process.stdout.write`, `isTTY`",
    source: `process.env.LAB_MODE = 'demo';\nprocess.stderr.isTTY = false;\nprocess.stdout.write(\`\${process.env.LAB_MODE} \${process.stdout.isTTY ?? false}\`);`,
    // The value of `write`.
    shown: ["stdout demo false", "value true"],
  },
  {
    kind: "`// @ts-ignore` and its like",
    source: "// @ts-ignore\nconst text: string = 5;\n// @ts-expect-error no such member\ntext.nothing",
    shown: [],
  },
  {
    kind: "`/** @module name */`",
    source: "/** @module shapes */\nexport const corners = 4;\ncorners",
    shown: ["value 4"],
  },
  {
    kind: "`import` of such a cell",
    source: "import { corners as fromModule } from './shapes';",
    shown: ["TypeScriptWarning: Cannot find module './shapes'", "Error: Cannot find module"],
  },
  {
    kind: "`/** @browser */`",
    source: "/** @browser */\ndocument.title",
    shown: ["TypeScriptWarning: Cannot find name 'document'.", "ReferenceError: document is not defined"],
  },
];

export const jslab: ForeignCell[] = [
  {
    kind: "`require('tslab')`",
    source: "const fs = require('fs');\nconst tslab = require('tslab');\ntslab.display.html('<i>JS</i>');",
    shown: ["text/html <i>JS</i>"],
  },
  {
    kind: "properties that a constructor makes",
    source: `class Hello {\n  constructor(name) { this.name = name }\n  say() { return \`Hello, \${this.name}\` }\n}\nconst made = {};\nmade.later = new Hello('JS').say();\nmade.later`,
    shown: ["value 'Hello, JS'"],
  },
  {
    kind: "what only sloppy mode allows",
    source:
      "function kind() { return typeof this }\nObject.freeze(made).more = 1;\n{ function inner() { return 'hoisted' } }\n[kind.call('text'), made.more, typeof inner]",
    shown: ["TypeScriptWarning: Cannot find name 'inner'", "value [ 'object', undefined, 'function' ]"],
  },
  {
    kind: "syntax of sloppy mode",
    source: "with (Math) max(1, 2)",
    shown: ["SyntaxError: "],
  },
  {
    kind: "names that nobody has declared",
    source: "everywhere = 5;\neverywhere + 1",
    shown: ["TypeScriptWarning: 2 problems", "value 6"],
  },
  {
    kind: "a value of another type",
    source: "let now = 5;\nnow += ' o’clock';\nnow",
    shown: ["TypeScriptWarning: Type 'string' is not assignable to type 'number'", "value '5 o’clock'"],
  },
  {
    kind: "JSDoc types",
    source: "/** @type {any} */\nlet x = 123;\nx += ' hello';\nx",
    shown: ["TypeScriptWarning: Type 'string' is not assignable to type 'number'", "value '123 hello'"],
  },
];

export const deno: ForeignCell[] = [
  {
    kind: "`npm:`, with versions and paths",
    source:
      "import greet, { runtime } from 'npm:greeting@2.0';\nimport { greet as loud, type Options } from 'npm:greeting@^2/loud';\nconst how: Options = {};\n[greet('Deno'), loud('npm', how)]",
    shown: ["value [ 'Good morning, Deno', 'Good morning, npm' ]"],
  },
  {
    kind: "libraries that ask where they run",
    source: "[runtime, typeof Deno]",
    shown: ["value [ 'undefinedundefined', 'undefined' ]"],
  },
  {
    kind: "`jsr:`",
    source: "import * as csv from 'jsr:@std/csv@1.0.5';\ncsv.parse('a,b\\n1,2').length",
    shown: ["value 2"],
  },
  {
    kind: "addresses of npm's mirrors",
    source:
      "import mirrored from 'https://esm.sh/greeting@2?bundle';\nconst again = await import('https://cdn.jsdelivr.net/npm/greeting@2/+esm');\n[mirrored('esm'), again.greet('jsdelivr')]",
    shown: ["value [ 'Good morning, esm', 'Good morning, jsdelivr' ]"],
  },
  {
    kind: "other addresses",
    source: "import Plot from 'https://deno.land/x/plot/mod.ts';",
    shown: [
      "TypeScriptWarning: Cannot find module 'https://deno.land/x/plot/mod.ts'",
      "Error: Cannot find package 'https://deno.land/x/plot/mod.ts'. No code is fetched from the network",
    ],
  },
  {
    kind: "packages that are not installed",
    source: "const away = await import('npm:not-here@3');",
    shown: [
      "TypeScriptWarning: Cannot find module 'npm:not-here@3'",
      "Error: Cannot find package 'npm:not-here@3'. The package not-here is not installed; in a terminal, in the notebook's folder: npm install not-here@3",
    ],
  },
  {
    kind: "`Deno.jupyter.display`, raw, and replaced",
    source:
      "await Deno.jupyter.display({ 'text/markdown': '_raw_', 'text/plain': 'raw' }, { raw: true });\nawait Deno.jupyter.display({ 'text/plain': 'old' }, { raw: true, display_id: 'd' });\nawait Deno.jupyter.display({ 'text/plain': 'new' }, { raw: true, display_id: 'd', update: true });",
    shown: ["text/markdown _raw_", "text/plain new"],
  },
  {
    kind: "`html`, `md`, `svg`",
    source: `const { display, html, md } = Deno.jupyter;\nconst n = 3;\nawait display(html\`<i>\${n}</i>\`);\nmd\`**\${n}** left\``,
    shown: ["text/html <i>3</i>", "text/markdown **3** left"],
  },
  {
    kind: "`Symbol.for('Jupyter.display')`, `$display`",
    source: `class Vector {\n  constructor(public x: number) {}\n  [Symbol.for('Jupyter.display')]() { return { 'text/plain': \`Vector \${this.x}\`, 'image/svg+xml': '<svg/>' } }\n}\nawait display({ [Deno.jupyter.$display]: () => ({ 'text/html': '<b>own</b>' }) });\nnew Vector(4)`,
    shown: ["text/html <b>own</b>", "image/svg+xml <svg/>"],
  },
  {
    kind: "`Deno.jupyter.broadcast` of outputs",
    source:
      "await Deno.jupyter.broadcast('display_data', { data: { 'text/html': '<u>sent</u>' }, metadata: {}, transient: {} });",
    shown: ["text/html <u>sent</u>"],
  },
  {
    kind: "`Deno.jupyter.broadcast` of comms",
    source: "await Deno.jupyter.broadcast('comm_open', { comm_id: 'c', target_name: 'jupyter.widget' });",
    shown: ["TypeError: Deno.jupyter.broadcast: comm_open is not sent by cells here"],
  },
  {
    kind: "charts and elements as values",
    source:
      "import vl from 'npm:charts';\nimport { draw } from 'npm:elements';\nawait Deno.jupyter.display(vl.markBar());\ndraw()",
    shown: ["application/vnd.vegalite.v5+json {", "image/svg+xml <svg><rect/></svg>"],
  },
  {
    kind: "JSX",
    source: `import * as React from 'npm:react';\nconst page = (el) => ({ [Deno.jupyter.$display]: () => ({ 'text/html': \`<\${el.type}>\${el.children}</\${el.type}>\` }) });\npage(<h1 key='a'>Hello</h1>)`,
    shown: ["text/html <h1>Hello</h1>"],
  },
  {
    kind: "files and environment by `Deno.*`",
    source:
      "Deno.env.set('TOPIC', 'files');\nawait Deno.writeTextFile('out.txt', Deno.readTextFileSync('words.txt').trim());\nconst file = await Deno.open('out.txt');\nconst text = await new Response(file.readable).text();\n[Deno.env.get('TOPIC'), text, (await Deno.stat('out.txt')).isFile]",
    shown: ["value [ 'files', 'one\\ntwo', true ]"],
  },
  {
    kind: "errors of `Deno.errors`",
    source:
      "try { await Deno.readFile('nowhere') } catch (error) { console.log(error instanceof Deno.errors.NotFound) }",
    shown: ["stdout true\n"],
  },
  {
    kind: "`Deno.test`",
    source:
      "Deno.test('adds', () => { if (1 + 1 !== 2) throw new Error('no') });\nDeno.test('fails', async (t) => { await t.step('a part', () => {}); throw new Error('on purpose') });",
    shown: [
      "stdout running 2 tests\nadds ... ok\n  a part ... ok\nfails ... FAILED\n",
      "stderr Error: on purpose",
      "stdout \nFAILED | 1 passed | 1 failed\n",
    ],
  },
  {
    kind: "what of `Deno` Node has in another way",
    source: "%%types off\nnew Deno.Command('ls')",
    shown: ["TypeError: Deno.Command is Deno's own, and cells run in Node here: use spawn and execFile"],
  },
  {
    kind: "`fetch`, requests, streams",
    source:
      "const answer = new Response('a,b\\nc,d');\nlet received = '';\nfor await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) received += chunk;\n[new Request('http://localhost/', { method: 'POST', body: 'x' }).method, received.length]",
    shown: ["value [ 'POST', 7 ]"],
  },
  {
    kind: "local files, read again on purpose",
    source: `import { sum } from './helpers/numbers.ts';\nconst fresh = await import(\`./helpers/numbers.ts?\${1}\`);\n[sum([1, 2]), fresh.sum([3])]`,
    shown: ["value [ 3, 3 ]"],
  },
  {
    kind: "local files that use `Deno`",
    source: "import { report } from './helpers/report.ts';\nawait report('words.txt');",
    shown: ["text/html <p>8</p>"],
  },
  {
    kind: "names declared again in each cell",
    source: "let answer = 'another type';\nanswer",
    shown: ["value 'another type'"],
  },
  {
    kind: "`console.*`, `%c` among them",
    source: "console.log('%c Hello ', 'color: red');\nconsole.table([1]);",
    shown: [
      "stdout  Hello \n┌─────────┬────────┐\n│ (index) │ Values │\n├─────────┼────────┤\n│ 0       │ 1      │\n└─────────┴────────┘\n",
    ],
  },
  {
    kind: "`import.meta`",
    source: "[typeof import.meta.url, import.meta.main, import.meta.dirname === Deno.cwd()]",
    shown: ["value [ 'string', false, true ]"],
  },
  {
    kind: "`prompt`, where nobody answers",
    source: "prompt('Your name?')",
    shown: ["Error: prompt: this front end does not answer questions"],
  },
];
