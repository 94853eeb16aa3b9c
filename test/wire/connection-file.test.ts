import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readArguments } from "../../src/wire/arguments.js";
import { exposureOf, parseConnection, readKernelFile, warningsOf } from "../../src/wire/connection-file.js";
import { newCurve } from "../kernel/client.js";

const file = {
  transport: "tcp",
  ip: "127.0.0.1",
  shell_port: 1001,
  control_port: 1002,
  stdin_port: 1003,
  iopub_port: 1004,
  hb_port: 1005,
  key: "a secret",
  signature_scheme: "hmac-sha256",
};

test("a usual connection file says where to bind and how to sign", () => {
  expect(parseConnection(file)).toEqual({
    transport: "tcp",
    ip: "127.0.0.1",
    ports: { shell: 1001, control: 1002, stdin: 1003, iopub: 1004, heartbeat: 1005 },
    key: "a secret",
    hash: "sha256",
  });
});

test.each([
  [{ signature_scheme: "hmac-whirlpool9" }, /hmac-whirlpool9/],
  [{ signature_scheme: "sha256" }, /signature scheme "sha256"/],
  [{ transport: "udp" }, /transport "udp"/],
  [{ shell_port: "1001" }, /"shell_port".*port/],
  [{ shell_port: 0 }, /"shell_port"/],
  [{ iopub_port: 1001 }, /two sockets/],
  [{ ip: "" }, /"ip".*empty/],
  [{ key: "", ip: "192.168.1.5" }, /no key on 192\.168\.1\.5/],
  [{ key: "", ip: "0.0.0.0" }, /no key/],
  [{ ip: "192.168.1.5" }, /192\.168\.1\.5 can be reached from other computers.*--allow-remote/],
  [{ ip: "0.0.0.0" }, /0\.0\.0\.0 can be reached/],
  [{ ip: "*" }, /\* can be reached/],
  [{ ip: "::" }, /:: can be reached/],
  [{ signature_scheme: "hmac-shake_128" }, /hmac-shake_128/],
  [{ curve_secretkey: "x" }, /CurveZMQ/],
])("%o is refused with the reason", (change, reason) => {
  expect(() => parseConnection({ ...file, ...change })).toThrow(reason);
});

test("no refusal quotes the key", () => {
  for (const change of [{ transport: 5 }, { hb_port: null }, { signature_scheme: "hmac-none" }]) {
    expect(() => parseConnection({ ...file, ...change })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("a secret") }),
    );
  }
});

test("an empty key is allowed where only this computer can connect", () => {
  for (const ip of ["127.0.0.1", "127.3.2.1", "::1", "localhost"]) {
    expect(parseConnection({ ...file, ip, key: "", signature_scheme: "" }).key).toBe("");
  }
  expect(parseConnection({ ...file, transport: "ipc", ip: "/run/k/ipc", key: "" }).transport).toBe("ipc");
});

test("where other computers can connect, plain and unsigned each need their own permission, and are warned of", () => {
  const at = (fields: object, permissions: { remote: boolean; unsigned: boolean }) =>
    warningsOf(parseConnection({ ...file, ip: "192.168.1.5", ...fields }, permissions));
  expect(at({}, { remote: true, unsigned: false })).toEqual([
    expect.stringContaining("other computers can reach 192.168.1.5"),
  ]);
  expect(() => at({ key: "" }, { remote: true, unsigned: false })).toThrow(/no key/);
  expect(() => at({ key: "" }, { remote: false, unsigned: true })).toThrow(/--allow-remote/);
  expect(at({ key: "" }, { remote: true, unsigned: true })).toHaveLength(2);
  // What is encrypted may travel.
  expect(at(newCurve(), { remote: false, unsigned: false })).toEqual([]);
  expect(warningsOf(parseConnection(file))).toEqual([]);
});

test.each([
  [["--allow-remote", "c.json"], {}, true],
  [["c.json"], { WIREBOOK_ALLOW_REMOTE: "1" }, true],
  [["c.json", "--debug", "--App.x=1"], { WIREBOOK_ALLOW_REMOTE: "0" }, false],
])("the command line %j with %j permits remote clients: %s", (args, env, remote) => {
  expect(readArguments(args, env)).toEqual({
    path: "c.json",
    permissions: { remote, unsigned: false },
    ackPatience: 20_000,
  });
});

test("a command line without a file says what is expected", () => {
  expect(() => readArguments([], {})).toThrow(/name the connection file/);
});

test("without a key the signature scheme does not matter", () => {
  expect(parseConnection({ ...file, key: "", signature_scheme: "hmac-nothing" }).key).toBe("");
});

test.skipIf(process.platform === "win32")("a file that others may read is warned of", () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "kernel.json");
  writeFileSync(path, "{}", { mode: 0o600 });
  expect(exposureOf(path)).toEqual([]);
  for (const mode of [0o640, 0o604]) {
    chmodSync(path, mode);
    expect(exposureOf(path)).toEqual([expect.stringContaining(`may read ${path}`)]);
    expect(exposureOf(path, "win32")).toEqual([]);
  }
});

test("a missing file and a file that is no JSON are told apart", () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "kernel.json");
  expect(() => readKernelFile(path)).toThrow(/cannot be read/);
  writeFileSync(path, "{");
  expect(() => readKernelFile(path)).toThrow(/not JSON/);
});
