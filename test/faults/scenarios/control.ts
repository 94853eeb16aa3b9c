import { once } from "node:events";
import { Heart, startKernel } from "../kernel.js";
import { type Context, type Figure, quantile, type Scenario, violationsOf } from "../scenario.js";

export const control: Scenario = {
  title: "a synchronous loop, and thousands of completions asked for meanwhile: what must answer, answers",
  async run({ full, node, say }: Context): Promise<Figure[]> {
    const seconds = full ? 60 : 4;
    const completions = full ? 10_000 : 500;
    const shutdowns = full ? 20 : 2;
    await using kernel = await startKernel({ node });
    const { client } = kernel;
    await client.execute("let some = 1");
    const heart = new Heart(kernel.connection);
    const beats = heart.during(10);
    const loop = client.execute("for (;;);", {}, { patience: (seconds + 120) * 1000 });
    const asked = Promise.all(
      Array.from({ length: completions }, () =>
        client.request(
          "complete_request",
          { code: "so", cursor_pos: 2 },
          { patience: (seconds + 240) * 1000 },
        ),
      ),
    );
    const info: number[] = [];
    for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
      info.push((await client.request("kernel_info_request", {}, { channel: "control" })).ms);
      if (info.length % 20 === 0) say(`${info.length} questions on control`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const began = performance.now();
    const interrupt = (await client.request("interrupt_request", {}, { channel: "control" })).ms;
    await loop;
    const ended = performance.now() - began;
    const answers = await asked;
    const empty = answers.filter(({ reply }) => !(reply.matches as string[]).includes("some")).length;
    const times = await beats.stop();
    heart.close();
    const stops: number[] = [];
    for (let i = 0; i < shutdowns; i++) {
      say(`shutdown ${i + 1} of ${shutdowns} in a loop`);
      await using other = await startKernel({ node });
      void other.client.execute("for (;;);", {}, { patience: 60_000 }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 200));
      const exit = once(other.process, "exit");
      const { ms } = await other.client
        .request("shutdown_request", { restart: false }, { channel: "control", patience: 5000 })
        .catch(() => ({ ms: 5000 }));
      stops.push(ms);
      await exit;
    }
    return [
      { what: "seconds in the loop", value: seconds },
      { what: "completions asked for meanwhile", value: completions },
      { what: "of them without the right answer", value: empty, most: 0 },
      violationsOf([client]),
      { what: "heartbeat, p99", value: quantile(times, 0.99), unit: "ms", most: 50, timed: true },
      { what: "kernel_info on control, p99", value: quantile(info, 0.99), unit: "ms", most: 50, timed: true },
      { what: "interrupt_reply", value: interrupt, unit: "ms", most: 50, timed: true },
      { what: "interrupt to the end of the cell", value: ended, unit: "ms", most: 500, timed: true },
      { what: "shutdown_reply, worst", value: Math.max(...stops), unit: "ms", most: 50, timed: true },
    ];
  },
};
