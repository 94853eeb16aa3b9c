// What the checkpoint of notebook 5 looks at: the server, as clients meet it.
import { defineChecks } from "wirebook/checks";

const GREETING = "Thank you for connecting";

export const checks = defineChecks({
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
