import { startKernel } from "../kernel.js";
import { type Context, type Figure, type Scenario, violationsOf } from "../scenario.js";
import { attackFromOutside } from "./hostile.js";

export const replay: Scenario = {
  title: "captured messages sent again after a flood of forged signatures",
  async run({ full, node, seed, say }: Context): Promise<Figure[]> {
    const captured = full ? 10_000 : 500;
    const forged = full ? 100_000 : 5000;
    await using kernel = await startKernel({ node });
    const { client, connection } = kernel;
    const recorded: Uint8Array[][] = [];
    await client.execute("let ran = 0");
    client.onFrames = (_channel, frames) => recorded.push(frames);
    for (let i = 0; i < captured; i++) {
      await client.execute("ran++");
      if (i % 100 === 0) say(`${i} messages captured`);
    }
    client.onFrames = undefined;
    // One that is signed wrongly in a thousand ways: the last digits differ.
    const victim = recorded[0] as Uint8Array[];
    const forge = (i: number): string =>
      JSON.stringify(
        victim.map((frame, index) =>
          Buffer.from(index === 1 ? i.toString(16).padStart(64, "0") : frame).toString("base64"),
        ),
      );
    for (let sent = 0; sent < forged; sent += 500) {
      say(`${sent} forged`);
      const batch = Array.from({ length: Math.min(500, forged - sent) }, (_, i) => forge(sent + i));
      await attackFromOutside({
        ports: [connection.ports.shell],
        messages: 0,
        connections: 0,
        forged: batch,
        seed,
      }).ended;
    }
    let answers = 0;
    client.onMessage = ({ header }) => {
      if (header.msg_type === "execute_reply") answers++;
    };
    for (const frames of recorded) await client.sendFrames("shell", frames);
    client.onMessage = undefined;
    const ran = Number(await client.valueOf("ran"));
    return [
      { what: "messages captured and replayed", value: captured },
      { what: "forged signatures before", value: forged },
      { what: "replayed cells that ran", value: ran - captured, most: 0 },
      { what: "answers to replayed messages", value: answers, most: 0 },
      violationsOf([client]),
    ];
  },
};
