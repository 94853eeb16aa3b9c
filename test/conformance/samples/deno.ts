import type { Samples } from "./samples.js";
import { typescript } from "./typescript.js";

const { comm: _comm, page: _page, password: _password, ...common } = typescript;

/** Deno: no comm targets, no passwords; displays are `Deno.jupyter`'s. */
export const deno: Samples = {
  ...common,
  child:
    'const child = new Deno.Command("sleep", { args: ["600"], stdin: "null", stdout: "null", stderr: "null" }).spawn(); console.log(child.pid)',
  environment: "console.log(JSON.stringify([Deno.env.toObject(), Deno.args, Deno.execPath()]))",
  notANumber:
    'await Deno.jupyter.display({ "application/json": { n: NaN }, "text/plain": "n" }, { raw: true })',
  deep: 'let deep: unknown = 1; for (let i = 0; i < 100_000; i++) deep = [deep]; await Deno.jupyter.display({ "application/json": deep, "text/plain": "deep" }, { raw: true })',
  display: "await Deno.jupyter.display(Deno.jupyter.html`<b>hi</b>`)",
  json: 'await Deno.jupyter.display({ "application/json": { a: [1] }, "text/plain": "a" }, { raw: true })',
  displayId: 'await Deno.jupyter.display({ "text/plain": "1" }, { raw: true, display_id: "shown" })',
  updateDisplay:
    'await Deno.jupyter.display({ "text/plain": "2" }, { raw: true, display_id: "shown", update: true })',
  input: 'console.log("got " + prompt("name? "))',
  clear: 'await Deno.jupyter.broadcast("clear_output", { wait: true })',
};
