// The headers of IP (RFC 791, RFC 8200), TCP (RFC 9293) and UDP (RFC 768): written, and read.
import { isIPv6, SocketAddress } from "node:net";

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

export interface Host {
  readonly address: string;
  readonly port: number;
}

const TCP = 6;
const UDP = 17;

/** @param size how long the payload was, where it was not kept */
export function tcpPacket(
  from: Host,
  to: Host,
  {
    flags,
    sequence,
    acknowledged,
    payload,
    size,
  }: { flags: number; sequence: number; acknowledged: number; payload: Buffer | undefined; size: number },
): { data: Buffer; length: number } {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt32BE(sequence >>> 0, 4);
  header.writeUInt32BE(acknowledged >>> 0, 8);
  header[12] = 5 << 4;
  header[13] = flags;
  header.writeUInt16BE(65_535, 14);
  return inIp(from, to, TCP, header, 16, payload, size);
}

export function udpPacket(
  from: Host,
  to: Host,
  payload: Buffer | undefined,
  size: number,
): { data: Buffer; length: number } {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt16BE(8 + size, 4);
  return inIp(from, to, UDP, header, 6, payload, size);
}

/** @param at where in the header the checksum lies */
function inIp(
  from: Host,
  to: Host,
  protocol: number,
  header: Buffer,
  at: number,
  payload: Buffer = Buffer.alloc(0),
  size: number,
): { data: Buffer; length: number } {
  const source = addressBytes(from.address);
  const target = addressBytes(to.address);
  const length = header.length + size;
  if (payload.length === size) {
    // The pseudo header of RFC 9293, section 3.1.
    const pseudo = Buffer.alloc(8);
    pseudo.writeUInt32BE(length, 0);
    pseudo[7] = protocol;
    const sum = checksum(Buffer.concat([source, target, pseudo, header, payload]));
    // Of UDP 0 means none (RFC 768).
    header.writeUInt16BE(sum === 0 && protocol === UDP ? 0xffff : sum, at);
  }
  const ip =
    source.length === 4 ? ipv4(source, target, protocol, length) : ipv6(source, target, protocol, length);
  return { data: Buffer.concat([ip, header, payload]), length: ip.length + length };
}

function ipv4(source: Buffer, target: Buffer, protocol: number, length: number): Buffer {
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(20 + length, 2);
  // Don't fragment; 64 hops.
  ip[6] = 0x40;
  ip[8] = 64;
  ip[9] = protocol;
  source.copy(ip, 12);
  target.copy(ip, 16);
  ip.writeUInt16BE(checksum(ip), 10);
  return ip;
}

function ipv6(source: Buffer, target: Buffer, protocol: number, length: number): Buffer {
  const ip = Buffer.alloc(40);
  ip[0] = 0x60;
  ip.writeUInt16BE(length, 4);
  ip[6] = protocol;
  ip[7] = 64;
  source.copy(ip, 8);
  target.copy(ip, 24);
  return ip;
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
  const [bare = ""] = address.split("%");
  const [head = "", tail] = bare.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, toGroups).split("::");
  const groups = (part: string): number[] =>
    part ? part.split(":").map((group) => Number.parseInt(group, 16)) : [];
  const [left, right] = [groups(head), groups(tail ?? "")];
  const bytes = Buffer.alloc(16);
  [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right].forEach((group, index) => {
    bytes.writeUInt16BE(group, index * 2);
  });
  return bytes;
}

const toGroups = (_: string, ...parts: string[]): string => {
  const [a, b, c, d] = parts.slice(0, 4).map(Number) as [number, number, number, number];
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
};

/** One packet of a capture, as far as it could be read. */
export interface Segment {
  readonly protocol: "tcp" | "udp";
  readonly from: Host;
  readonly to: Host;
  /** Of TCP. */
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly payload: Buffer;
  /** How long the payload was; more than what was captured of it. */
  readonly size: number;
}

/** @returns undefined for what is no TCP or UDP, or broken off in the headers */
export function readPacket(ip: Buffer): Segment | undefined {
  const version = (ip[0] ?? 0) >> 4;
  if (version === 4 && ip.length >= 20) {
    const start = ((ip[0] as number) & 15) * 4;
    const end = ip.readUInt16BE(2);
    // Only the first fragment has the header.
    if (start < 20 || (ip.readUInt16BE(6) & 0x1fff) !== 0) return undefined;
    const dotted = (at: number): string => [...ip.subarray(at, at + 4)].join(".");
    return transport(ip[9] as number, ip.subarray(start), end - start, dotted(12), dotted(16));
  }
  if (version === 6 && ip.length >= 40) {
    const colons = (at: number): string => {
      const groups = Array.from({ length: 8 }, (_, index) => ip.readUInt16BE(at + index * 2).toString(16));
      return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
    };
    return transport(ip[6] as number, ip.subarray(40), ip.readUInt16BE(4), colons(8), colons(24));
  }
  return undefined;
}

function transport(
  protocol: number,
  bytes: Buffer,
  length: number,
  source: string,
  target: string,
): Segment | undefined {
  const least = protocol === TCP ? 20 : 8;
  if ((protocol !== TCP && protocol !== UDP) || bytes.length < least) return undefined;
  const header = protocol === TCP ? ((bytes[12] as number) >> 4) * 4 : 8;
  if (header < least || length < header) return undefined;
  const tcp = protocol === TCP;
  return {
    protocol: tcp ? "tcp" : "udp",
    from: { address: source, port: bytes.readUInt16BE(0) },
    to: { address: target, port: bytes.readUInt16BE(2) },
    flags: tcp ? (bytes[13] as number) & 63 : 0,
    sequence: tcp ? bytes.readUInt32BE(4) : 0,
    acknowledged: tcp ? bytes.readUInt32BE(8) : 0,
    payload: bytes.subarray(header, length),
    size: length - header,
  };
}
