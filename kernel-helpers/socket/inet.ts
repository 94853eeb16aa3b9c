// Addresses and numbers between text, bytes and byte order. Pure: nothing is asked of the system.
import { isIPv4, isIPv6 } from "node:net";
import { argumentType, pythonType } from "./checks.js";
import { AF_INET, AF_INET6 } from "./constants.js";
import { OSError, OverflowError, osError, ValueError } from "./errors.js";

/** Is this machine's own order the network's? No machine that runs Node today. */
const swaps: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * A 16-bit number from the order of this machine to that of the network, or back.
 * @throws TypeError, OverflowError
 * @see Python `socket.htons`, byteorder(3)
 */
export function htons(value: number): number {
  return short("htons", value);
}

/** As {@link htons}, the other way. @see Python `socket.ntohs` */
export function ntohs(value: number): number {
  return short("ntohs", value);
}

/**
 * A 32-bit number from the order of this machine to that of the network, or back.
 * @throws TypeError, OverflowError
 * @see Python `socket.htonl`, byteorder(3)
 */
export function htonl(value: number): number {
  return long(value);
}

/** As {@link htonl}, the other way. @see Python `socket.ntohl` */
export function ntohl(value: number): number {
  return long(value);
}

function short(name: string, value: number): number {
  if (!isInteger(value))
    throw new TypeError(`'${pythonType(value)}' object cannot be interpreted as an integer`);
  if (value < 0)
    throw new OverflowError(`${name}: can't convert negative Python int to C 16-bit unsigned integer`);
  if (value > 0xffff)
    throw new OverflowError(`${name}: Python int too large to convert to C 16-bit unsigned integer`);
  return swaps ? ((value & 0xff) << 8) | (value >> 8) : value;
}

function long(value: number): number {
  if (!isInteger(value)) throw new TypeError(`expected int, ${pythonType(value)} found`);
  if (value < 0) throw new OverflowError("can't convert negative value to unsigned int");
  if (value > 0xffff_ffff) throw new OverflowError("int larger than 32 bits");
  if (!swaps) return value;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.readUInt32BE();
}

function isInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

/**
 * An IPv4 address as four bytes. As the C library does it takes one to four numbers, decimal, octal (`010`) or hexadecimal
 * (`0x7f`), of which the last fills what is left: `127.1` is 127.0.0.1. What follows a blank does not count.
 * @throws TypeError; OSError where it is none
 * @see Python `socket.inet_aton`, inet_aton(3)
 */
export function inet_aton(text: string): Buffer {
  if (typeof text !== "string")
    throw new TypeError(`inet_aton() argument 1 must be str, not ${argumentType(text)}`);
  const parts = (/^[^ \t\n\v\f\r]*/.exec(text)?.[0] ?? "").split(".");
  const numbers = parts.map(toNumber);
  const last = numbers.pop();
  const room = 4 - numbers.length;
  if (last === undefined || room < 1 || !(last < 256 ** room) || !numbers.every((one) => one <= 255))
    throw new OSError("illegal IP address string passed to inet_aton");
  const bytes = Buffer.alloc(4);
  bytes.set(numbers);
  bytes.writeUIntBE(last, numbers.length, room);
  return bytes;
}

function toNumber(text: string): number {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return Number(text);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9][0-9]*$/.test(text) ? Number(text) : Number.NaN;
}

/**
 * Four bytes as an IPv4 address.
 * @throws TypeError; OSError where they are not four
 * @see Python `socket.inet_ntoa`, inet_ntoa(3)
 */
export function inet_ntoa(packed: Uint8Array): string {
  checkBytes(packed);
  if (packed.length !== 4) throw new OSError("packed IP wrong length for inet_ntoa");
  return packed.join(".");
}

/**
 * An address as the bytes that packets carry.
 * @param family `AF_INET` (four numbers, decimal) or `AF_INET6` (without a zone)
 * @throws TypeError; OSError where it is none of that family, EAFNOSUPPORT
 * @see Python `socket.inet_pton`, inet_pton(3)
 */
export function inet_pton(family: number, text: string): Buffer {
  if (text === undefined) throw new TypeError("inet_pton() takes exactly 2 arguments (1 given)");
  if (typeof text !== "string")
    throw new TypeError(`inet_pton() argument 2 must be str, not ${argumentType(text)}`);
  if (family !== AF_INET && family !== AF_INET6) throw osError("EAFNOSUPPORT");
  if (family === AF_INET ? !isIPv4(text) : !isIPv6(text) || text.includes("%"))
    throw new OSError("illegal IP address string passed to inet_pton");
  return Buffer.from(family === AF_INET ? text.split(".").map(Number) : toBytes6(text));
}

/**
 * The bytes that packets carry as an address.
 * @throws TypeError; ValueError for another family, or another number of bytes than 4 and 16
 * @see Python `socket.inet_ntop`, inet_ntop(3)
 */
export function inet_ntop(family: number, packed: Uint8Array): string {
  checkBytes(packed);
  if (family !== AF_INET && family !== AF_INET6) throw new ValueError(`unknown address family ${family}`);
  if (packed.length !== (family === AF_INET ? 4 : 16))
    throw new ValueError("invalid length of packed IP address string");
  return family === AF_INET ? packed.join(".") : toText6(Buffer.from(packed));
}

function checkBytes(value: Uint8Array): void {
  if (!(value instanceof Uint8Array))
    throw new TypeError(`a bytes-like object is required, not '${pythonType(value)}'`);
}

/** The sixteen bytes of an IPv6 address; a zone does not count. */
export function toBytes6(address: string): number[] {
  const plain = shortest(address.replace(/%.*$/, ""));
  const [left = "", right] = plain.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const head = groups(left);
  const tail = groups(right ?? "");
  const middle = Array.from({ length: right === undefined ? 0 : 8 - head.length - tail.length }, () => "0");
  return [...head, ...middle, ...tail].flatMap((group) => [
    Number.parseInt(group, 16) >> 8,
    Number.parseInt(group, 16) & 0xff,
  ]);
}

/** As short as it gets; the last four bytes with dots where an IPv4 address is wrapped in it, as the C library writes them. */
export function toText6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index));
  const wrapped = groups.slice(0, 5).every((group) => group === 0);
  if (wrapped && groups[5] === 0xffff) return `::ffff:${bytes.subarray(12).join(".")}`;
  if (wrapped && groups[5] === 0 && groups[6] !== 0) return `::${bytes.subarray(12).join(".")}`;
  return shortest(groups.map((group) => group.toString(16)).join(":"));
}

/** The URL parser knows how to write an IPv6 address as short as it gets. */
function shortest(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
