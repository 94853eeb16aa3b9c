// Every socket between caller and host is cut, again and again, in the middle of calls: what is lost, what happens twice? Arguments: calls, cuts.
//
// The host listens on 127.0.0.1 and says that it is found at 127.0.0.2, where a relay has the same port.
import { connect, createServer } from "node:net";
import { startNode } from "../../dist/helpers/middleware/index.js";
import { start } from "./children.mjs";

const [calls, cuts] = process.argv.slice(2).map(Number);
const UNDER_WAY = 32;
const ALIAS = "127.0.0.2";

const node = await startNode({ folder: process.env.FOLDER, timeout: 20_000 });
const { said } = await start("host.mjs", "1", ALIAS);
const { port } = new URL(said.where);

const open = new Set();
const relay = createServer((near) => {
  const far = connect(port, "127.0.0.1");
  const both = [near, far];
  open.add(both);
  for (const [one, other] of [both, [far, near]]) {
    one.pipe(other);
    one.on("error", () => {});
    one.once("close", () => {
      open.delete(both);
      other.destroy();
    });
  }
});
await new Promise((resolve, reject) => relay.once("error", reject).listen(port, ALIAS, resolve));

let isCut = 0;
function cut() {
  if (open.size > 0) isCut++;
  for (const both of open) for (const one of both) one.destroy();
}

const counter = node.bind("counter");
await counter.expect(calls);
let begun = 0;
let answered = 0;
const failed = [];
await Promise.all(
  Array.from({ length: UNDER_WAY }, async () => {
    while (begun < calls) {
      const number = begun++;
      await counter.mark(number).catch((error) => failed.push(String(error)));
      answered++;
      if (answered >= ((isCut + 0.5) * calls) / cuts) cut();
    }
  }),
);
if (isCut !== cuts) throw new Error(`${isCut} cuts instead of ${cuts}`);
const { marks, again } = await counter.marked();
const made = Buffer.from(marks, "base64");
const lost = Array.from({ length: calls }, (_, number) => (made[number >> 3] >> (number % 8)) & 1).filter(
  (bit) => bit === 0,
).length;
for (const error of failed) console.error(error);
// A call that ended with an error was not answered, whatever it has done.
console.log(JSON.stringify({ lost: [Math.max(lost, failed.length)], doubled: [again] }));
process.exit();
