import { expect, test } from "vitest";
import { chooseBackend } from "../../../kernel-helpers/socket/backends/choose.js";
import { doormanBackend } from "../../../kernel-helpers/socket/backends/doorman.js";
import { openLibc, pack, unpack } from "../../../kernel-helpers/socket/backends/libc.js";
import { AF_INET, AF_INET6, AF_UNIX } from "../../../kernel-helpers/socket/constants.js";

test("WIREBOOK_SOCKETS that names nothing known says what there is", () => {
  expect(() => chooseBackend("fast")).toThrow('WIREBOOK_SOCKETS is "fast"; it takes koffi, doorman, eager');
});

test("where one way does not load, the next one serves", () => {
  const broken = (): never => {
    throw new Error("no build for this platform");
  };
  expect(chooseBackend("", { koffi: broken, doorman: doormanBackend, eager: broken }).name).toBe("doorman");
  expect(() => chooseBackend("koffi", { koffi: broken, doorman: broken, eager: broken })).toThrow(
    'the socket back-end "koffi" does not work here: no build for this platform',
  );
});

test("Windows has neither descriptors to adopt nor a doorman", () => {
  expect(() => openLibc("win32")).toThrow("win32");
  expect(() => doormanBackend("win32")).toThrow("Windows");
});

test("addresses are laid out as each system reads them", () => {
  expect([...pack(["127.0.0.1", 258], AF_INET, false)]).toEqual([
    AF_INET,
    0,
    1,
    2,
    127,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  expect([...pack(["127.0.0.1", 258], AF_INET, true)].slice(0, 8)).toEqual([16, AF_INET, 1, 2, 127, 0, 0, 1]);
  expect([...pack(["::1", 258], AF_INET6, true)].slice(0, 4)).toEqual([28, AF_INET6, 1, 2]);
  expect([...pack("/a", AF_UNIX, false)]).toEqual([AF_UNIX, 0, 47, 97, 0]);
  for (const host of ["::1", "::", "fe80::1:2", "2001:db8::ff00:42:8329", "::ffff:127.0.0.1"]) {
    expect(unpack(pack([host, 80, 7, 3], AF_INET6, false), AF_INET6)).toEqual([host, 80, 7, 3]);
  }
  expect(pack(["::ffff:127.0.0.1", 1], AF_INET6, false).subarray(18, 24).toString("hex")).toBe(
    "ffff7f000001",
  );
});
