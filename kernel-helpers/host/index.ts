/**
 * `wirebook/host`: this machine, as a lab needs to know it.
 * @module
 */
export { NotAnswered } from "./answers.js";
export { arp, type NeighbourAddress } from "./arp.js";
export { CapturedVariables, type Computer, type ExecOptions } from "./computers/computer.js";
export { type Computers, type ComputersOptions, computers } from "./computers/computers.js";
export { type Kind as ComputerKind, NotPossible, type Shape, type Shaped } from "./computers/ground.js";
export type { Network } from "./computers/network.js";
export { type Interface, interfaces } from "./interfaces.js";
export { labPort } from "./lab-port.js";
export { type PingOptions, ping, type Reply } from "./ping.js";
export { ProgramMissing } from "./programs.js";
export { type Finding, type Reachability, type ReachableOptions, reachable } from "./reachable.js";
export { type Route, route } from "./route.js";
export type { TableDisplay } from "./table.js";
export { type TelnetOptions, telnet } from "./telnet.js";
export { explain, type Kind, standIn, type WebTarget, webTarget } from "./web-target.js";
