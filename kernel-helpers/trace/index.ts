/**
 * `wirebook/trace`: see what a notebook does on the wire.
 *
 * ```ts
 * import { trace } from 'wirebook/trace';
 * const t = trace();
 * // … cells that use sockets, HTTP, WebSockets …
 * t.stop()
 * ```
 * @module
 */

export { type Capture, capture, openCapture } from "./capture.js";
export type { Endpoint, Kind, Step, TcpState, WireEvent } from "./events.js";
export { type Faults, type FaultsOptions, faults } from "./faults.js";
export type { Names } from "./lanes.js";
export type { Way } from "./machine.js";
export { CaptureError } from "./pcapng.js";
export type { Conversation, Said } from "./stream.js";
export { type Trace, type TraceOptions, trace } from "./trace.js";
