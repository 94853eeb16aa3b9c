// wirebook/middleware: keys, acknowledgements and the registry, as programs have them.
import { startNode } from "../../dist/helpers/middleware/index.js";
import { offer } from "./objects.mjs";

const folder = process.env.FOLDER;

export async function serve() {
  await offer(await startNode({ folder }));
  return "";
}

export async function connect() {
  const node = await startNode({ folder });
  const adder = node.bind("adder/1");
  const counter = node.bind("counter");
  return { add: (a, b) => adder.add(a, b), once: (a, b) => counter.sum(a, b) };
}
