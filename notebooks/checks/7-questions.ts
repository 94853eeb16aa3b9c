// What the checks of notebook 7 look at. They run outside the notebook, and try its answers over real sockets.
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { defineChecks, type Student } from "wirebook/checks";

async function listen(port: number): Promise<Server> {
  const server = createServer((conn) => conn.on("error", () => {}).end("Here I am"));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Three servers among 100 ports. */
async function plant(): Promise<{ first: number; planted: Server[] }> {
  const first = 21_000 + 100 * Math.floor(Math.random() * 80);
  const planted: Server[] = [];
  for (let tries = 0; planted.length < 3 && tries < 100; tries++) {
    const server = await listen(first + Math.floor(Math.random() * 100)).catch(() => undefined);
    if (server) planted.push(server);
  }
  return { first, planted };
}

/** How a call that should fail ends. */
async function failureOf(
  student: Student,
  name: string,
  args: (string | number)[],
  timeout: number,
): Promise<string> {
  try {
    return `it answered: ${JSON.stringify(await student.call(name, args, { timeout }))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

export const checks = defineChecks({
  "7.1": {
    title: "A client for a server that may be closed for a short while",
    points: 0,
    hints: [
      "What does `connect` say while the server is closed, and what could one do then?",
      "Try again, after a pause, when the connection was refused; let all other errors through.",
      "for (let pause = 50; ; pause *= 2) try { return await visit(port) } catch (error) { if (error.name !== 'ConnectionRefusedError' || pause > 3000) throw error; await … }",
    ],
    timeout: 40,
    async run(student, t) {
      const before = await listen(0);
      const port = portOf(before);
      before.close();
      const later = new Promise<Server>((resolve, reject) => {
        setTimeout(() => listen(port).then(resolve, reject), 500);
      });
      const seen = await student
        .call("patientVisit", [port], { timeout: 10 })
        .catch((error: Error) => error.message);
      (await later).close();
      const came = t.expect(
        "it waits for a server that comes back after half a second",
        {},
        seen === "Here I am",
        {
          expected: "Here I am",
          seen,
        },
      );
      const outcome = await failureOf(student, "patientVisit", [port], 15);
      t.expect("it gives up, and says so, where nobody comes back", {}, came && / failed: /.test(outcome), {
        expected: "an error, within 15 s",
        seen: outcome,
      });
    },
  },
  "7.4": {
    title: "The scanner finds what is there, and asks its own machine only",
    points: 2,
    hints: [
      "What does your scanner say of a range in which you have planted servers yourself?",
      "A connection that was made may be one to itself: compare both ends' ports. And look at the host before anything else.",
      "if (host !== '127.0.0.1') throw …; then connect to each port, at most 50 at a time, for at most half a second each.",
    ],
    timeout: 60,
    async run(student, t) {
      const { first, planted } = await plant();
      try {
        const expected = planted.map(portOf).sort((a, b) => a - b);
        const answer = await student
          .call("scan", ["127.0.0.1", first, first + 99], { timeout: 30 })
          .catch((error: Error) => error.message);
        const seen = Array.isArray(answer) ? answer.map(Number).sort((a, b) => a - b) : [];
        const all = expected.every((port) => seen.includes(port));
        const found = t.expect("it finds three servers that were planted", { weight: 1 }, all, {
          expected,
          seen: answer,
        });
        const besides = seen.filter((port) => !expected.includes(port));
        const real = await Promise.all(besides.map((port) => student.network.listening(port)));
        const invented = besides.filter((_, index) => !real[index]);
        t.expect("it finds nothing where nobody listens", { weight: 1 }, found && invented.length === 0, {
          expected: [],
          seen: invented,
        });
        // An address that belongs to nobody: https://www.rfc-editor.org/rfc/rfc5737
        const outcome = await failureOf(student, "scan", ["192.0.2.7", 80, 81], 10);
        t.expect("it refuses to ask other machines", { weight: 2 }, found && / failed: /.test(outcome), {
          expected: "an error",
          seen: outcome,
        });
      } finally {
        for (const server of planted) server.close();
      }
    },
  },
});
