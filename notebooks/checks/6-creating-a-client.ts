// What the checkpoint of notebook 6 looks at: the client, with servers of the check's own.
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { defineChecks } from "wirebook/checks";

async function listen(serve: (conn: Socket) => void): Promise<Server> {
  const server = createServer((conn) => serve(conn.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

export const checks = defineChecks({
  "6.3": {
    title: "The client reads all of it, and does not wait for ever",
    points: 0,
    hints: [
      "One `recv` is one piece. How many are there?",
      "Read until nothing comes, decode when you have everything, and give the socket a time limit.",
      "for (;;) { const piece = await client.recv(1024); if (piece.length === 0) break; pieces.push(piece); }",
    ],
    timeout: 30,
    async run(student, t) {
      const word = `naïve ${Math.random().toString(36).slice(2)}`;
      const bytes = Buffer.from(word);
      const sliced = await listen(async (conn) => {
        for (const byte of bytes) {
          conn.write(Buffer.of(byte));
          await pause(5);
        }
        conn.end();
      });
      const silent = await listen(() => {});
      const port = (server: Server): number => (server.address() as AddressInfo).port;
      try {
        await t.attempt("a sentence that comes byte by byte arrives whole", {}, async () => {
          const seen = await student.call("visit", ["127.0.0.1", port(sliced)], { timeout: 10 });
          return { passed: seen === word, expected: word, seen };
        });
        const outcome = await student.call("visit", ["127.0.0.1", port(silent)], { timeout: 10 }).then(
          () => "it answered",
          (error: Error) => error.message,
        );
        t.expect("a server that says nothing ends with an error", {}, / failed: /.test(outcome), {
          expected: "an error, within 10 s",
          seen: outcome,
        });
      } finally {
        for (const server of [sliced, silent]) server.close();
      }
    },
  },
});
