// What the checkpoints of notebook 5 look at: its queue, and the server, as clients meet it.
import { defineChecks } from "wirebook/checks";
import { personal } from "wirebook/lesson";

const GREETING = "Thank you for connecting";

/** How many may find a place in a queue that nobody empties: one more than the backlog on Linux; others say as many, or one more. */
function placesFor(backlog: number): number[] {
  return process.platform === "linux" ? [backlog + 1] : [backlog, backlog + 1];
}

export const checks = defineChecks({
  "5.3": {
    title: "The queue was filled, with a backlog of your own",
    points: 0,
    hints: [
      "Has the cell with the three other numbers been run to its end?",
      "The last backlog is a number that belongs to you: if you have copied the cell, or told the lab who you are only now, restart the kernel and run all cells from the top.",
      "const places = await fillQueue(mine.integer('backlog', 2, 4), 7);",
    ],
    async run(student, t) {
      const [backlog, seen] = [Number(await student.value("backlog")), await student.value("places")];
      const own = personal("5-creating-a-server").integer("backlog", 2, 4);
      t.expect("the backlog is yours", {}, backlog === own, { expected: own, seen: backlog });
      // An imitated queue may have more.
      const isKernels = (await student.value("socket.capabilities.backlog")) === "kernel";
      const expected = placesFor(backlog);
      const fits = isKernels ? expected.includes(Number(seen)) : Number(seen) >= backlog;
      t.expect("as many clients found a place as this system has", {}, fits, { expected, seen });
    },
  },
  "5.5": {
    title: "The server answers each client",
    points: 0,
    hints: [
      "What does a client see that connects now? `servers()` lists who listens, and where.",
      "The handler has to send first; when it ends, its connection is closed, and the next client is taken.",
      "serveForever(s, async (conn) => { await conn.sendall('Thank you for connecting'); })",
    ],
    async run(student, t) {
      const port = Number(await student.value("port"));
      if (!t.expect("somebody listens", {}, await student.network.listening(port), { seen: `port ${port}` }))
        return;
      for (const which of ["a client", "a second one"]) {
        await t.attempt(`${which} gets the greeting, and the end of the connection`, {}, async () => {
          const seen = String(await student.network.exchange(port, { timeout: 3 }));
          return { passed: seen === GREETING, expected: GREETING, seen };
        });
      }
    },
  },
});
