// Opens connections to a port of this machine, and holds them until its input ends: `crowd.mjs PORT COUNT`. A process of its own, so that
// neither side needs the descriptors of both.
import net from "node:net";

const [port, count] = process.argv.slice(2).map(Number);
const AT_ONCE = 100;

const connect = () =>
  new Promise((resolve, reject) => {
    net.connect({ port, host: "127.0.0.1" }, resolve).on("error", reject);
  });
for (let open = 0; open < count; open += AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - open) }, connect));
process.stdin.resume().on("end", () => process.exit());
