import type { Samples } from "./samples.js";
import { typescript } from "./typescript.js";

const {
  password: _password,
  clear: _clear,
  page: _page,
  comm: _comm,
  input: _input,
  badFormatter: _badFormatter,
  ...common
} = typescript;

/** tslab: no questions, no comms, no cleared output; displays are a module's. */
export const tslab: Samples = {
  ...common,
  late: 'setTimeout(() => console.log("late"), 100); undefined',
  notANumber:
    'import * as tslab from "tslab"; tslab.display.raw("application/json", JSON.stringify({ n: NaN }))',
  deep: 'import * as tslab from "tslab"; let deep: unknown = 1; for (let i = 0; i < 100_000; i++) deep = [deep]; tslab.display.raw("application/json", JSON.stringify(deep))',
  display: 'import * as tslab from "tslab"; tslab.display.html("<b>hi</b>")',
  json: 'import * as tslab from "tslab"; tslab.display.raw("application/json", JSON.stringify({ a: [1] }))',
  displayId: 'import * as tslab from "tslab"; let shown = tslab.newDisplay(); shown.html("<b>1</b>")',
  updateDisplay: 'shown.html("<b>2</b>")',
};
