/**
 * `wirebook/lesson`: what the lab's notebooks need beside sockets.
 * @module
 */

/** A server for WebSockets (RFC 6455), of the package `ws`. The client's side is built into Node: `new WebSocket(url)`. */
export { WebSocketServer } from "ws";
export { type Personal, personal } from "./personal.js";
export { predict, seen } from "./predict.js";
export { NoPython, type PythonOptions, type PythonRun, python } from "./python.js";
export { iAm } from "./student.js";
