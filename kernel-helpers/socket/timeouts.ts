// How long calls may take, in seconds, checked in Python's words.
import { pythonType } from "./checks.js";
import { OverflowError, ValueError } from "./errors.js";

/** @throws TypeError, ValueError */
export function checkTimeout(seconds: number | null | undefined): number | null {
  if (seconds === null || seconds === undefined) return null;
  if (typeof seconds !== "number") {
    throw new TypeError(`'${pythonType(seconds)}' object cannot be interpreted as an integer`);
  }
  if (Number.isNaN(seconds)) throw new ValueError("Invalid value NaN (not a number)");
  if (seconds < 0) throw new ValueError("Timeout value out of range");
  if (seconds === Number.POSITIVE_INFINITY) return null;
  // Counted in nanoseconds, 64 bits of them.
  if (seconds > 9_223_372_036) throw new OverflowError("timestamp out of range for platform time_t");
  return seconds;
}

let ofNewSockets: number | null = null;

/** The timeout, in seconds, that new sockets begin with; `null` is for ever. @see Python `socket.getdefaulttimeout` */
export function getdefaulttimeout(): number | null {
  return ofNewSockets;
}

/**
 * Sets the timeout, in seconds, that new sockets begin with.
 * @throws ValueError where it is negative
 * @see Python `socket.setdefaulttimeout`
 */
export function setdefaulttimeout(seconds: number | null): void {
  ofNewSockets = checkTimeout(seconds);
}
