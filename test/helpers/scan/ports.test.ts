import { expect, test } from "vitest";
import { type Ports, type Protocol, parsePorts } from "../../../kernel-helpers/scan/ports.js";
import { ScanError } from "../../../kernel-helpers/scan/problem.js";

const read = (ports: Ports, protocol: Protocol = "tcp"): number[] => [...parsePorts(ports, protocol)];

test.each<[Ports, number[]]>([
  ["80", [80]],
  ["8080,22,80", [22, 80, 8080]],
  ["20-22, 80 , 80,21 - 23", [20, 21, 22, 23, 80]],
  ["65535,1", [1, 65535]],
  ["http,https,ssh", [22, 80, 443]],
  [8080, [8080]],
  [
    [443, 80, 443],
    [80, 443],
  ],
])("%j is a list of ports", (ports, expected) => {
  expect(read(ports)).toEqual(expected);
});

test("all are 65,535, and the usual ones a hundred of each protocol", () => {
  expect(read("all").length).toBe(65_535);
  expect(read("1-65535")).toEqual(read("all"));
  for (const protocol of ["tcp", "udp"] as const) expect(read("top100", protocol).length).toBe(100);
});

test("the name of a service is looked up for its protocol", () => {
  expect(read("ntp", "udp")).toEqual([123]);
});

test.each<[unknown, string]>([
  ["", "no port is named. Write numbers and ranges"],
  ["  ", "no port is named"],
  [[], "no port is named"],
  ["80,", 'in "80," there is nothing between two commas'],
  ["80,,443", "nothing between two commas"],
  ["80;443", '"80;443": ports are separated by commas, "80,443"'],
  ["80 443 22", '"80 443 22": ports are separated by commas, "80,443,22"'],
  ["1–1024", '"1–1024": a range is written with a hyphen, "1-1024"'],
  ["1..1024", 'with a hyphen, "1-1024"'],
  ["1:1024", 'with a hyphen, "1-1024"'],
  ["1 to 10", 'with a hyphen, "1-10"'],
  ["1024-1", 'runs backwards: write "1-1024"'],
  ["-1024", 'without a beginning: write "1-1024"'],
  ["8000-", 'without an end: write "8000-65535"'],
  ["0", 'port 0 means "any free one"'],
  ["0-100", 'port 0 means "any free one"'],
  ["65536", "65536 is no port: ports are the numbers from 1 to 65535"],
  ["80.5", '"80.5" is no port: a port is a whole number'],
  ["80/tcp", "only the number belongs here"],
  ["htpp", '"htpp" is neither a port nor the name of a service'],
  ["top1000", 'the list of usual ports is "top100"'],
  ["80,all", '"all" stands alone, and means 1-65535'],
  ["*", '"all" stands alone'],
  [80.5, "80.5 is no port: a port is a whole number"],
  [-1, "-1 is no port"],
  [Number.NaN, "NaN is no port"],
  [["80"], '"80" is no port'],
  [null, "ports are text or numbers, not null"],
  [{ from: 1 }, "ports are text or numbers, not object"],
  ["80\u001b[31m", '"80\\u001b[31m" is neither'],
])("%j is refused, and the error says what to write", (ports, words) => {
  expect(() => read(ports as Ports)).toThrow(words);
  expect(() => read(ports as Ports)).toThrow(ScanError);
});
