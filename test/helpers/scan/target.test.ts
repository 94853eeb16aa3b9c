import { expect, test } from "vitest";
import { ScanError } from "../../../kernel-helpers/scan/problem.js";
import { findTargets, type Machine } from "../../../kernel-helpers/scan/target.js";

const NAMES: Record<string, string[]> = {
  "ada.lab": ["192.168.1.20"],
  "two.lab": ["192.168.1.20", "2001:db8::20"],
  "mixed.lab": ["127.0.0.1", "198.51.100.9"],
  "rebound.example": ["127.0.0.1"],
  me: ["192.168.1.7"],
  // What the C library makes of short and of hexadecimal addresses.
  "127.1": ["127.0.0.1"],
  "0x08080808": ["8.8.8.8"],
};

const entry = (
  address: string,
  cidr: string,
  internal = false,
): NonNullable<Machine["interfaces"][string]>[number] => ({
  address,
  cidr,
  netmask: "",
  mac: "00:00:00:00:00:00",
  internal,
  ...(address.includes(":") ? { family: "IPv6", scopeid: 0 } : { family: "IPv4" }),
});

function machine(platform: NodeJS.Platform = "linux"): Machine {
  return {
    platform,
    interfaces: {
      lo: [entry("127.0.0.1", "127.0.0.1/8", true), entry("::1", "::1/128", true)],
      eth0: [
        entry("192.168.1.7", "192.168.1.7/24"),
        entry("203.0.113.5", "203.0.113.5/24"),
        entry("fd12::7", "fd12::7/64"),
        entry("fe80::7", "fe80::7/64"),
      ],
    },
    async lookup(name) {
      const found = NAMES[name];
      if (!found) throw Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });
      return found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    },
  };
}

async function addresses(
  target?: string,
  permission?: string,
  platform?: NodeJS.Platform,
): Promise<string[]> {
  const found = await findTargets(target, { permission, machine: machine(platform) });
  return found.map(({ address }) => address);
}

test.each<[string | undefined, string[]]>([
  [undefined, ["127.0.0.1", "::1", "192.168.1.7", "203.0.113.5", "fd12::7"]],
  ["localhost", ["127.0.0.1", "::1"]],
  ["LOCALHOST.", ["127.0.0.1", "::1"]],
  ["127.0.0.1", ["127.0.0.1"]],
  ["127.44.0.9", ["127.44.0.9"]],
  ["127.1", ["127.0.0.1"]],
  ["::1", ["::1"]],
  ["[::1]", ["::1"]],
  ["0:0:0:0:0:0:0:1", ["::1"]],
  ["::ffff:127.0.0.1", ["127.0.0.1"]],
  ["::ffff:7f00:1", ["127.0.0.1"]],
  ["192.168.1.7", ["192.168.1.7"]],
  ["203.0.113.5", ["203.0.113.5"]],
  ["fe80::7", ["fe80::7%eth0"]],
  ["me", ["192.168.1.7"]],
  ["rebound.example", ["127.0.0.1"]],
  ["127.0.0.0/30", ["127.0.0.0", "127.0.0.1", "127.0.0.2", "127.0.0.3"]],
])("%s is this machine: no permission is needed", async (target, expected) => {
  expect(await addresses(target)).toEqual(expected);
});

test.each<[string, string[]]>([
  ["192.168.1.20", ["192.168.1.20"]],
  ["ada.lab", ["192.168.1.20"]],
  ["two.lab", ["192.168.1.20", "2001:db8::20"]],
  ["mixed.lab", ["127.0.0.1", "198.51.100.9"]],
  ["8.8.8.8", ["8.8.8.8"]],
  ["::ffff:8.8.8.8", ["8.8.8.8"]],
  ["0x08080808", ["8.8.8.8"]],
  ["2001:db8::1", ["2001:db8::1"]],
  ["fe80::1%eth0", ["fe80::1%eth0"]],
  ["192.168.1.8/30", ["192.168.1.9", "192.168.1.10"]],
  ["192.168.1.8/31", ["192.168.1.8", "192.168.1.9"]],
  ["192.168.1.20/32", ["192.168.1.20"]],
  ["fd12::8/127", ["fd12::8", "fd12::9"]],
])("%s is somebody else's: with permission only", async (target, expected) => {
  const refused = addresses(target);
  await expect(refused).rejects.toThrow(
    "is not an address of this machine. Scanning others needs the permission",
  );
  await expect(refused).rejects.toThrow(ScanError);
  await expect(addresses(target, "  ")).rejects.toThrow(ScanError);
  expect(await addresses(target, "Ada agreed")).toEqual(expected);
});

test("a whole neighbourhood of a lab is within the bounds: 254 addresses", async () => {
  const found = await addresses("192.168.1.0/24", "the lab's own");
  expect([found.length, found[0], found.at(-1)]).toEqual([254, "192.168.1.1", "192.168.1.254"]);
});

test.each([
  ["0.0.0.0", "every address of this machine"],
  ["::", "every address of this machine"],
  ["224.0.0.1", "the address of no single machine"],
  ["255.255.255.255", "the address of no single machine"],
  ["ff02::1", "the address of no single machine"],
  ["fe80::1", "write it with its interface, as fe80::1%eth0"],
  ["192.168.0.0/16", "is not within a private network of this machine"],
  ["192.168.2.0/24", "Private networks here: 192.168.1.7/24, fd12::7/64, fe80::7/64"],
  ["10.0.0.0/24", "is not within a private network of this machine"],
  ["203.0.113.0/28", "is not within a private network of this machine"],
  ["8.8.8.0/28", "is not within a private network of this machine"],
  ["0.0.0.0/0", "is not within a private network of this machine"],
  ["fd12::/64", "a range has 256 at most: write fd12::/120"],
  ["127.0.0.0/8", "a range has 256 at most: write 127.0.0.0/24"],
  ["192.168.1.0/33", "is no network"],
  ["192.168.1.0/", "is no network"],
  ["ada.lab/24", "is no network"],
  ["192.168.1.1-20", "several addresses are written as a network, as in 192.168.1.0/28"],
  ["192.168.1.*", "several addresses are written as a network"],
  ["192.168.1.1,192.168.1.2", "several addresses are written as a network"],
  ["http://localhost:8080/", 'a target is a host alone, "localhost"; the port goes into ports: "8080"'],
  ["localhost:8080", 'a target is a host alone, "localhost"; the port goes into ports: "8080"'],
  ["https://[::1]/", 'a target is a host alone, "[::1]"'],
  ["nobody.lab", '"nobody.lab" is not known: ENOTFOUND'],
  ["", "the target is empty"],
  [7 as never, "a target is text"],
])("%s is refused whatever the permission", async (target, words) => {
  const refused = addresses(target, "Ada agreed");
  await expect(refused).rejects.toThrow(words);
  await expect(refused).rejects.toThrow(ScanError);
});

test("where 127.0.0.1 is the only loopback address, others are nobody's", async () => {
  expect(await addresses("127.0.0.1", undefined, "darwin")).toEqual(["127.0.0.1"]);
  await expect(addresses("127.0.0.2", undefined, "darwin")).rejects.toThrow(
    "this machine has no address 127.0.0.2",
  );
});
