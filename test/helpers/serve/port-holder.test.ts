import { createServer } from "node:net";
import { expect, test } from "vitest";
import { whoHolds } from "../../../kernel-helpers/serve/port-holder.js";

test("a port of this very process is found, where the system tells; where it does not, nothing is said", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  if (process.platform === "linux") expect(whoHolds(port)).toContain(`(process ${process.pid})`);
  expect(whoHolds(port, "aix")).toBe(undefined);
  server.close();
});
