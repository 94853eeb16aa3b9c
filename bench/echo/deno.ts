// Deno's own sockets.
// @ts-nocheck: checked by Deno, if at all.
import { measure } from "./measure.mjs";

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;
const quick = (one) => {
  one.setNoDelay(true);
  return one;
};
const all = async (one, message) => {
  for (let sent = 0; sent < message.length; ) sent += await one.write(message.subarray(sent));
};

await measure({
  port,
  connect: async () => quick(await Deno.connect({ hostname: "127.0.0.1", port })),
  accept: async () => quick(await listener.accept()),
  close: (one) => {
    try {
      one.close();
    } catch {
      // The echo has closed it.
    }
  },
  echo: async (one) => {
    const room = new Uint8Array(65_536);
    for (let size = await one.read(room); size !== null; size = await one.read(room))
      await all(one, room.subarray(0, size));
    one.close();
  },
  talk: async (one, message, times) => {
    const room = new Uint8Array(message.length);
    for (let turn = 0; turn < times; turn++) {
      await all(one, message);
      for (let got = 0; got < message.length; ) got += (await one.read(room)) ?? message.length;
    }
  },
});
listener.close();
