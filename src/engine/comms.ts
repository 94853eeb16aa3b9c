// The cells' ends of comms. What a front end says is heard as the cell that opened the comm: what a listener prints stands there.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages
import { randomUUID } from "node:crypto";
import type { CommMessage, Event, Json } from "../flow.js";
import { currentRun, type RunState, within } from "./attribution.js";

interface CommOptions {
  data?: Json;
  metadata?: Json;
  buffers?: Uint8Array[];
}

interface Listeners {
  onMessage?: (data: Json, buffers: Uint8Array[], metadata: Json) => void;
  onClose?: () => void;
}

/** One end of a comm. */
interface Comm extends Listeners {
  readonly id: string;
  send(data: Json, options?: Omit<CommOptions, "data">): void;
  close(): void;
}

export interface Comms {
  open(target: string, options?: CommOptions): Comm;
  /** From now on front ends may open comms of this target. */
  serve(target: string, onOpen: (comm: Comm, data: Json, buffers: Uint8Array[]) => void): void;
  /** A front end's message. */
  receive(message: CommMessage): void;
}

export function createComms(say: (event: Event) => void): Comms {
  const open = new Map<string, { comm: Comm; run: RunState | undefined }>();
  const served = new Map<string, { onOpen: Parameters<Comms["serve"]>[1]; run: RunState | undefined }>();

  const speak = (
    { id, run }: { id: string; run: RunState | undefined },
    action: CommMessage["action"],
    { data = {}, metadata = {}, buffers = [] }: CommOptions,
    target?: string,
  ): void =>
    say({
      type: "comm",
      run: currentRun()?.run ?? run?.run ?? 0,
      action,
      commId: id,
      ...(target !== undefined && { target }),
      data,
      metadata,
      buffers: buffers.map((buffer) =>
        Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString("base64"),
      ),
    });

  const make = (id: string, run: RunState | undefined): Comm => {
    const comm: Comm = {
      id,
      send(data, options = {}) {
        if (open.has(id)) speak({ id, run }, "msg", { ...options, data });
      },
      close() {
        if (open.delete(id)) speak({ id, run }, "close", {});
      },
    };
    open.set(id, { comm, run });
    return comm;
  };

  return {
    open(target, options = {}) {
      const run = currentRun();
      const comm = make(randomUUID(), run);
      speak({ id: comm.id, run }, "open", options, target);
      return comm;
    },
    serve(target, onOpen) {
      served.set(target, { onOpen, run: currentRun() });
      say({ type: "target", name: target });
    },
    receive({ action, commId, target, data, metadata, buffers }) {
      const bytes = buffers.map((buffer) => new Uint8Array(Buffer.from(buffer, "base64")));
      if (action === "open") {
        const server = target === undefined ? undefined : served.get(target);
        if (!server) return;
        const comm = make(commId, server.run);
        within(server.run, () => server.onOpen(comm, data, bytes));
        return;
      }
      const known = open.get(commId);
      if (!known) return;
      if (action === "close") {
        open.delete(commId);
        within(known.run, () => known.comm.onClose?.());
      } else within(known.run, () => known.comm.onMessage?.(data, bytes, metadata));
    },
  };
}
