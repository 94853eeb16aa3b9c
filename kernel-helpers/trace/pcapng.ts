// Files of packets: pcapng is written, and pcapng and the older pcap are read.
import type { Packet } from "./packets.js";

/** Packets begin with their IP header. @see https://www.tcpdump.org/linktypes.html */
const LINKTYPE_RAW = 101;

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const NAMES = 4;
const PACKET = 6;
const MAGIC = 0x1a2b3c4d;

const padded = (length: number): number => (length + 3) & ~3;

function option(code: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt16LE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

const END = Buffer.alloc(4);

function block(type: number, ...parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 12);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, ...parts, tail]);
}

/**
 * @param began milliseconds since 1970
 * @param names what addresses stand for
 * @see https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/
 */
export function writePcapng(
  packets: readonly Packet[],
  { began, names }: { began: number; names: ReadonlyMap<string, string> },
): Buffer {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(MAGIC, 0);
  section.writeUInt16LE(1, 4);
  // How long it is, is not told.
  section.writeBigInt64LE(-1n, 8);
  const link = Buffer.alloc(8);
  link.writeUInt16LE(LINKTYPE_RAW, 0);
  const blocks = [
    block(SECTION, section, option(4, Buffer.from("Wirebook")), END),
    // if_name, if_description, if_tsresol: nanoseconds.
    block(
      INTERFACE,
      link,
      option(2, Buffer.from("wirebook")),
      option(3, Buffer.from("the application's view")),
      option(9, Buffer.from([9])),
      END,
    ),
  ];
  if (names.size > 0) blocks.push(block(NAMES, ...[...names].map(toNameRecord), END));
  for (const packet of packets) blocks.push(packetBlock(packet, began));
  return Buffer.concat(blocks);
}

function toNameRecord([address, name]: [string, string]): Buffer {
  const value = Buffer.concat([Buffer.from(address.split(".").map(Number)), Buffer.from(`${name}\0`)]);
  return option(1, value);
}

function packetBlock({ at, data, length, direction, comment }: Packet, began: number): Buffer {
  const time = BigInt(Math.round((began + at) * 1000)) * 1000n;
  const head = Buffer.alloc(20);
  head.writeUInt32LE(Number(time >> 32n), 4);
  head.writeUInt32LE(Number(time & 0xffffffffn), 8);
  head.writeUInt32LE(data.length, 12);
  head.writeUInt32LE(length, 16);
  const flags = Buffer.alloc(4);
  flags[0] = direction === "inbound" ? 1 : 2;
  const room = Buffer.alloc(padded(data.length) - data.length);
  return block(PACKET, head, data, room, option(1, Buffer.from(comment)), option(2, flags), END);
}

/** One packet of a file. */
export interface Captured {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What the packet begins with: a LINKTYPE number. */
  readonly link: number;
  readonly data: Buffer;
}

/** A file that is no capture, or is damaged: with the offset at which it stops making sense. */
export class CaptureError extends Error {
  override readonly name: string = "CaptureError";
}

/** @throws CaptureError; what was whole before a file breaks off is in `packets` */
export function readCapture(file: Buffer): Captured[] {
  if (file.length < 4) throw new CaptureError("no capture: the file has fewer than 4 bytes");
  if (file.readUInt32LE(0) === SECTION) return readPcapng(file);
  return readPcap(file);
}

function readPcap(file: Buffer): Captured[] {
  const magic = file.readUInt32LE(0);
  const known: Record<number, [little: boolean, unit: number]> = {
    2712847316: [true, 1e3],
    3569595041: [false, 1e3],
    2712812621: [true, 1e6],
    1295823521: [false, 1e6],
  };
  const [little, unit] = known[magic] ?? [];
  if (little === undefined || unit === undefined || file.length < 24)
    throw new CaptureError("no capture: the file begins neither as pcapng nor as pcap");
  const read = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const link = read(20) & 0x0fffffff;
  const packets: Captured[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const length = read(at + 8);
    // A capture that was stopped may end in the middle of a packet.
    if (at + 16 + length > file.length) break;
    packets.push({
      at: read(at) * 1000 + read(at + 4) / unit,
      link,
      data: file.subarray(at + 16, at + 16 + length),
    });
    at += 16 + length;
  }
  return packets;
}

interface Interface {
  link: number;
  /** Units of its clock in a millisecond. */
  ticks: number;
}

function readPcapng(file: Buffer): Captured[] {
  const packets: Captured[] = [];
  let little = true;
  let interfaces: Interface[] = [];
  for (let at = 0; at + 12 <= file.length; ) {
    if (file.readUInt32LE(at) === SECTION) {
      little = file.readUInt32LE(at + 8) === MAGIC;
      if (!little && file.readUInt32BE(at + 8) !== MAGIC)
        throw new CaptureError(`damaged at byte ${at}: a section without its magic number`);
      interfaces = [];
    }
    const u32 = (offset: number): number => (little ? file.readUInt32LE(offset) : file.readUInt32BE(offset));
    const u16 = (offset: number): number => (little ? file.readUInt16LE(offset) : file.readUInt16BE(offset));
    const type = u32(at);
    const length = u32(at + 4);
    if (length < 12 || length % 4 !== 0)
      throw new CaptureError(`damaged at byte ${at}: a block of ${length} bytes`);
    if (at + length > file.length) break;
    const end = at + length - 4;
    if (type === INTERFACE && length >= 20)
      interfaces.push({ link: u16(at + 8), ticks: ticks(file, at + 16, end, u16) });
    else if (type === PACKET && length >= 32) {
      const from = interfaces[u32(at + 8)];
      const size = u32(at + 20);
      if (!from)
        throw new CaptureError(`damaged at byte ${at}: a packet of an interface that was not described`);
      if (at + 28 + size > end)
        throw new CaptureError(`damaged at byte ${at}: a packet longer than its block`);
      const time = u32(at + 12) * 2 ** 32 + u32(at + 16);
      packets.push({ at: time / from.ticks, link: from.link, data: file.subarray(at + 28, at + 28 + size) });
    }
    at += length;
  }
  return packets;
}

/** The option if_tsresol; microseconds where there is none. */
function ticks(file: Buffer, from: number, end: number, u16: (offset: number) => number): number {
  for (let at = from; at + 4 <= end; ) {
    const code = u16(at);
    const length = u16(at + 2);
    if (code === 0) break;
    if (code === 9 && length === 1 && at + 4 < end) {
      const value = file[at + 4] as number;
      return (value & 128 ? 2 ** (value & 127) : 10 ** value) / 1000;
    }
    at += 4 + padded(length);
  }
  return 1000;
}
