// Item 6: messages that were accepted once must not be accepted again.
import { strict as assert } from "node:assert";
import type { Check } from "../check.js";
import type { Client } from "../client.js";
import { copy } from "../mutations.js";
import { delimiter, encode } from "../wire.js";

/** Frames of an execute_request that prints, to be sent rightly or wrongly signed. */
export function cell(client: Client, code: string, id = `forged-${Math.random()}`): Buffer[] {
  const header = {
    ...{ msg_id: id, session: client.session, username: "conformance", msg_type: "execute_request" },
    ...{ date: new Date().toISOString(), version: "5.5" },
  };
  const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
  return encode(client.connection, {
    identities: [],
    header,
    parent: {},
    metadata: {},
    content,
    buffers: [],
  });
}

export function withSignature(frames: Buffer[], signature: Buffer): Buffer[] {
  return [delimiter, signature, ...frames.slice(2)];
}

export const replayChecks: Check[] = [
  {
    item: 6,
    title: "a replayed message is neither run nor answered again",
    mutants: [
      {
        name: "takes every message for new",
        wire: () => ({
          toKernel(draft) {
            const made = copy(draft);
            made.header.fresh = Math.random();
            return [made];
          },
        }),
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const id = `replayed-${client.session}`;
      const frames = cell(client, samples.hello, id);
      client.record.sent("shell", JSON.parse(String(frames[2])), []);
      await client.sendFrames("shell", frames);
      await client.answered(id);
      for (let i = 0; i < 5; i++) await client.sendFrames("shell", frames);
      await client.fence();
      assert.equal(client.replies(id).length, 1, "replies");
      assert.equal(client.of(id).filter(({ name }) => name === "busy").length, 1, "runs");
    },
  },
  {
    item: 6,
    title: "a forgery does not use up the signature that it bears",
    mutants: [
      {
        name: "remembers signatures before it verifies them",
        wire: () => {
          const remembered = new Set<string>();
          return {
            strangerToKernel(_channel, frames) {
              remembered.add(String(frames[1]));
              return true;
            },
            toKernel: ({ signature }) => (remembered.has(String(signature)) ? [] : undefined),
          };
        },
      },
    ],
    async run({ join, samples }) {
      const client = await join();
      const id = `genuine-${client.session}`;
      const frames = cell(client, samples.hello, id);
      client.record.sent("shell", JSON.parse(String(frames[2])), []);
      const forged = withSignature(
        cell(client, samples.fail, `forged-${client.session}`),
        frames[1] as Buffer,
      );
      await client.sendFrames("shell", forged);
      await client.fence();
      await client.sendFrames("shell", frames);
      assert.equal((await client.answered(id)).text(), "hello, world\n");
    },
  },
  {
    item: 6,
    title: "66,000 forgeries do not drive what was accepted out of the memory that keeps replays away",
    mutants: [
      {
        name: "remembers forgeries, too, and forgets the oldest",
        wire: () => {
          const remembered = new Set<string>();
          const isNew = (signature: string): boolean => {
            if (remembered.has(signature)) return false;
            remembered.add(signature);
            if (remembered.size > 65_536) remembered.delete(remembered.values().next().value as string);
            return true;
          };
          return {
            strangerToKernel(_channel, frames) {
              isNew(String(frames[1]));
              return false;
            },
            toKernel(draft) {
              if (!isNew(String(draft.signature))) return [];
              const made = copy(draft);
              made.header.fresh = Math.random();
              return [made];
            },
          };
        },
      },
    ],
    async run({ join, samples }) {
      // Some kernels take long over a forgery. And who forgets at random has forgotten some of many.
      const client = await join({ patience: 60_000 });
      const accepted = Array.from({ length: 100 }, (_, index) =>
        cell(client, samples.value, `accepted-${index}-${client.session}`),
      );
      const ids: string[] = [];
      for (const frames of accepted) {
        const header = JSON.parse(String(frames[2]));
        ids.push(header.msg_id);
        client.record.sent("shell", header, []);
        await client.sendFrames("shell", frames);
      }
      await client.fence();
      const forged = cell(client, samples.hello, `flood-${client.session}`);
      for (let i = 0; i < 66_000; i++)
        await client.sendFrames(
          "shell",
          withSignature(forged, Buffer.from(i.toString(16).padStart(64, "0"))),
        );
      await client.fence();
      for (const frames of accepted) await client.sendFrames("shell", frames);
      await client.fence();
      const again = ids.filter((id) => client.replies(id).length !== 1);
      assert.deepEqual(again, [], `of ${ids.length} replayed messages these were answered again`);
    },
  },
];
