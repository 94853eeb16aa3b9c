import type { Samples } from "./samples.js";

/** Wirebook; what is JavaScript's alone is also what other kernels of the family take. */
export const typescript: Samples = {
  hello: 'console.log("hello, world")',
  print: (text) => `console.log(${JSON.stringify(text)})`,
  stderr: 'console.error("to stderr")',
  value: "6 * 7",
  fail: 'throw new Error("on purpose")',
  syntaxError: "const = 3;",
  loop: 'console.log("in"); for (;;);',
  sleep: (ms) => `await new Promise((done) => setTimeout(done, ${ms}))`,
  assign: (name, value) => `let ${name} = ${value}`,
  printVariable: (name) => `console.log(${name})`,
  flood: (lines) => `for (let i = 0; i < ${lines}; i++) console.log("line " + i)`,
  late: 'setTimeout(() => console.log("late"), 100); undefined',
  child:
    'import { spawn } from "node:child_process"; const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 600000)"], { stdio: "ignore" }); console.log(child.pid)',
  environment: "console.log(JSON.stringify([process.env, process.argv, process.execArgv, process.title]))",
  surrogate: 'console.log("\\ud800 alone")',
  notANumber: 'await display({ "application/json": { n: NaN }, "text/plain": "n" }, { raw: true })',
  deep: 'let deep: unknown = 1; for (let i = 0; i < 100_000; i++) deep = [deep]; await display({ "application/json": deep as any, "text/plain": "deep" }, { raw: true })',
  display: "await display(html`<b>hi</b>`)",
  json: 'await display({ "application/json": { a: [1] }, "text/plain": "a" }, { raw: true })',
  displayId: 'await display(html`<b>1</b>`, { id: "shown" })',
  updateDisplay: 'await display(html`<b>2</b>`, { id: "shown", update: true })',
  badFormatter: '({ [Symbol.for("Jupyter.display")]() { throw new Error("cannot be shown") } })',
  input: 'console.log("got " + (await input("name? ")))',
  password: 'console.log("before"); console.log("got " + (await getpass("secret? ")))',
  clear: "clearOutput({ wait: true })",
  page: "Math.max?",
  comm: `const host = (globalThis as any)[Symbol.for("wirebook.host")];
host.comms.serve("conformance.echo", (comm: any) => {
  comm.onMessage = (data: any, buffers: any, metadata: any) => comm.send(data, { buffers, metadata });
});`,
  expressions: { good: "6 * 7", bad: "nosuchname" },
  completion: { before: "JSON.", stem: "str", whole: "stringify" },
  astral: 'const s = "😀😀"; ',
  inspect: { code: "JSON.stringify", cursor: 8 },
  unknown: "nosuchname",
  isComplete: { complete: "1 + 1", incomplete: "function f() {", invalid: "const = 3;" },
  debug: {
    code: "function add(a: number) {\n  const b = a + 1;\n  return b;\n}\nadd(1)",
    line: 3,
    variable: "b",
  },
};
