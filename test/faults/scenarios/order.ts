import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer, Client } from "../client.js";
import { startKernel } from "../kernel.js";
import { type Context, createDice, type Figure, type Scenario, violationsOf } from "../scenario.js";

interface Sent {
  type: string;
  /** It will fail, and the cells behind it are aborted. */
  fails: boolean;
  stops: boolean;
  stored: boolean;
  answer: Promise<Answer>;
}

export const order: Scenario = {
  title: "a thousand mixed requests in one queue, failures among them",
  async run({ full, node, seed, say }: Context): Promise<Figure[]> {
    const rounds = full ? 100 : 3;
    const length = full ? 1000 : 300;
    const dice = createDice(seed);
    await using kernel = await startKernel({ node });
    const { client } = kernel;
    await client.execute("%types off");
    let swapped = 0;
    let wrongStatus = 0;
    let wrongCount = 0;
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      const replies: string[] = [];
      const sentIds: string[] = [];
      client.onMessage = ({ channel, parent_header }) => {
        if (channel === "shell") replies.push(String(parent_header.msg_id));
      };
      const first = Number((await client.execute("0")).reply.execution_count);
      replies.length = 0;
      // A cell that fails aborts what has arrived by then, so nothing behind this one runs before all have.
      const gate = join(kernel.folder, `gate${round}`);
      const held = client.execute(
        `const { existsSync } = await import("node:fs")
        while (!existsSync(${JSON.stringify(gate)})) await new Promise((resolve) => setTimeout(resolve, 5))`,
        { store_history: false },
      );
      const queue = Array.from({ length }, () => ask(client, dice, sentIds));
      // One goes after the other: when this one has gone, all have.
      await client.send("shell", "comm_info_request", {});
      await new Promise((resolve) => setTimeout(resolve, 100));
      writeFileSync(gate, "");
      await held;
      const answers = await Promise.all(queue.map(({ answer }) => answer));
      client.onMessage = undefined;
      // What executes is answered in the order in which it was asked.
      const executed = new Set(sentIds.filter((_, i) => queue[i]?.type === "execute_request"));
      const asked = sentIds.filter((id) => executed.has(id));
      const replied = replies.filter((id) => executed.has(id));
      swapped += asked.filter((id, i) => replied[i] !== id).length;
      let count = first;
      let aborting = false;
      for (const [i, { type, fails, stops, stored }] of queue.entries()) {
        const { reply } = answers[i] as Answer;
        const aborted = reply.status === "aborted";
        if (type !== "execute_request") {
          if (reply.status !== "ok" && type !== "is_complete_request") wrongStatus++;
          continue;
        }
        // All were in the queue when the first one failed.
        if (aborting ? !aborted : reply.status !== (fails ? "error" : "ok")) wrongStatus++;
        if (!aborting && stored) count++;
        if (reply.execution_count !== count) wrongCount++;
        aborting ||= fails && stops;
      }
    }
    return [
      { what: "requests", value: rounds * length },
      { what: "cells answered out of order", value: swapped, most: 0 },
      { what: "answers with the wrong status", value: wrongStatus, most: 0 },
      { what: "answers with the wrong execution_count", value: wrongCount, most: 0 },
      violationsOf([client]),
    ];
  },
};

function ask(client: Client, dice: (below: number) => number, ids: string[]): Sent {
  const onSent = (id: string): void => void ids.push(id);
  const other = (type: string, content: Record<string, unknown>): Sent => ({
    type,
    fails: false,
    stops: false,
    stored: false,
    answer: client.request(type, content, { onSent, patience: 120_000 }),
  });
  switch (dice(10)) {
    case 0:
      return other("kernel_info_request", {});
    case 1:
      return other("complete_request", { code: "Mat", cursor_pos: 3 });
    case 2:
      return other("inspect_request", { code: "Math", cursor_pos: 4, detail_level: 0 });
    case 3:
      return other("is_complete_request", { code: "1 +" });
    case 4:
      return other(dice(2) === 0 ? "history_request" : "comm_info_request", {
        hist_access_type: "tail",
        n: 3,
        output: false,
        raw: true,
      });
    default: {
      const fails = dice(400) === 0;
      const stops = dice(2) === 0;
      const stored = dice(4) > 0;
      const code = fails ? "throw new Error('meant')" : "1 + 1";
      return {
        type: "execute_request",
        fails,
        stops,
        stored,
        answer: client.execute(
          code,
          { stop_on_error: stops, store_history: stored },
          { onSent, patience: 120_000 },
        ),
      };
    }
  }
}
