import { spawn } from "node:child_process";
import { treeMemory } from "../../../bench/memory.js";
import type { Attack } from "../attacker.js";
import { Heart, type Kernel, startKernel } from "../kernel.js";
import { type Context, type Figure, quantile, type Scenario, violationsOf } from "../scenario.js";

/** Floods in another process; @returns how many answers that one got */
export function attackFromOutside(plan: Attack): { ended: Promise<number> } {
  const child = spawn(process.execPath, [process.argv[1] as string, "attack"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(plan));
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  return {
    ended: new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) =>
        code === 0
          ? resolve((JSON.parse(text) as { answers: number }).answers)
          : reject(new Error(`the attacker ended with ${code}`)),
      );
    }),
  };
}

export const hostile: Scenario = {
  title: "malformed messages and raw connections on all five ports while a client works",
  async run({ full, node, seed, say }: Context): Promise<Figure[]> {
    const messages = full ? 1_000_000 : 20_000;
    const connections = full ? 10_000 : 200;
    await using kernel = await startKernel({ node });
    const { ports } = kernel.connection;
    const heart = new Heart(kernel.connection);
    // Warm: what the first cells load is no leak.
    for (let i = 0; i < 200; i++) await kernel.client.execute("1 + 1");
    const before = treeMemory(kernel.pid) ?? 0;
    const beats = heart.during();
    const outside = attackFromOutside({
      ports: [ports.shell, ports.control, ports.stdin, ports.heartbeat],
      heartbeat: ports.heartbeat,
      iopub: ports.iopub,
      messages,
      connections,
      seed,
    });
    let attacking = true;
    const answers = outside.ended.finally(() => {
      attacking = false;
    });
    let cells = 0;
    let wrong = 0;
    while (attacking) {
      if ((await kernel.client.valueOf("20 + 22")) !== "42") wrong++;
      if (++cells % 50 === 0) say(`${cells} cells beside the attack`);
      await new Promise((resolve) => setTimeout(resolve, full ? 100 : 10));
    }
    const times = await beats.stop();
    const answered = await answers;
    const pwned = await kernel.client.valueOf("typeof (globalThis as any).pwned");
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const grown = (treeMemory(kernel.pid) ?? 0) - before;
    heart.close();
    return [
      { what: "malformed messages", value: messages },
      { what: "raw connections", value: connections },
      { what: "kernels that died", value: crashed(kernel), most: 0 },
      { what: "forged cells that ran", value: pwned === "'undefined'" ? 0 : 1, most: 0 },
      { what: "answers to strangers", value: answered, most: 0 },
      { what: "cells of the client beside it", value: cells },
      { what: "of them wrong or lost", value: wrong, most: 0 },
      violationsOf([kernel.client]),
      { what: "heartbeat, p99", value: quantile(times, 0.99), unit: "ms", most: 100, timed: true },
      { what: "memory grown", value: grown, unit: "MB", most: 32, timed: true },
    ];
  },
};

function crashed({ process: { exitCode, signalCode } }: Kernel): number {
  return exitCode === null && signalCode === null ? 0 : 1;
}
