import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { curveKeyPair, Dealer, Subscriber } from "zeromq";
import { type Kernel, processesOf, startKernel } from "../kernel.js";
import type { Context, Figure, Scenario } from "../scenario.js";

type Socket = (Dealer | Subscriber) & { receive(): Promise<Buffer[]> };

export const eavesdrop: Scenario = {
  title: "clients without a key, with a wrong one and with the right one, on five encrypted sockets",
  async run({ full, node, say }: Context): Promise<Figure[]> {
    const restarts = full ? 20 : 2;
    const found = { strangers: 0, friends: 0, secrets: 0, open: 0, wrong: 0 };
    for (let i = 0; i < restarts; i++)
      for (const transport of ["tcp", "ipc"] as const) {
        say(`${transport}, start ${i + 1} of ${restarts}`);
        const { publicKey, secretKey } = curveKeyPair();
        const keys = { curve_publickey: publicKey, curve_secretkey: secretKey };
        await using kernel = await startKernel({
          node,
          connection: { ...keys, transport },
          ipc: transport === "ipc",
        });
        await knock(kernel, found);
        if ((await kernel.client.valueOf("6 * 7")) !== "42") found.wrong++;
        found.secrets += await secretsIn(kernel, [secretKey, publicKey, kernel.connection.key]);
        found.open += await readableByOthers(kernel);
      }
    return [
      { what: "starts, over tcp and ipc", value: restarts * 2 },
      { what: "strangers that were answered or could read", value: found.strangers, most: 0 },
      { what: "clients with the right key that could not", value: found.friends, most: 0 },
      { what: "cells that went wrong", value: found.wrong, most: 0 },
      {
        what: "keys found in logs, environments, arguments or a cell's names",
        value: found.secrets,
        most: 0,
      },
      { what: "files and folders that others may open", value: found.open, most: 0 },
    ];
  },
};

/** One socket of each kind without keys, with wrong ones and with the right ones: who hears anything? */
async function knock(
  { connection, client }: Kernel,
  found: { strangers: number; friends: number },
): Promise<void> {
  const { ports, ip, transport, curve } = connection;
  const stranger = curveKeyPair();
  const own = curveKeyPair();
  const mine = { curvePublicKey: own.publicKey, curveSecretKey: own.secretKey };
  const ways = {
    plain: {},
    wrong: { ...mine, curveServerKey: stranger.publicKey },
    right: { ...mine, curveServerKey: curve?.publicKey ?? "" },
  };
  const at = (port: number): string => (transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`);
  await Promise.all(
    Object.entries(ways).flatMap(([way, options]) => {
      const beat = new Dealer({ linger: 0, receiveTimeout: 1500, ...options });
      beat.connect(at(ports.heartbeat));
      void beat.send("beat").catch(() => {});
      const reader = new Subscriber({ linger: 0, receiveTimeout: 1500, ...options });
      reader.connect(at(ports.iopub));
      reader.subscribe();
      return [beat, reader].map(async (socket: Socket) => {
        const heard = await socket.receive().then(
          () => true,
          () => false,
        );
        if (heard && way !== "right") found.strangers++;
        if (!heard && way === "right") found.friends++;
        socket.close();
      });
    }),
  );
  // What is sent without the right key to the others is never run.
  const before = await client.valueOf("'still ' + typeof (globalThis as any).pwned");
  for (const port of [ports.shell, ports.control, ports.stdin])
    for (const options of [ways.plain, ways.wrong]) {
      const dealer = new Dealer({ linger: 0, receiveTimeout: 300, ...options });
      dealer.connect(at(port));
      void dealer.send(["<IDS|MSG>", "", "{}", "{}", "{}", "{}"]).catch(() => {});
      const answered = await dealer.receive().then(
        () => true,
        () => false,
      );
      if (answered) found.strangers++;
      dealer.close();
    }
  if (before !== "'still undefined'") found.strangers++;
}

async function secretsIn({ client, folder, log }: Kernel, secrets: string[]): Promise<number> {
  const seen = processesOf(folder).flatMap((pid) =>
    ["cmdline", "environ"].map((name) => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, "utf8");
      } catch {
        return "";
      }
    }),
  );
  const names = await client.valueOf(
    "JSON.stringify([process.env, process.argv, Object.getOwnPropertyNames(globalThis).map(name => { try { return String((globalThis as any)[name]) } catch { return '' } })])",
  );
  return secrets.filter((secret) => [log(), names, ...seen].some((text) => text.includes(secret))).length;
}

async function readableByOthers({ folder, connection: { transport, ip, ports } }: Kernel): Promise<number> {
  const files = transport === "ipc" ? Object.values(ports).map((port) => `${ip}-${port}`) : [];
  return [join(folder, "connection.json"), ...files].filter((path) => (statSync(path).mode & 0o077) !== 0)
    .length;
}
