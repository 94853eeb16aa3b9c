// Comms: what a front end's widgets and a cell's say to each other. The other end is in the engine, but for the kernel's own
// targets: one tells of a cell's problems without running it, one makes a submission.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages

import type { CommMessage, Event, Json, Message } from "../flow.js";
import type { Engine, Output, OwnComm } from "./needs.js";

export interface CommsOptions {
  output: Output;
  engine(): Engine;
  /** What the kernel itself answers, by target. */
  own: Record<string, () => OwnComm>;
}

export interface Comms {
  /** A front end's message. */
  receive(action: CommMessage["action"], request: Message): Promise<undefined>;
  /** Somebody in the engine opens comms of this target. */
  target(name: string): void;
  /** A cell's message. */
  send(event: Extract<Event, { type: "comm" }>, parent: Message["parent_header"]): void;
  /** Content of a `comm_info_reply`, of one target or all. */
  list(target: unknown): Record<string, { target_name: string }>;
  /** The engine died, and its ends of the comms with it. */
  reset(): void;
}

/** Sent `{ code }`, it answers `{ diagnostics: [{ code, message, start, end }] }`: lines and columns count from 1. */
export const diagnosticsTarget = "wirebook.diagnostics";

/** Sent `{ ask: "ready" }` or `{ ask: "submit", student, notebooks }`; see src/submitting.ts. */
export const submitTarget = "wirebook.submit";

export function createComms({ output, engine, own }: CommsOptions): Comms {
  const open = new Map<string, string>();
  const targets = new Set<string>(Object.keys(own));
  const answered = new Map<string, OwnComm>();

  return {
    async receive(action, { content, metadata, buffers, header }) {
      const message: CommMessage = {
        action,
        commId: String(content.comm_id),
        ...(action === "open" && { target: String(content.target_name) }),
        data: (content.data ?? {}) as Json,
        metadata,
        buffers: buffers.map((buffer) => Buffer.from(buffer).toString("base64")),
      };
      const { commId, target, data } = message;
      if (target !== undefined && !targets.has(target)) {
        output.message("comm_close", { comm_id: commId, data: {} }, header);
        return undefined;
      }
      // What belongs to no open comm is ignored.
      if (target === undefined && !open.has(commId)) return undefined;
      if (target !== undefined) {
        open.set(commId, target);
        if (Object.hasOwn(own, target) && own[target]) answered.set(commId, own[target]());
      }
      if (action === "close") open.delete(commId);
      const mine = answered.get(commId);
      if (!mine) engine().send({ type: "comm", ...message });
      else if (action === "msg")
        await mine.receive(data, (said) =>
          output.message("comm_msg", { comm_id: commId, data: said }, header),
        );
      else if (action === "close") {
        answered.delete(commId);
        mine.close();
      }
      return undefined;
    },
    target: (name) => void targets.add(name),
    send({ action, commId, target, data, metadata, buffers }, parent) {
      if (action === "open" && target !== undefined) open.set(commId, target);
      else if (!open.has(commId)) return;
      if (action === "close") open.delete(commId);
      const content = { comm_id: commId, ...(target !== undefined && { target_name: target }), data };
      output.message(`comm_${action}`, content, parent, {
        metadata,
        buffers: buffers.map((buffer) => Buffer.from(buffer, "base64")),
      });
    },
    list: (target) =>
      Object.fromEntries(
        [...open]
          .filter(([, name]) => target === undefined || target === null || target === name)
          .map(([id, name]) => [id, { target_name: name }]),
      ),
    reset() {
      for (const name of targets) if (!Object.hasOwn(own, name)) targets.delete(name);
      for (const commId of open.keys()) {
        if (answered.has(commId)) continue;
        open.delete(commId);
        output.message("comm_close", { comm_id: commId, data: {} }, {});
      }
    },
  };
}
