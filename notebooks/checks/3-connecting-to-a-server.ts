// What the checkpoint of notebook 3 looks at.
import { defineChecks } from "wirebook/checks";

export const checks = defineChecks({
  "3.3": {
    title: "The socket is connected",
    points: 0,
    hints: [
      "What did the cell with `connect` say?",
      "A server closes connections on which nothing happens for a while: make the socket again, and connect.",
      "If there is no network, choose `target = 'stand-in'` above, and run everything from there.",
    ],
    async run(student, t) {
      const wanted = await student.value("[ip, port]");
      const peer = (await student.value("s.getpeername()")) as [string, number];
      t.expect("its other end is the server", {}, String(peer.slice(0, 2)) === String(wanted), {
        expected: wanted,
        seen: peer,
      });
      const [address, port] = (await student.value("s.getsockname()")) as [string, number];
      t.expect("its own end has an address and a port as well", {}, address !== "0.0.0.0" && port > 0, {
        seen: [address, port],
      });
    },
  },
});
