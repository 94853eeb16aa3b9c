// A process with nodes that host. Its arguments: how many, and under which address others find them.
import { startNode } from "../../dist/helpers/middleware/index.js";
import { offer } from "./objects.mjs";

process.once("disconnect", () => process.exit());
const [, , many = "1", announce] = process.argv;
const nodes = [];
for (let count = 0; count < Number(many); count++) {
  const node = await startNode({ folder: process.env.FOLDER, lease: 1000, ...(announce && { announce }) });
  await offer(node);
  nodes.push({ id: node.id, where: node.where });
}
process.on("message", () => process.send(process.cpuUsage()));
process.send(nodes[0]);
