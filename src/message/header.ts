// Who speaks: the header of every message that leaves this process.

import { randomUUID } from "node:crypto";
import type { Header } from "../flow.js";

/** The version of the Jupyter protocol that this kernel speaks: 5.5, and the handshake that 5.6 adds. */
export const protocolVersion = "5.6";

/**
 * Creates headers of one kernel process: `session` names the process (not the client's), ids never repeat.
 * @param username who runs the kernel
 */
export function createHeaders(username: string): (msgType: string) => Header {
  const session = randomUUID();
  let count = 0;
  return (msgType) => ({
    msg_id: `${session}_${++count}`,
    session,
    username,
    date: new Date().toISOString(),
    msg_type: msgType,
    version: protocolVersion,
  });
}
