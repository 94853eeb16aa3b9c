import { basename } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Host, MimeBundle } from "../../../kernel-helpers/host-contract.js";
import {
  type BackendName,
  ScanError,
  ScanInterrupted,
  type ScanProgress,
  scan,
} from "../../../kernel-helpers/scan/index.js";
import { connectJob } from "../../../kernel-helpers/socket/backends/connect-thread.js";
import { closedPort, tcp, udp } from "./servers.js";

const linux = process.platform === "linux";
const BACKENDS: BackendName[] = linux ? ["koffi", "net"] : ["net"];
const HOST = Symbol.for("wirebook.host");
type Global = { [key: symbol]: unknown };

afterEach(() => {
  delete (globalThis as Global)[HOST];
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe.each(BACKENDS)("on this machine (%s)", (backend) => {
  test("a port is open, closed, or open on one address only", async () => {
    const [four, six, none] = [await tcp("127.0.0.1"), await tcp("::1"), await closedPort()];
    const found = await scan("localhost", { ports: [four, six, none], backend });
    expect(found.addresses).toEqual(["127.0.0.1", "::1"]);
    expect(found.stateOf(four)).toBe("open");
    expect(found.stateOf(four, "::1")).toBe("closed");
    expect(found.stateOf(six)).toBe("closed");
    expect(found.stateOf(six, "::1")).toBe("open");
    expect(found.stateOf(none)).toBe("closed");
    expect(found.counts).toMatchObject({ open: 2, closed: 4, filtered: 0, unscanned: 0 });
    expect(found.backend).toBe(backend);
    expect(found.stateOf(9)).toBe(undefined);
  });

  test("an open port says which program listens", async () => {
    const port = await tcp();
    const [first] = (await scan("127.0.0.1", { ports: port, backend })).open;
    expect(first).toMatchObject({ address: "127.0.0.1", port, protocol: "tcp", state: "open" });
    if (linux) expect(first).toMatchObject({ pid: process.pid, process: basename(process.execPath) });
  });

  test("its signal ends it, and what was found until then is told", async () => {
    const port = await tcp();
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error("enough"));
    const scanning = scan({ backend, signal: controller.signal, onProgress });
    const error = await scanning.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ScanInterrupted);
    const { result, cause, message } = error as ScanInterrupted;
    expect(cause).toEqual(new Error("enough"));
    expect(message).toMatch(
      /^the scan was interrupted: \d+ open of [\d,]+ tcp ports of .* interrupted: [\d,]+ not scanned/,
    );
    expect(result.counts.unscanned).toBeGreaterThan(0);
    expect(result.stateOf(port)).toBeOneOf([undefined, "open"]);
    const aborted = AbortSignal.abort(new Error("before it began"));
    await expect(scan({ backend, signal: aborted })).rejects.toThrow("before it began");
  });

  test("whoever is scanned sees two connections that end, and nothing sent", async () => {
    const seen: string[] = [];
    const port = await tcp("127.0.0.1", (peer) => {
      peer
        .on("data", () => seen.push("data"))
        .on("end", () => seen.push("end"))
        .on("error", () => seen.push("error"));
      peer.on("end", () => peer.end());
    });
    await scan("127.0.0.1", { ports: port, backend });
    await expect.poll(() => seen).toEqual(["end", "end"]);
  });
});

test("UDP: who answers is open, who refuses is closed, of who is silent nobody knows", async () => {
  const [answers, silent] = [await udp("yes"), await udp()];
  const found = await scan("127.0.0.1", { udp: true, ports: [answers, silent, 9], timeout: 0.2 });
  expect(found.stateOf(answers)).toBe("open");
  expect(found.stateOf(silent)).toBe("open|filtered");
  expect(found.stateOf(9)).toBe("closed");
  // It does not answer, but it is there.
  if (linux) expect(found.ports.find(({ port }) => port === silent)?.pid).toBe(process.pid);
  expect((await scan("127.0.0.1", { udp: true, timeout: 0.2 })).counts.closed).toBeGreaterThan(50);
});

test("progress goes up to all ports, with what is open so far", async () => {
  await tcp();
  const told: ScanProgress[] = [];
  await scan("127.0.0.1", {
    backend: "net",
    ports: "1-20000",
    onProgress: (progress) => told.push(progress),
  });
  expect(told.at(-1)).toMatchObject({ done: 20_000, total: 20_000 });
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b));
});

test("a result is a table, text and data; what a state has too many of is counted only", async () => {
  const port = await tcp("127.0.0.1", (peer) => peer.end("<b>\u001b[31mred\n"));
  const found = await scan("127.0.0.1", { ports: `1-100,${port}`, banner: true });
  const text = inspect(found);
  expect(text).toMatch(/^\d+ open of 101 tcp ports of 127\.0\.0\.1 \(\d+\.\d\d s\)$/m);
  expect(text).toMatch(/^port +state +service +process +banner$/m);
  expect(text).toMatch(new RegExp(`^${port}/tcp +open .*<b>\\\\x1b\\[31mred$`, "m"));
  expect(text).toMatch(/^Not listed: \d+ closed\.$/m);
  const show = (found as unknown as Record<symbol, () => MimeBundle>)[Symbol.for("Jupyter.display")];
  expect(show?.call(found)["text/html"]).toContain("&#60;b&#62;\\x1b[31mred</td>");
  const data = JSON.parse(JSON.stringify(found));
  expect(data).toMatchObject({
    target: "127.0.0.1",
    addresses: ["127.0.0.1"],
    protocol: "tcp",
    scanned: 101,
  });
  expect(data.ports).toEqual(JSON.parse(JSON.stringify([...found])));
  expect(found.ports.find((one) => one.port === port)?.banner).toBe("<b>\\x1b[31mred");
});

test("an interrupt of the cell ends it with the reason, and what was found stays in the notebook", async () => {
  const controller = new AbortController();
  const outputs: string[] = [];
  const show = (bundle: MimeBundle): void => void outputs.push(String(bundle["text/plain"]));
  const host: Partial<Host> = {
    signal: () => controller.signal,
    cell: () => undefined,
    run: (_, fn) => fn(),
    display: show,
    update: (_, bundle) => show(bundle),
  };
  (globalThis as Global)[HOST] = host;
  // Nobody answers there: it goes on until it is interrupted.
  const silent = await udp();
  const reason = new Error("Interrupted");
  const scanning = scan("127.0.0.1", { udp: true, ports: silent, timeout: 30 });
  setTimeout(() => controller.abort(reason), 700);
  await expect(scanning).rejects.toBe(reason);
  await expect
    .poll(() => outputs.at(-1))
    .toMatch(/^0 open of 1 udp port of 127\.0\.0\.1 .*, interrupted: 1 not scanned$/);
  expect(outputs[0]).toBe("scanning 127.0.0.1: 0 % of 1 ports, 0 open so far");
});

test.each<[object, string]>([
  [{ concurrency: 0 }, "concurrency is a whole number from 1 to 4096, not 0"],
  [{ timeout: 0 }, "timeout is in seconds, more than 0"],
  [{ timeout: Number.NaN }, "timeout is in seconds"],
  [{ iHavePermission: true }, "iHavePermission says in words who allowed it"],
  [{ backend: "raw" }, 'the back-end (WIREBOOK_SCAN) is "koffi" or "net", not "raw"'],
  [{ udp: true, backend: "koffi" }, 'the back-end "koffi" asks TCP ports of this machine only'],
])("%j is refused in words", async (options, words) => {
  await expect(scan("127.0.0.1", options)).rejects.toThrow(words);
  await expect(scan("127.0.0.1", options)).rejects.toThrow(ScanError);
});

test("WIREBOOK_SCAN chooses the back-end; elsewhere than on Linux there is one", async () => {
  vi.stubEnv("WIREBOOK_SCAN", "net");
  expect((await scan("127.0.0.1", { ports: 9 })).backend).toBe("net");
  vi.stubEnv("WIREBOOK_SCAN", "fast");
  await expect(scan("127.0.0.1", { ports: 9 })).rejects.toThrow('not "fast"');
  expect(() => connectJob({} as never, [], "darwin")).toThrow("only Linux");
});

test("many addresses with many ports are more than one scan may ask of others", async () => {
  await expect(scan("127.0.0.0/24", { ports: "all" })).rejects.toThrow(
    "256 addresses with 65535 ports each are more than the 4000000 that one scan may ask",
  );
});
