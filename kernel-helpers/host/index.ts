/**
 * `wirebook/host`: this machine, as a lab needs to know it.
 * @module
 */
export { NotAnswered } from "./answers.js";
export { type Interface, interfaces } from "./interfaces.js";
export { labPort } from "./lab-port.js";
export type { TableDisplay } from "./table.js";
export { type TelnetOptions, telnet } from "./telnet.js";
export { explain, type Kind, standIn, type WebTarget, webTarget } from "./web-target.js";
