import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, isOpen } from "../../places.js";
import { processesOf, startKernel } from "../kernel.js";
import { type Context, createDice, type Figure, type Scenario } from "../scenario.js";

/** What a kernel is at when the program that started it is killed. */
const STATES: { [state: string]: string | undefined } = {
  idle: undefined,
  "a loop": "for (;;);",
  "a pending await": "await new Promise(() => {})",
  execSync: "(await import('node:child_process')).execSync('sleep 600')",
  "a child process":
    "(await import('node:child_process')).spawn('sleep', ['600']); await new Promise(() => {})",
  "a question": "await input('? ')",
  "a synchronous question": "prompt('? ')",
  "a flood": "for (;;) console.log('flood')",
  "a server": "import('node:net').then(n => n.createServer().listen(0)); await new Promise(() => {})",
  "a type check": "const a: number = 1; a",
};

/** Starts the kernel as Jupyter does, and waits. */
const PARENT = `
process.env.JPY_PARENT_PID = String(process.pid);
require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: ["ignore", "ignore", "inherit"] });
`;

export const orphans: Scenario = {
  title: "the program that started the kernel is killed in any state; shutdown leaves nothing",
  async run({ full, node, seed, say }: Context): Promise<Figure[]> {
    const times = full ? 100 : 10;
    const stops = full ? 20 : 3;
    const dice = createDice(seed);
    let left = 0;
    let slowest = 0;
    // Theirs alone, to see what stays behind.
    const temporary = mkdtempSync(join(tmpdir(), "faults-"));
    const env = { TMPDIR: temporary, TMP: temporary, TEMP: temporary };
    for (let i = 0; i < times; i++) {
      const [state, code] = Object.entries(STATES)[i % Object.keys(STATES).length] as [
        string,
        string | undefined,
      ];
      say(`${i + 1} of ${times}: killed during ${state}`);
      const kernel = await startKernel({ node, env, by: [node, "-e", PARENT] });
      const { client, folder } = kernel;
      if (code !== undefined)
        void client.execute(code, { allow_stdin: true }, { patience: 600_000 }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100 + dice(400)));
      const before = [...processesOf(folder)];
      kernel.process.kill("SIGKILL");
      const began = performance.now();
      while (processesOf(folder).length > 0 || before.some(isAlive)) {
        if (performance.now() - began > 10_000) {
          left += processesOf(folder).length;
          for (const pid of processesOf(folder)) process.kill(pid, "SIGKILL");
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      slowest = Math.max(slowest, performance.now() - began);
      await kernel.stop();
    }
    let openPorts = 0;
    for (let i = 0; i < stops; i++) {
      say(`shutdown ${i + 1} of ${stops}`);
      const kernel = await startKernel({ node, env });
      await kernel.client.execute("(await import('node:child_process')).spawn('sleep', ['600'])");
      const exit = once(kernel.process, "exit");
      await kernel.client.request("shutdown_request", { restart: i % 2 === 0 }, { channel: "control" });
      await exit;
      await new Promise((resolve) => setTimeout(resolve, 300));
      left += processesOf(kernel.folder).length;
      for (const port of Object.values(kernel.connection.ports)) if (await isOpen(port)) openPorts++;
      await kernel.stop();
    }
    const files = readdirSync(temporary);
    if (files.length > 0) console.error(`left: ${files.join(", ")}`);
    rmSync(temporary, { recursive: true });
    return [
      { what: "parents killed", value: times },
      { what: "processes left", value: left, most: 0 },
      { what: "slowest to be gone", value: slowest, unit: "ms", most: 2000, timed: true },
      { what: "shutdowns and restarts", value: stops },
      { what: "ports left open", value: openPorts, most: 0 },
      {
        what: "temporary files left",
        value: files.length,
        most: 0,
      },
    ];
  },
};
