// Nodes that cannot reach each other directly: sockets through NATS.
import { expect, onTestFinished, test } from "vitest";
import type { Pipe } from "../../../kernel-helpers/middleware/flow.js";
import { NatsWorld } from "../../../kernel-helpers/middleware/registry/nats/pipes.js";
import { NatsStore } from "../../../kernel-helpers/middleware/registry/nats/store.js";
import { type NatsProcess, noNats, skippedNats, startNats } from "../nats.js";

const it = test.skipIf(noNats !== undefined);

async function site(): Promise<{ nats: NatsProcess; world(token?: string): NatsWorld }> {
  const nats = await startNats();
  onTestFinished(() => nats[Symbol.asyncDispose]());
  return {
    nats,
    world(token = "secret") {
      const store = new NatsStore({ servers: nats.url, namespace: "a test" });
      onTestFinished(() => store.close());
      return new NatsWorld({ token }, { connected: () => store.connected(), isHidden: true });
    },
  };
}

/** What arrives, one by one; `undefined`: it is closed. */
function arriving(pipe: Pipe): () => Promise<string | undefined> {
  const came: (string | undefined)[] = [];
  let waiting: (() => void) | undefined;
  const add = (text: string | undefined): void => {
    came.push(text);
    waiting?.();
  };
  pipe.onMessage = add;
  pipe.onClose = () => add(undefined);
  return async () => {
    while (came.length === 0)
      await new Promise<void>((resolve) => {
        waiting = resolve;
      });
    return came.shift();
  };
}

it(`messages arrive whole and in order, also those that are longer than the server takes${skippedNats}`, async () => {
  const { world } = await site();
  const listening = await world().listen((pipe) => {
    pipe.onMessage = (text) => pipe.send(text);
  });
  const pipe = await world().dial(listening.where);
  const next = arriving(pipe);
  const sent = ["", "ü✓", "x".repeat(5_000_000), ...Array.from({ length: 100 }, (_, at) => String(at))];
  for (const text of sent) pipe.send(text);
  for (const text of sent) expect(await next()).toBe(text);
  await listening.close();
});

it(`who closes a pipe, or is gone, closes it for the other as well${skippedNats}`, async () => {
  const { nats, world } = await site();
  const accepted: Pipe[] = [];
  const listening = await world().listen((pipe) => accepted.push(pipe));
  const first = await world().dial(listening.where);
  const next = arriving(first);
  accepted[0]?.close();
  expect(await next()).toBeUndefined();
  const second = await world().dial(listening.where);
  const later = arriving(second);
  await nats.kill();
  expect(await later()).toBeUndefined();
  await nats.start();
  // It listens again.
  await expect.poll(() => world().dial(listening.where), { timeout: 10_000 }).toBeDefined();
  await listening.close();
});

it(`nobody comes in without the secret, and where nobody listens that is told${skippedNats}`, async () => {
  const { world } = await site();
  const listening = await world().listen(() => expect.unreachable("it has another secret"));
  await expect(world("other").dial(listening.where)).rejects.toThrow("does not answer");
  await listening.close();
  await expect(world().dial(listening.where)).rejects.toThrow("nobody listens at nats:");
});
