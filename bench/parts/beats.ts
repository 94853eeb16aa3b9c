// Heartbeat and control, as a server sends them to see whether a kernel lives, while the kernel has other things to do.
import { setTimeout as sleep } from "node:timers/promises";
import { heavy } from "../cells.js";
import { type Answer, BenchKernel } from "../client.js";
import { type Measured, quantile } from "../figures.js";
import type { Subject } from "../kernels.js";

/** A kernel that answers is asked so often; one that does not is asked for so long, in milliseconds. */
const BEATS = 1000;
const LOOP = 6000;

export async function beats(
  subject: Subject,
  { count = BEATS, loop = LOOP }: { count?: number; loop?: number } = {},
): Promise<Measured> {
  const kernel = await BenchKernel.start(subject);
  try {
    if (!(await kernel.ready())) return { figures: {}, notes: ["no answer to kernel_info"] };
    await kernel.execute(subject.cells.typed);
    await kernel.heartbeat.beat();
    const control = (await info(kernel, 3000)) !== undefined;
    // How late the machine itself makes them.
    const idle = await beat(kernel, (done) => done >= count, control);
    const checking = subject.checks
      ? await whileChecking(kernel, { count, most: 2 * loop, control })
      : undefined;
    const looping = await whileLooping(kernel, subject, { count, loop, control });
    return {
      ...(!control && { notes: ["kernel_info is not answered on control"] }),
      figures: {
        ...named("idle", idle),
        ...(checking && named("checking", checking)),
        ...named("loop", looping),
      },
      times: {
        idleHeartbeat: idle.heartbeat,
        idleControl: idle.control,
        loopHeartbeat: looping.heartbeat,
        loopControl: looping.control,
        ...(checking && { checkingHeartbeat: checking.heartbeat, checkingControl: checking.control }),
      },
    };
  } finally {
    await kernel.stop();
  }
}

interface Times {
  heartbeat: number[];
  control: number[];
}

async function whileLooping(
  kernel: BenchKernel,
  { cells }: Subject,
  { count, loop, control }: { count: number; loop: number; control: boolean },
): Promise<Times> {
  let over = false;
  void kernel.execute(cells.loop(loop), { patience: 2 * loop }).then(() => {
    over = true;
  });
  await sleep(200);
  const times = await beat(kernel, (done) => over || done >= count, control);
  // A kernel that can be interrupted need not loop to its end; one that was silent has ended already.
  if (!over)
    await Promise.race([kernel.request("interrupt_request", {}, { channel: "control" }), sleep(1000)]);
  return times;
}

/** Heavy cells, one behind the other. */
async function whileChecking(
  kernel: BenchKernel,
  { count, most, control }: { count: number; most: number; control: boolean },
): Promise<Times> {
  let over = false;
  const cells = (async () => {
    for (let index = 0; !over; index++) await kernel.execute(heavy(index));
  })();
  const begun = performance.now();
  const times = await beat(kernel, (done) => done >= count || performance.now() - begun > most, control);
  over = true;
  await Promise.race([cells, sleep(most)]);
  return times;
}

/** @param control is there an answer on that channel at all? */
async function beat(
  kernel: BenchKernel,
  enough: (done: number) => boolean,
  control: boolean,
): Promise<Times> {
  const times: Times = { heartbeat: [], control: [] };
  while (!enough(times.heartbeat.length)) {
    times.heartbeat.push(await kernel.heartbeat.beat());
    if (control) times.control.push((await info(kernel, 2 * LOOP))?.ms ?? Number.POSITIVE_INFINITY);
    await sleep(1);
  }
  return times;
}

function info(kernel: BenchKernel, patience: number): Promise<Answer | undefined> {
  return kernel.request("kernel_info_request", {}, { channel: "control", idleWithin: 0, patience });
}

function named(when: "idle" | "checking" | "loop", { heartbeat, control }: Times): Measured["figures"] {
  const figures: Measured["figures"] = {};
  for (const [what, times] of [
    ["Heartbeat", heartbeat],
    ["Control", control],
  ] as const) {
    if (times.length === 0) continue;
    figures[`${when}${what}P50`] = quantile(times, 0.5) ?? Number.POSITIVE_INFINITY;
    figures[`${when}${what}P99`] = quantile(times, 0.99) ?? Number.POSITIVE_INFINITY;
    figures[`${when}${what}Max`] = quantile(times, 1) ?? Number.POSITIVE_INFINITY;
  }
  return figures;
}
