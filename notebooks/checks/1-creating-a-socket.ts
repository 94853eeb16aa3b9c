// What the checkpoint of notebook 1 looks at, from outside the notebook.
import { once } from "node:events";
import { createServer } from "node:net";
import { defineChecks } from "wirebook/checks";

/** What another program is told that asks for the same address. */
async function asked(port: number): Promise<string> {
  const other = createServer();
  try {
    other.listen(port, "127.0.0.1");
    await once(other, "listening");
    return "it can be had";
  } catch (error) {
    return String((error as { code?: string }).code);
  } finally {
    other.close();
  }
}

export const checks = defineChecks({
  "1.2": {
    title: "The socket has an address of its own",
    points: 0,
    hints: [
      "Has the cell with `bind` been run, and without an error?",
      "If the kernel was restarted, or `s` made again, it has to be bound again.",
      "await s.bind(['127.0.0.1', 0])",
    ],
    async run(student, t) {
      const [address, port] = (await student.value("s.getsockname()")) as [string, number];
      const isBound = t.expect(
        "it is bound to 127.0.0.1, at a port",
        {},
        address === "127.0.0.1" && port > 0,
        {
          expected: ["127.0.0.1", "a port"],
          seen: [address, port],
        },
      );
      const seen = isBound ? await asked(port) : "it has no port yet";
      t.expect("nobody else can have that address", {}, seen === "EADDRINUSE", {
        expected: "EADDRINUSE",
        seen,
      });
    },
  },
});
