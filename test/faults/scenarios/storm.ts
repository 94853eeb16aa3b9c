import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dist } from "../../places.js";
import { type Kernel, newConnectionFile, startKernel } from "../kernel.js";
import { Launcher } from "../launcher.js";
import { type Context, type Figure, quantile, type Scenario } from "../scenario.js";

export const storm: Scenario = {
  title: "many kernels at once, ports that are stolen meanwhile, one start after another",
  async run({ full, node, say }: Context): Promise<Figure[]> {
    const kernels = full ? 50 : 8;
    const stolen = full ? 50 : 4;
    const restarts = full ? 1000 : 10;

    say(`${kernels} kernels at once`);
    const classic = await atOnce(kernels, () => startKernel({ node }));
    say(`${kernels} kernels at once that choose their ports`);
    using launcher = await Launcher.open();
    const handshake = await atOnce(kernels, () => startKernel({ node, launch: launcher.launch() }));

    // Between the choice of the ports and the kernel's start somebody else takes one.
    let falseReady = 0;
    let unclear = 0;
    for (let i = 0; i < stolen; i++) {
      say(`stolen port ${i + 1} of ${stolen}`);
      const fields = await newConnectionFile();
      const name = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"][i % 5] as string;
      const thief = createServer().listen(fields[name] as number, "127.0.0.1");
      await once(thief, "listening");
      const folder = mkdtempSync(join(tmpdir(), "wirebook-faults-"));
      const file = join(folder, "connection.json");
      writeFileSync(file, JSON.stringify(fields), { mode: 0o600 });
      const child = spawn(node, [join(dist, "supervisor.js"), file], {
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let log = "";
      child.stderr.on("data", (chunk) => {
        log += chunk;
      });
      const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
      const [code] = await once(child, "close");
      clearTimeout(timer);
      if (code === 0 || code === null) falseReady++;
      if (!log.includes(String(fields[name])) || log.split("\n").length > 2) unclear++;
      thief.close();
      rmSync(folder, { recursive: true, force: true });
    }

    // What starts and ends kernels again and again must not collect anything.
    await (await startKernel({ node })).stop();
    const before = { files: descriptors(), memory: process.memoryUsage().rss };
    for (let i = 0; i < restarts; i++) {
      if (i % 5 === 0) say(`restart ${i + 1} of ${restarts}`);
      await (await startKernel({ node })).stop();
    }
    (globalThis as { gc?: () => void }).gc?.();
    return [
      { what: "kernels at once, by connection files", value: kernels },
      { what: "of them not up", value: classic.missing, most: 0 },
      { what: "of them wrong", value: classic.wrong, most: 0 },
      { what: "slowest start of all", value: classic.slowest, unit: "ms", timed: true },
      { what: "kernels at once, by the handshake", value: kernels },
      { what: "of them not up", value: handshake.missing, most: 0 },
      { what: "of them wrong", value: handshake.wrong, most: 0 },
      { what: "ports that two of them had", value: handshake.shared, most: 0 },
      { what: "slowest start of all", value: handshake.slowest, unit: "ms", timed: true },
      { what: "starts with a stolen port", value: stolen },
      { what: "of them that did not end with an error", value: falseReady, most: 0 },
      { what: "of them without one clear line that names the port", value: unclear, most: 0 },
      { what: "starts and ends", value: restarts },
      {
        what: "descriptors more in who started them",
        value: Math.max(0, descriptors() - before.files),
        most: 4,
      },
      {
        what: "memory more in who started them",
        value: (process.memoryUsage().rss - before.memory) / 1024 ** 2,
        unit: "MB",
        timed: true,
        ...(full && { most: 32 }),
      },
    ];
  },
};

async function atOnce(
  count: number,
  start: () => Promise<Kernel>,
): Promise<{ missing: number; wrong: number; shared: number; slowest: number }> {
  const starts: number[] = [];
  const began = performance.now();
  const started = await Promise.allSettled(
    Array.from({ length: count }, async () => {
      const kernel = await start();
      starts.push(performance.now() - began);
      const value = await kernel.client.valueOf("6 * 7", { patience: 60_000 });
      return { kernel, right: value === "42" };
    }),
  );
  const up = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const ports = up.flatMap(({ kernel }) => Object.values(kernel.connection.ports));
  await Promise.all(up.map(({ kernel }) => kernel.stop()));
  return {
    missing: count - up.length,
    wrong: up.filter(({ right }) => !right).length,
    shared: ports.length - new Set(ports).size,
    slowest: quantile(starts, 1),
  };
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
