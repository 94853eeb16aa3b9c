// A process that hosts a counter, for tests that stop and kill it. Its arguments: the build, and how to find the registry.
import { join } from "node:path";
import type * as Middleware from "../../../kernel-helpers/middleware/index.js";
import { type Counter, CounterObject, semantics } from "../simulation/counter.js";

const [, , dist = "", options = "{}"] = process.argv;
const { startNode } = (await import(join(dist, "helpers", "middleware", "index.js"))) as typeof Middleware;
const node = await startNode(JSON.parse(options) as Middleware.StartOptions);
await node.export<Counter>("counter", () => new CounterObject(), { semantics });
process.on("message", (message: { block?: number; migrate?: string }) => {
  if (message.migrate !== undefined)
    void node.migrate("counter", message.migrate).then(
      () => process.send?.({ migrated: true }),
      (error: unknown) => process.send?.({ migrated: String(error) }),
    );
  const until = performance.now() + (message.block ?? 0);
  while (performance.now() < until);
});
process.send?.({ id: node.id, where: node.where });
