// What nobody may read who only runs or watches cells: the keys of the connection file.
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newCurve } from "./client.js";
import { type KernelProcess, startKernelProcess } from "./kernel.js";

/** All that a cell can reach without opening a file of somebody else's. */
const everything = `
const seen = new Set<unknown>(); const texts: string[] = [];
const look = (value: any, depth: number): void => {
  if (typeof value === "string") texts.push(value);
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value) || depth > 6) return;
  seen.add(value);
  if (ArrayBuffer.isView(value)) { texts.push(Buffer.from(value.buffer).toString("latin1")); return; }
  for (const key of Reflect.ownKeys(value)) {
    texts.push(String(key));
    try { look(value[key], depth + 1) } catch {}
  }
  try { look(Object.getPrototypeOf(value), depth + 1) } catch {}
};
look(globalThis, 0);
look(process.report.getReport(), 0);
look((globalThis as any)[Symbol.for("wirebook.host")], 0);
const { readFileSync } = await import("node:fs");
for (const file of ["environ", "cmdline"]) try { texts.push(readFileSync("/proc/self/" + file, "utf8")) } catch {}
texts.push(JSON.stringify([process.env, process.argv, process.execArgv, process.title]));
const all = texts.join("\\n");
`;

async function resultOf({ client }: KernelProcess, code: string): Promise<string> {
  const { iopub } = await client.execute(code);
  return iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"] ?? JSON.stringify(iopub);
}

test("no key, and not the place of the connection file, is in the reach of a cell, in the log or in a process listing", async () => {
  await using kernel = await startKernelProcess({ connection: newCurve() });
  const { client, connection, folder } = kernel;
  const secrets = [connection.key, connection.curve_secretkey, connection.curve_publickey] as string[];
  await client.execute(everything);
  // The search finds what is there.
  expect(await resultOf(kernel, "all.includes('WIREBOOK') || all.includes(process.execPath)")).toBe("true");
  for (const word of [...secrets, join(folder, "connection.json")]) {
    // Halves, so that the question does not answer itself.
    const half = Math.floor(word.length / 2);
    const [one, two] = [JSON.stringify(word.slice(0, half)), JSON.stringify(word.slice(half))];
    expect(await resultOf(kernel, `all.includes(${one} + ${two})`)).toBe("false");
  }
  // What fails says nothing of them either.
  await client.sendFrames("shell", [
    Buffer.from("<IDS|MSG>"),
    Buffer.alloc(64, "0"),
    ...Array(4).fill(Buffer.from("{}")),
  ]);
  await client.send("shell", "execute_request", { code: 5 });
  await client.execute("throw new Error('x')");
  const told = JSON.stringify(client.received) + kernel.log();
  for (const secret of secrets) expect(told).not.toContain(secret);
  if (process.platform !== "linux") return;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const listing = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      for (const secret of secrets) expect(listing).not.toContain(secret);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
});

test("plain TCP beyond this computer is refused, with what can be done about it; with the flag the kernel starts and warns", async () => {
  {
    await using kernel = await startKernelProcess({ connection: { ip: "0.0.0.0" }, alone: true });
    expect(await once(kernel.process, "exit")).toEqual([1, null]);
    expect(kernel.log()).toMatch(/0\.0\.0\.0 can be reached from other computers.*--allow-remote/);
    expect(kernel.log()).not.toContain(kernel.connection.key);
  }
  await using kernel = await startKernelProcess({
    connection: { ip: "0.0.0.0" },
    env: { WIREBOOK_ALLOW_REMOTE: "1" },
  });
  expect(await resultOf(kernel, "6 * 7")).toBe("42");
  expect(kernel.log()).toContain("wirebook: other computers can reach 0.0.0.0");
});

test("with CurveZMQ the kernel may be reached from elsewhere, and warns of nothing", async () => {
  await using kernel = await startKernelProcess({ connection: { ip: "0.0.0.0", ...newCurve() } });
  expect(await resultOf(kernel, "6 * 7")).toBe("42");
  expect(kernel.log()).toBe("");
});

test("a kernel with keys that do not belong together does not start, and does not start in plain either", async () => {
  const { curve_publickey } = newCurve();
  await using kernel = await startKernelProcess({
    connection: { ...newCurve(), curve_publickey },
    alone: true,
  });
  expect(await once(kernel.process, "exit")).toEqual([1, null]);
  expect(kernel.log()).toContain("are not a pair");
});
