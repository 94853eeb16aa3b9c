// wirebook/socket, as cells use it; with `--trace` while a trace is on.
import { IPPROTO_TCP, socket, TCP_NODELAY } from "../../dist/helpers/socket/index.js";
import { measure } from "./measure.mjs";

const listener = socket();
await listener.bind(["127.0.0.1", 0]);
await listener.listen(20_000);
const address = listener.getsockname();
const quick = (one) => {
  one.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
  return one;
};
const traced = process.argv.includes("--trace")
  ? (await import("../../dist/helpers/trace/index.js")).trace({ limit: 10_000_000 })
  : undefined;

await measure({
  port: address[1],
  connect: async () => {
    const one = socket();
    await one.connect(address);
    return quick(one);
  },
  accept: async () => quick((await listener.accept())[0]),
  close: (one) => one.close(),
  echo: async (one) => {
    for (let data = await one.recv(65_536); data.length > 0; data = await one.recv(65_536))
      await one.sendall(data);
  },
  talk: async (one, message, times) => {
    for (let turn = 0; turn < times; turn++) {
      await one.sendall(message);
      for (let got = 0; got < message.length; ) got += (await one.recv(65_536)).length;
    }
  },
});
traced?.stop();
await listener.close();
