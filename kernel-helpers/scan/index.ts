/**
 * `wirebook/scan`: which ports of this machine are open, and whose they are.
 *
 * ```ts
 * import { scan } from 'wirebook/scan';
 * await scan();                                              // all TCP ports of this machine
 * await scan('localhost', { ports: '8000-9000', banner: true });
 * await scan({ udp: true });
 * ```
 *
 * Other machines are scanned only with the permission of whoever is responsible for them, given as `iHavePermission`; such scans are
 * slow, told of on stderr, and logged.
 * @module
 */
export type { Ports, Protocol } from "./ports.js";
export { ScanError } from "./problem.js";
export type { ScannedPort, ScanResult, State } from "./result.js";
export { ScanInterrupted, type ScanOptions, type ScanProgress, scan } from "./scan.js";
export type { BackendName } from "./sweep.js";
