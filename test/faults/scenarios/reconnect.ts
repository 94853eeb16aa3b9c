import type { Client } from "../client.js";
import { startKernel } from "../kernel.js";
import { type Context, type Figure, quantile, type Scenario, violationsOf } from "../scenario.js";
import { watchStalls } from "../stalls.js";

/** Requests that are under way at the same time. */
const IN_FLIGHT = 8;

export const reconnect: Scenario = {
  title: "clients that come back with the same identity, fifty at once, and a great many round trips",
  async run({ full, node, say }: Context): Promise<Figure[]> {
    const reconnects = full ? 1000 : 40;
    const clients = full ? 50 : 10;
    const trips = full ? 1_000_000 : 5000;
    await using kernel = await startKernel({ node });
    await kernel.client.execute("%types off");

    // The cell goes on while its client leaves and comes back; what is asked for afterwards must come.
    let lost = 0;
    let unwelcome = 0;
    for (let i = 0; i < reconnects; i++) {
      if (i % 10 === 0) say(`reconnect ${i + 1} of ${reconnects}`);
      const first = kernel.join({ identity: "the same" });
      const welcomed = welcome(first);
      await first.send("shell", "execute_request", { code: "await new Promise(r => setTimeout(r, 30))" });
      if (!(await welcomed)) unwelcome++;
      first.close();
      const second = kernel.join({ identity: "the same" });
      // Nobody can hear what is published before that.
      if (!(await welcome(second))) unwelcome++;
      if ((await second.valueOf("6 * 7", { patience: 10_000 }).catch(() => "")) !== "42") lost++;
      second.close();
    }

    // Input is asked of the asker and of nobody else.
    let misled = 0;
    const crowd = Array.from({ length: clients }, () => kernel.join());
    const welcomes = await Promise.all(crowd.map(welcome));
    unwelcome += welcomes.filter((came) => !came).length;
    say(`questions to ${clients} clients`);
    await Promise.all(
      crowd.map(async (client, index) => {
        client.onMessage = ({ channel, header, content }) => {
          if (channel !== "stdin") return;
          if (content.prompt !== `for ${index}`) misled++;
          void client.send("stdin", "input_reply", { value: `answer of ${index}` }, { parent: header });
        };
        const value = await client
          .valueOf(`await input("for ${index}")`, { patience: 120_000 })
          .catch(() => "");
        void value;
      }),
    );
    const answers = await Promise.all(
      crowd.map(async (client, index) => {
        const { reply } = await client.execute(
          `await input("for ${index}")`,
          { allow_stdin: true },
          { patience: 120_000 },
        );
        return reply.status === "ok";
      }),
    );
    misled += answers.filter((ok) => !ok).length;

    // Everybody hears everything that is published: all fifty, or even eight, would measure this process, not the kernel.
    const travellers = crowd.slice(0, 2).flatMap((client) => Array<Client>(IN_FLIGHT / 2).fill(client));
    for (const client of crowd.slice(2)) client.close();
    const waits = new Float64Array(trips + travellers.length);
    let counted = 0;
    using stalls = watchStalls();
    const beyond = { lost: 0, long: 0, measured: 0 };
    let done = 0;
    let controls = true;
    const beside = (async () => {
      while (controls) {
        await kernel.client.request("kernel_info_request", {}, { channel: "control" });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await Promise.all(
      travellers.map(async (client) => {
        while (done < trips) {
          done++;
          const stalled = stalls.total;
          // Now and then a cell, so that iopub is busy as well.
          const { ms } =
            done % 100 === 0
              ? await client.execute("done").catch(() => ({ ms: 10_000 }))
              : await client
                  .request("kernel_info_request", {}, { patience: 10_000 })
                  .catch(() => ({ ms: 10_000 }));
          if (ms >= 10_000) beyond.lost++;
          else if (ms > 100) {
            beyond.measured++;
            if (ms - (stalls.total - stalled) > 100) beyond.long++;
          }
          if (done % 100 !== 0) waits[counted++] = ms;
          if (done % 2000 === 0) say(`${done} of ${trips} round trips`);
        }
      }),
    );
    controls = false;
    await beside;
    const everyone = [kernel.client, ...crowd];
    return [
      { what: "reconnects with the same identity", value: reconnects },
      { what: "answers lost by them", value: lost, most: 0 },
      { what: "clients", value: clients },
      { what: "clients without a welcome", value: unwelcome, most: 0 },
      { what: "questions that went to somebody else, or nowhere", value: misled, most: 0 },
      { what: `round trips, ${IN_FLIGHT} at a time`, value: trips },
      { what: "of them stranded for more than 10 s", value: beyond.lost, most: 0 },
      { what: "of them longer than 100 ms", value: beyond.measured, timed: true },
      {
        what: "of them longer than 100 ms, pauses of the machine and of the clients left out",
        value: beyond.long,
        most: 0,
        timed: true,
      },
      violationsOf(everyone),
      {
        what: "round trip, p99",
        value: quantile(Array.from(waits.subarray(0, counted)), 0.99),
        unit: "ms",
        most: 100,
        timed: true,
      },
    ];
  },
};

function welcome(client: Client): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 5000);
    client.onMessage = ({ header }) => {
      if (header.msg_type !== "iopub_welcome") return;
      clearTimeout(timer);
      client.onMessage = undefined;
      resolve(true);
    };
  });
}
