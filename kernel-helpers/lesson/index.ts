/**
 * `wirebook/lesson`: what the lab's notebooks need beside sockets.
 * @module
 */
export { NoPython, type PythonOptions, type PythonRun, python } from "./python.js";
