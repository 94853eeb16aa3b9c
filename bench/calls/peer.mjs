// Packages of the others, from the folder that was made for them.
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";

export const peer = createRequire(join(process.env.PEER, "package.json"));

/** One that was free a moment ago, for whoever cannot choose one itself. */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
