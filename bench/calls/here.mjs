// Calls of an object of the same process, each awaited before the next. Argument: how many in a batch.
import { startNode } from "../../dist/helpers/middleware/index.js";
import { offer } from "./objects.mjs";

const many = Number(process.argv[2]);
const node = await startNode({ folder: process.env.FOLDER });
await offer(node);
const adder = node.bind("adder/1");

async function batch() {
  const began = performance.now();
  for (let number = 0; number < many; number++)
    if ((await adder.add(number, 1)) !== number + 1) throw new Error("the sum is wrong");
  return ((performance.now() - began) / many) * 1000;
}

const took = [];
for (let turn = 0; turn < 10; turn++) took.push(await batch());
// The first ones are for V8.
console.log(JSON.stringify({ here: [took.slice(3).sort((a, b) => a - b)[3]] }));
process.exit();
