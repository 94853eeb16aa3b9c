// The kernel that `wirebook run` starts, and how it is spoken to.
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startKernelProcess } from "../../src/client/kernel-process.js";
import { newCurveKeys, openClientSockets } from "../../src/wire/client-sockets.js";
import { parseConnection } from "../../src/wire/connection-file.js";
import { joinFrames, splitFrames } from "../../src/wire/frames.js";
import { createSigner } from "../../src/wire/sign.js";
import { dist, root } from "../places.js";

/** Starts a kernel as on that system, and asks it who it is. */
async function greet(platform: NodeJS.Platform): Promise<Record<string, unknown>> {
  const argv = [process.execPath, join(dist, "supervisor.js"), "{connection_file}"];
  const kernel = await startKernelProcess(argv, { cwd: root, curve: newCurveKeys, platform });
  onTestFinished(() => kernel.stop(0));
  const connection = parseConnection(kernel.connection);
  const signer = createSigner(connection.key, connection.hash);
  const header = {
    msg_id: "1",
    msg_type: "kernel_info_request",
    session: "s",
    username: "",
    date: "",
    version: "5.5",
  };
  const parts = [header, {}, {}, {}].map((part) => Buffer.from(JSON.stringify(part)));
  const [one, two, three, four] = parts as [Buffer, Buffer, Buffer, Buffer];
  const answer = new Promise<string>((resolve) => {
    const sockets = openClientSockets(connection, "me", (channel, frames) => {
      const envelope = splitFrames(frames);
      if (channel === "shell" && envelope) resolve(Buffer.from(envelope.parts[3]).toString());
    });
    onTestFinished(() => sockets.close());
    const frames = joinFrames({
      identities: [],
      signature: signer.sign(parts),
      parts: [one, two, three, four],
      buffers: [],
    });
    void sockets.send("shell", frames);
  });
  expect(JSON.parse(await answer)).toMatchObject({ status: "ok", implementation: "wirebook" });
  return kernel.connection;
}

test("where there are only ports, what `wirebook run` and its kernel say is encrypted", async () => {
  const { transport, ip, curve_publickey, curve_secretkey } = await greet("win32");
  expect({ transport, ip }).toEqual({ transport: "tcp", ip: "127.0.0.1" });
  expect([curve_publickey, curve_secretkey]).toEqual([expect.any(String), expect.any(String)]);
});

test.skipIf(process.platform === "win32")(
  "elsewhere it goes over files in a folder of the user's own",
  async () => {
    const connection = await greet(process.platform);
    expect(connection.transport).toBe("ipc");
    expect(connection).not.toHaveProperty("curve_secretkey");
    expect(statSync(dirname(String(connection.ip))).mode & 0o777).toBe(0o700);
  },
);
