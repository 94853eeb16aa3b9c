// Items 1 to 5 and 7: frames, signatures, and messages that must not be believed.
import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import type { Check } from "../check.js";
import type { Client } from "../client.js";
import { changed, named, onChannel } from "../mutations.js";
import type { Mutation } from "../proxy.js";
import { delimiter, sign, split } from "../wire.js";
import { cell, withSignature } from "./replay.js";
import { tour } from "./tour.js";

/** What the kernel says of a message that it must ignore. */
function saidOf(client: Client, id: string): string[] {
  return client.seen.filter((m) => m.parent.msg_id === id).map(({ channel, name }) => `${channel}: ${name}`);
}

/** A kernel that does not look at signatures: what is signed wrongly is signed anew. */
const believesAll = (): Mutation => ({
  strangerToKernel(_channel, frames, signed) {
    try {
      const { parts } = split(frames);
      return [delimiter, signed(parts), ...parts];
    } catch {
      return true;
    }
  },
});

export const wireChecks: Check[] = [
  {
    item: 1,
    title: "frames that stand before the delimiter come back with the reply, whatever bytes they hold",
    mutants: [
      {
        name: "drops what stands before the delimiter",
        wire: changed(onChannel("shell"), (draft) => {
          draft.identities = [];
        }),
      },
    ],
    async run({ join }) {
      const client = await join();
      const identities = [Buffer.from([0, 0xff, 0xfe]), Buffer.from("second")];
      const { reply } = await client.request("kernel_info_request", {}, { identities });
      assert.deepEqual(reply.identities, identities);
    },
  },
  {
    item: 2,
    title: "every message is signed over its four parts, and a request's buffers are not signed",
    mutants: [
      {
        name: "signs the buffers, too",
        wire: () => ({ toKernel: (draft) => (draft.buffers.length > 0 ? [] : undefined) }),
      },
      {
        name: "signs without the metadata",
        wire: changed(named("execute_reply"), (draft) => {
          const hmac = createHmac("sha256", "wrong");
          draft.bytes = { signature: Buffer.from(hmac.update(JSON.stringify(draft.header)).digest("hex")) };
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const { reply } = await client.request(
        "kernel_info_request",
        {},
        { buffers: [Buffer.from("unsigned")] },
      );
      assert.equal(reply.content.status, "ok");
      await tour(client, samples);
    },
  },
  {
    item: 3,
    title: "another hash of the connection file is used",
    mutants: [{ name: "always signs with sha256", wrapper: "takes any signature scheme" }],
    async run({ start, samples }) {
      const kernel = await start({ connection: { signature_scheme: "hmac-sha512" } });
      const client = await kernel.join();
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
    },
  },
  {
    item: 3,
    title: "an unknown signature scheme ends the start",
    mutants: [{ name: "starts whatever the scheme is", wrapper: "takes any signature scheme" }],
    async run({ start }) {
      const kernel = await start({ connection: { signature_scheme: "hmac-nonesuch" } });
      assert.notEqual(await kernel.ended(), 0, "the exit code");
    },
  },
  {
    item: 3,
    title: "where there is no key the scheme does not matter",
    mutants: [{ name: "minds the scheme all the same", wrapper: "writes a key into the file" }],
    async run({ start, samples }) {
      const kernel = await start({ connection: { key: "", signature_scheme: "hmac-nonesuch" } });
      const client = await kernel.join();
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
    },
  },
  {
    item: 4,
    title: "without a key nothing is signed, either way, and the log warns of it",
    mutants: [
      {
        name: "signs all the same",
        wire: changed(onChannel("shell"), (draft) => {
          draft.bytes = { signature: Buffer.from("0".repeat(64)) };
        }),
      },
      { name: "warns of nothing", wrapper: "warns of nothing" },
    ],
    async run({ start, samples }) {
      const kernel = await start({ connection: { key: "" } });
      const client = await kernel.join();
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
      assert.notEqual(kernel.log().trim(), "", "the log is empty");
    },
  },
  {
    item: 5,
    title: "what is signed wrongly, too shortly or not at all is neither run nor answered",
    mutants: [{ name: "does not look at signatures", wire: believesAll }],
    async run({ join, samples }) {
      const client = await join();
      const ids = ["wrong", "short", "empty", "none"].map((how) => `${how}-${client.session}`);
      const [wrong, short, empty, none] = ids.map((id) => cell(client, samples.hello, id)) as [
        Buffer[],
        Buffer[],
        Buffer[],
        Buffer[],
      ];
      await client.sendFrames("shell", withSignature(wrong, Buffer.from("0".repeat(64))));
      await client.sendFrames("shell", withSignature(short, (short[1] as Buffer).subarray(0, 10)));
      await client.sendFrames("shell", withSignature(empty, Buffer.alloc(0)));
      await client.sendFrames("shell", [delimiter, ...none.slice(2)]);
      await client.sendFrames("control", withSignature(wrong, Buffer.alloc(64)));
      await client.fence();
      await client.fence("control");
      assert.deepEqual(
        ids.flatMap((id) => saidOf(client, id)),
        [],
      );
    },
  },
  {
    item: 5,
    title: "the signature that would have been right is not in the log",
    mutants: [{ name: "logs what it expected", wrapper: "says the key in its log" }],
    async run({ start, samples }) {
      const kernel = await start();
      const client = await kernel.join();
      const frames = cell(client, samples.hello);
      await client.sendFrames("shell", withSignature(frames, Buffer.from("0".repeat(64))));
      await client.fence();
      const expected = String(frames[1]);
      assert.ok(!kernel.log().includes(expected), "the log has the expected signature");
      assert.ok(!kernel.log().includes(kernel.connection.key), "the log has the key");
    },
  },
  {
    item: 7,
    title: "messages that are no messages are not answered, and the kernel goes on on every socket",
    mutants: [
      {
        name: "stops listening after a broken message",
        wire: () => {
          const dead = new Set<string>();
          return {
            strangerToKernel(channel) {
              dead.add(channel);
              return false;
            },
            toKernel: (draft) => (dead.has(draft.channel) ? [] : undefined),
          };
        },
      },
    ],
    async run({ join, kernel, samples }) {
      const client = await join();
      const good = cell(client, samples.hello).slice(2) as [Buffer, Buffer, Buffer, Buffer];
      const [header, parent, metadata, content] = good;
      const edit = (change: (header: Record<string, unknown>) => void): Buffer => {
        const edited = JSON.parse(String(header)) as Record<string, unknown>;
        change(edited);
        return Buffer.from(JSON.stringify(edited));
      };
      const signed = (...parts: Buffer[]): Buffer[] => [delimiter, sign(kernel.connection, parts), ...parts];
      const broken = [
        [Buffer.from("rubbish")],
        [Buffer.alloc(0)],
        [delimiter],
        signed(header, parent),
        signed(header, parent, metadata, Buffer.from("{")),
        signed(header, parent, metadata, Buffer.from([0x22, 0xff, 0xfe, 0x22])),
        signed(header, parent, metadata, Buffer.from("[1]")),
        signed(Buffer.from("null"), parent, metadata, content),
        signed(
          edit((h) => delete h.msg_type),
          parent,
          metadata,
          content,
        ),
        signed(
          edit((h) => delete h.msg_id),
          parent,
          metadata,
          content,
        ),
      ];
      client.record.broken.add(JSON.parse(String(header)).msg_id);
      const before = client.seen.length;
      for (const channel of ["shell", "control", "stdin"] as const)
        for (const frames of broken) await client.sendFrames(channel, frames);
      await client.fence();
      await client.fence("control");
      assert.equal((await client.execute(samples.hello)).text(), "hello, world\n");
      const answered = client.seen.slice(before).filter(({ content: c }) => c.status === "ok" && !c.banner);
      assert.equal(answered.length, 1, "answers that are ok, but for those to what was right");
    },
  },
];
