"""Types into `jupyter console` as a person at a terminal would, and prints what the terminal shows."""

import re
import sys
import time

import pexpect

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07|[=>])")
console = pexpect.spawn(
    sys.executable,
    ["-m", "jupyter", "console", "--kernel", "wirebook"],
    encoding="utf8",
    dimensions=(50, 100),
)
raw = ""
seen = 0


def shown():
    return ESCAPES.sub("", raw)


def until(pattern):
    """Waits until the terminal has shown this, after what was waited for before."""
    global raw, seen
    end = time.monotonic() + 40
    while True:
        match = re.compile(pattern).search(shown(), seen)
        if match:
            seen = match.end()
            return
        if time.monotonic() > end:
            sys.exit(f"{pattern} was not shown, but:\n{shown()[seen:]}")
        try:
            raw += console.read_nonblocking(4096, timeout=0.5)
        except pexpect.TIMEOUT:
            pass
        except pexpect.EOF:
            sys.exit(f"the console has ended before {pattern} was shown:\n{shown()[seen:]}")


def answer(number, text):
    until(rf"In \[{number}\]: ")
    console.send(text)


answer(1, "let n: number = 40\r")
answer(2, "n + 2\r")
until(r"Out\[2\]: *\r?\n?42")
# The kernel says that this is not the whole of it, and how far to indent what follows.
answer(3, "if (n > 1) {\r")
until(r"\.\.\.: ")
console.send('console.log("mo" + "re")\r')
until(r"\.\.\.: ")
# Ctrl-U: away with the indentation.
console.send("\x15}\r")
until(r"\bmore\b")
answer(4, 'throw new Error("on " + "purpose")\r')
until("Error: on purpose")
answer(5, 'console.log("got " + (await input("name? ")))\r')
until(r"(?<!\")name\? ")
console.send("Ada\r")
until("got Ada")
answer(6, 'console.log("loo" + "ping"); for (;;);\r')
until("looping")
console.sendintr()
until("Interrupted")
answer(7, "n\r")
until(r"Out\[7\]: *\r?\n?40")
until(r"In \[8\]: ")
console.sendeof()
until(r"exit.*\?")
console.send("y\r")
console.expect(pexpect.EOF, timeout=30)
console.close()
print(shown())
sys.exit(console.exitstatus or 0)
