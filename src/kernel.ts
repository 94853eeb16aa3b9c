// The kernel, joined of its stages; reads like the way of one cell.
//
//   frames come in ─▶ verified, decoded ─▶ session ─▶ translation ─▶ engine ─▶ events ─▶ published ─▶ frames go out

import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import manifest from "../package.json" with { type: "json" };
import type { Channel, Frames, Json, Message } from "./flow.js";
import { decodeMessage, MalformedMessage } from "./message/decode.js";
import { encodeMessage } from "./message/encode.js";
import { createHeaders, protocolVersion } from "./message/header.js";
import { createPacing, unpaced } from "./output/pacing.js";
import { createPublisher, type More } from "./output/publish.js";
import { sourceOfFile } from "./output/source.js";
import { type KeeperOptions, keepEngine } from "./session/keeper.js";
import { kernelInfo } from "./session/kernel-info.js";
import type { Checks, Translation, Types } from "./session/needs.js";
import type { NotebookTypes } from "./session/notebook-file.js";
import { createRuns, type RunRecord } from "./session/runs.js";
import { createSession, type SessionOptions } from "./session/session.js";
import { type Connection, portKeys } from "./wire/connection-file.js";
import { joinFrames, sizeOf, splitFrames } from "./wire/frames.js";
import { createGiveBack } from "./wire/give-back.js";
import { createSigner } from "./wire/sign.js";
import { openWire } from "./wire/sockets.js";

export interface KernelOptions {
  connection: Connection;
  startEngine: KeeperOptions["start"];
  loadTranslation(): Promise<Translation>;
  /** Loads and starts the type checker; left out: types are not checked. */
  loadTypes?(notebook: NotebookTypes): Promise<Types & { stop(): void }>;
  /** Loads what answers checks; left out: nobody does. */
  loadChecks?(parts: { executions(): RunRecord[] }): Promise<Checks & { expect(): void; stop(): void }>;
  /** Somebody gives marks: there will be checks, and they need not wait for what answers them. */
  checksAhead?: boolean;
  /** What the notebook says about types. */
  notebook?(): Promise<NotebookTypes>;
  /** Answers a front end's button that hands in. */
  submitting?: SessionOptions["submitting"];
  /** It stands in place of a kernel for JavaScript. */
  javascript?: boolean;
  /** Stay below the limits of a Jupyter server with its default settings. */
  paced: boolean;
}

/** A kernel that serves. */
export interface Kernel {
  /** Where its sockets are bound. */
  readonly ports: Connection["ports"];
  interrupt(): void;
  /** Tells the clients, ends the engine, closes the sockets. */
  shutdown(): Promise<void>;
  /** Resolves when the kernel has ended, for whatever reason. */
  ended: Promise<void>;
  /** Ends at once, without a word. */
  abandon(): void;
}

/** How long an engine may take to close what the cells opened; clients wait about twice as long for the kernel. */
const engineGrace = 1500;

/**
 * Starts a kernel on the sockets of a connection file.
 * @throws {ConnectionProblem} a socket cannot be bound
 */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  const { connection, loadTranslation } = options;
  // First of all: the engine starts while ZeroMQ loads.
  const engine = keepEngine({
    start: options.startEngine,
    onEvent(event) {
      session.onEvent(event);
      // Of the first engine only: what a cell makes of this event later has no effect.
      if (event.type === "ready" && options.checksAhead && !checking)
        void loadChecks()
          .then((checks) => checks.expect())
          .catch(() => {});
    },
    onDeath: (reason, givenUp) => session.onDeath(reason, givenUp),
  });

  const signer = createSigner(connection.key, connection.hash);
  const newHeader = createHeaders(username());

  // ── in: frames → message → session
  let dropped = 0;
  const drop = (channel: Channel, reason: string): void => {
    // Whoever floods these ports shall not fill the log as well.
    if (++dropped <= 10 || dropped % 1000 === 0) {
      console.error(`wirebook: a message on ${channel} was dropped (number ${dropped}): ${reason}`);
    }
  };
  const giveBack = createGiveBack();
  const receive = (channel: Exclude<Channel, "iopub">, frames: Frames): void => {
    giveBack.came(sizeOf(frames));
    const envelope = splitFrames(frames);
    // What is not signed with our key is not answered and not even parsed.
    if (!envelope || !signer.verify(envelope.signature, envelope.parts)) {
      drop(channel, "not signed with this kernel's key, or replayed");
      return;
    }
    try {
      session.receive(decodeMessage(channel, envelope));
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      drop(channel, error.message);
    }
  };

  // ── out: message → frames
  // A client may subscribe while the last sockets are being bound: what is said to it waits for them.
  const send = async (message: Message): Promise<number> => {
    const parts = encodeMessage(message);
    const { identities, buffers } = message;
    const frames = joinFrames({ identities, signature: signer.sign(parts), parts, buffers });
    // A client may have come while the last of the sockets was being bound.
    await (await opening).send(message.channel, frames);
    const bytes = sizeOf(frames);
    giveBack.left(bytes);
    return bytes;
  };
  const compose = (
    channel: Channel,
    identities: Message["identities"],
    header: Message["header"],
    parent_header: Message["parent_header"],
    content: Json,
    { metadata = {}, buffers = [] }: More = {},
  ): Message => ({ channel, identities, header, parent_header, metadata, content, buffers });
  const publish = (
    msgType: string,
    content: Json,
    parent: Message["parent_header"],
    more?: More,
  ): Promise<number> => {
    const header = newHeader(msgType);
    const topic =
      msgType === "iopub_welcome" ? String(content.subscription) : `kernel.${header.session}.${msgType}`;
    return send(compose("iopub", [Buffer.from(topic)], header, parent, content, more));
  };

  // ── events → iopub
  const runs = createRuns();
  const pacing = options.paced ? createPacing() : unpaced;
  const output = createPublisher({
    send: publish,
    pause: () => engine.pause(),
    resume: () => engine.resume(),
    pacing: () => pacing,
    sourceOf: (frame) => runs.sourceOf(frame) ?? sourceOfFile(frame),
  });

  // ── requests → replies
  let loading: Promise<Translation> | undefined;
  const translation = (): Promise<Translation> => {
    loading ??= loadTranslation();
    return loading;
  };
  let ending: Promise<void> | undefined;
  let typing: ReturnType<NonNullable<KernelOptions["loadTypes"]>> | undefined;
  let typechecker: Awaited<typeof typing>;
  const notebook = options.notebook ?? (async (): Promise<NotebookTypes> => ({ mode: "error" }));
  let sloppy: Promise<boolean> | undefined;
  const types = async (): Promise<Types | undefined> => {
    typing ??= options.loadTypes && notebook().then(options.loadTypes);
    typechecker = await typing;
    if (ending) typechecker?.stop();
    return typechecker;
  };
  let checking: ReturnType<NonNullable<KernelOptions["loadChecks"]>> | undefined;
  const loadChecks = async (): Promise<Awaited<NonNullable<typeof checking>>> => {
    checking ??= options.loadChecks?.({ executions: runs.all });
    if (!checking) throw new Error("This kernel was started without what answers checks.");
    return await checking;
  };
  const session = createSession({
    outlet: {
      send(channel, identities, msgType, content, parent) {
        const header = newHeader(msgType);
        return { msgId: header.msg_id, sent: send(compose(channel, identities, header, parent, content)) };
      },
      shellDrained: async () => (await opening).drained("shell"),
    },
    output,
    engine: () => engine,
    translation,
    checks: loadChecks,
    types,
    typesMode: async () => (await notebook()).mode,
    // As tslab runs them. Asked once: a notebook that changes its kernel gets another process.
    sloppy: () => {
      sloppy ??= notebook().then(({ madeFor }) => /^[tj]slab$/.test(madeFor ?? ""));
      return sloppy;
    },
    runs,
    ...(options.submitting && { submitting: options.submitting }),
    debugger: async (parts) =>
      (await import("./debug.js")).startDebugger({
        ...parts,
        engine,
        executions: () => runs.all(),
        execution: (run) => runs.get(run),
      }),
    kernelInfo: kernelInfo({
      version: manifest.version,
      protocol: protocolVersion,
      typescript: manifest.dependencies.typescript,
      javascript: options.javascript ?? false,
    }),
    async connectInfo() {
      const { ports } = await opening;
      const entries = Object.entries(portKeys);
      return Object.fromEntries(entries.map(([socket, name]) => [name, ports[socket as keyof typeof ports]]));
    },
    onShutdown: () => void end(),
  });

  let announced = false;
  const opening = openWire(connection, {
    onFrames: receive,
    onSubscribe(topic) {
      // Said at the very start, before anybody can listen, nobody would hear it.
      if (!announced) output.message("status", { execution_state: "starting" }, {});
      announced = true;
      const text = Buffer.from(topic);
      if (Buffer.from(text.toString()).equals(text)) session.subscribed(text.toString());
    },
    onLost: (bytes) => output.leftBehind(bytes),
  });
  const wire = await opening.catch((error: unknown) => {
    engine.kill();
    throw error;
  });
  // Nobody waits for the translator before the first cell, but that one should not wait either.
  setImmediate(() => {
    void translation().catch(() => {});
    void notebook()
      .then(({ mode }) => (mode === "off" ? undefined : types()))
      .catch(() => {});
  });

  let ended: () => void;
  const end = (): Promise<void> => {
    ending ??= (async () => {
      session.stop();
      // A cell that loops would keep the engine from closing what is open.
      session.interrupt();
      typechecker?.stop();
      void checking?.then((checks) => checks.stop());
      await engine.stop(engineGrace);
      // A reader that does not read must not hold up the end.
      await Promise.race([output.flushed(), sleep(1000)]);
      await wire.close();
      ended();
    })();
    return ending;
  };
  return {
    ports: wire.ports,
    interrupt: () => session.interrupt(),
    shutdown() {
      if (!ending) output.message("shutdown_reply", { status: "ok", restart: false }, {});
      return end();
    },
    ended: new Promise((resolve) => {
      ended = resolve;
    }),
    abandon() {
      engine.kill();
      typechecker?.stop();
      wire.release();
    },
  };
}

function username(): string {
  try {
    return userInfo().username;
  } catch {
    // The user id has no entry, as in some containers.
    return "kernel";
  }
}
