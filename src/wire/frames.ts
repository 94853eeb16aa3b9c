// A message as frames: identities…, <IDS|MSG>, signature, header, parent_header, metadata, content, buffers…
// Pure functions on bytes. https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol

import type { Frames } from "../flow.js";

/** The frames by their role; nothing is parsed yet. */
export interface Envelope {
  identities: Uint8Array[];
  signature: Uint8Array;
  /** Header, parent header, metadata, content: what the signature covers. */
  parts: [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  buffers: Uint8Array[];
}

const delimiter = Buffer.from("<IDS|MSG>");

/** Nobody needs so many; looking through a million for the delimiter would be work for strangers. */
const maxFrames = 4096;

/** Splits what came from a socket; `undefined` where it is no message. Any number of identities may lead. */
export function splitFrames(frames: Frames): Envelope | undefined {
  if (frames.length > maxFrames) return undefined;
  const at = frames.findIndex((frame) => delimiter.equals(frame));
  if (at < 0) return undefined;
  const [signature, header, parent, metadata, content, ...buffers] = frames.slice(at + 1);
  if (!signature || !header || !parent || !metadata || !content) return undefined;
  return { identities: frames.slice(0, at), signature, parts: [header, parent, metadata, content], buffers };
}

/** Joins an envelope into frames for a socket. */
export function joinFrames(envelope: Envelope): Frames {
  return [...envelope.identities, delimiter, envelope.signature, ...envelope.parts, ...envelope.buffers];
}

/** All their bytes. */
export function sizeOf(frames: Frames): number {
  let bytes = 0;
  for (const frame of frames) bytes += frame.byteLength;
  return bytes;
}
