import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseConnection, readKernelFile } from "../../src/wire/connection-file.js";

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

test("a missing file and a file that is no JSON are told apart", () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "kernel.json");
  expect(() => readKernelFile(path)).toThrow(/cannot be read/);
  writeFileSync(path, "{");
  expect(() => readKernelFile(path)).toThrow(/not JSON/);
});
