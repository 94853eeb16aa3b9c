import type { Samples } from "./samples.js";

/** ipykernel. */
export const python: Samples = {
  hello: 'print("hello, world")',
  print: (text) => `print(${JSON.stringify(text)})`,
  stderr: 'import sys; print("to stderr", file=sys.stderr)',
  value: "6 * 7",
  fail: 'raise ValueError("on purpose")',
  syntaxError: "def = 3",
  loop: 'print("in", flush=True)\nwhile True: pass',
  sleep: (ms) => `import time; time.sleep(${ms / 1000})`,
  assign: (name, value) => `${name} = ${value}`,
  printVariable: (name) => `print(${name})`,
  flood: (lines) => `for i in range(${lines}): print("line", i)`,
  late: 'import threading, time\ndef _late():\n    time.sleep(0.1)\n    print("late")\nthreading.Thread(target=_late).start()',
  child: 'import subprocess; child = subprocess.Popen(["sleep", "600"]); print(child.pid)',
  environment: "import os, sys; print(dict(os.environ), sys.argv)",
  surrogate: 'print("\\ud800 alone")',
  notANumber:
    'from IPython.display import display; display({"application/json": {"n": float("nan")}}, raw=True)',
  deep: 'from IPython.display import display\ndeep = 1\nfor _ in range(100_000): deep = [deep]\ndisplay({"application/json": deep, "text/plain": "deep"}, raw=True)',
  display: 'from IPython.display import display, HTML; display(HTML("<b>hi</b>"))',
  json: 'from IPython.display import display, JSON; display(JSON({"a": [1]}))',
  displayId: 'from IPython.display import display, HTML; _ = display(HTML("1"), display_id="shown")',
  updateDisplay:
    'from IPython.display import update_display, HTML; update_display(HTML("2"), display_id="shown")',
  badFormatter: 'class Bad:\n    def __repr__(self): raise ValueError("cannot be shown")\nBad()',
  input: 'print("got " + input("name? "))',
  password: 'import getpass; print("before"); print("got " + getpass.getpass("secret? "))',
  clear: "from IPython.display import clear_output; clear_output(wait=True)",
  page: "print?",
  nextInput: 'for text in ["first", "second"]: get_ipython().set_next_input(text)',
  comm: `def _echo(comm, message):
    @comm.on_msg
    def _(m): comm.send(m["content"]["data"], metadata=m["metadata"], buffers=m["buffers"])
get_ipython().kernel.comm_manager.register_target("conformance.echo", _echo)`,
  expressions: { good: "6 * 7", bad: "nosuchname" },
  completion: { before: "str.", stem: "upp", whole: "upper" },
  astral: 's = "😀😀"; ',
  inspect: { code: "print", cursor: 3 },
  unknown: "nosuchname",
  isComplete: { complete: "1 + 1", incomplete: "def f():", invalid: "def = 3" },
  debug: { code: "def add(a):\n    b = a + 1\n    return b\n\nadd(1)", line: 3, variable: "b" },
};
