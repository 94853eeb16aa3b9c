// Runs the checks on a kernel, as it is or as one of its mutants.
import type { Check, Mutant, Trial } from "./check.js";
import { checks, titleOf } from "./checks.js";
import type { Client } from "./client.js";
import { type Kernel, startKernel } from "./kernel.js";
import type { Samples } from "./samples/samples.js";
import type { KernelSpec } from "./specs.js";
import type { Content } from "./wire.js";

export interface Subject {
  spec: KernelSpec;
  samples: Samples;
}

export interface Outcome {
  item: number;
  title: string;
  status: "passed" | "failed" | "not offered";
  /** Why it did not pass. */
  reasons: string[];
  ms: number;
}

/** What became of a check on a mutant. */
export interface MutantOutcome {
  title: string;
  mutant: string;
  /** The check failed, as it must. */
  caught: boolean;
  reason: string;
}

/** A kernel that checks share, one after another. */
export class Stage implements AsyncDisposable {
  readonly subject: Subject;
  readonly info: Content;
  readonly #options: { patience: number; proxied: boolean };
  #kernel: Kernel;
  /** Messages that clients of this stage looked at. */
  checked = 0;

  private constructor(
    subject: Subject,
    options: { patience: number; proxied: boolean },
    kernel: Kernel,
    info: Content,
  ) {
    this.subject = subject;
    this.#options = options;
    this.#kernel = kernel;
    this.info = info;
  }

  static async open(subject: Subject, options: { patience: number; proxied: boolean }): Promise<Stage> {
    const { kernel, info } = await warm(subject, options);
    return new Stage(subject, options, kernel, info);
  }

  /** Why the kernel need not have it. */
  notOffered(check: Check): string | undefined {
    return check.notOffered?.({ info: this.info, ...this.subject });
  }

  /**
   * Runs one check.
   * @returns what speaks against the kernel, and which rules of other items it broke meanwhile
   */
  async run(
    check: Check,
    mutant?: Mutant,
    patience: number = this.#options.patience,
  ): Promise<{ reasons: string[]; strays: [item: number, text: string][]; reached: boolean }> {
    const shared = this.#kernel;
    const own: Kernel[] = [];
    const clients: Client[] = [];
    const before = shared.record.violations.length;
    const lay = (kernel: Kernel): void => {
      if (kernel.proxy) kernel.proxy.mutation = mutant?.wire?.();
    };
    lay(shared);
    const trial: Trial = {
      ...this.subject,
      spec: mutant?.spec?.(this.subject.spec) ?? this.subject.spec,
      info: this.info,
      mutant,
      kernel: shared,
      async join(options) {
        const client = await shared.join({ patience, ...options });
        clients.push(client);
        return client;
      },
      start: async (options = {}) => {
        const kernel = await startKernel(this.subject.spec, {
          patience,
          proxied: mutant?.wire !== undefined,
          ...(mutant?.wrapper && { wrapper: mutant.wrapper }),
          ...options,
        });
        lay(kernel);
        own.push(kernel);
        return kernel;
      },
    };
    const reasons: string[] = [];
    try {
      await check.run(trial);
    } catch (error) {
      reasons.push((error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " "));
    }
    const reached =
      !mutant?.wire ||
      [shared, ...own].some(({ proxy }) => proxy?.mutation?.keepsFirstPeer || (proxy?.hits ?? 0) > 0);
    const violations = [
      ...shared.record.violations.slice(before),
      ...own.flatMap(({ record }) => record.violations),
    ];
    for (const { item, text } of violations) if (item === check.item) reasons.push(text);
    this.checked += own.reduce((sum, { record }) => sum + record.checked, 0);
    if (shared.proxy) shared.proxy.mutation = undefined;
    for (const client of clients) client.close();
    await Promise.all(own.map((kernel) => kernel[Symbol.asyncDispose]()));
    if (reasons.length > 0) await this.#recover();
    const strays = violations.filter(({ item }) => item !== check.item);
    return { reasons: [...new Set(reasons)], strays: strays.map(({ item, text }) => [item, text]), reached };
  }

  /** A check that failed may have left the kernel in a loop, or without answers. */
  async #recover(): Promise<void> {
    const kernel = this.#kernel;
    try {
      const client = kernel.open({ patience: Math.min(1500, this.#options.patience) });
      await client.request("interrupt_request", {}, { channel: "control" });
      const { reply } = await client.execute(this.subject.samples.hello);
      client.close();
      if (reply.content.status === "ok") return;
    } catch {
      // It needs to be replaced.
    }
    await this[Symbol.asyncDispose]();
    this.#kernel = (await warm(this.subject, this.#options)).kernel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.checked += this.#kernel.record.checked;
    await this.#kernel[Symbol.asyncDispose]();
  }
}

/**
 * A kernel that has loaded what it loads at its first completion, which takes some of them many seconds. Some die where a
 * client is there before they are, so there are three attempts.
 */
async function warm(
  { spec, samples }: Subject,
  options: { patience: number; proxied: boolean },
): Promise<{ kernel: Kernel; info: Content }> {
  for (let attempt = 1; ; attempt++) {
    const kernel = await startKernel(spec, options);
    try {
      const client = await kernel.join({ patience: 30_000 });
      const { content: info } = (await client.request("kernel_info_request")).reply;
      await client.request("complete_request", { code: samples.hello, cursor_pos: 3 });
      client.close();
      return { kernel, info };
    } catch (error) {
      await kernel[Symbol.asyncDispose]();
      if (attempt === 3) throw error;
    }
  }
}

/** Runs every check on the kernel as it is. `onOutcome` hears of each as it comes. */
export async function runChecks(
  subject: Subject,
  options: { patience?: number; only?: number[] | undefined; onOutcome?(outcome: Outcome): void } = {},
): Promise<{ outcomes: Outcome[]; info: Content; messages: number }> {
  const { patience = 10_000, only, onOutcome } = options;
  const stage = await Stage.open(subject, { patience, proxied: false });
  const outcomes: Outcome[] = [];
  const strays: [item: number, text: string][] = [];
  for (const check of checks) {
    if (only && !only.includes(check.item)) continue;
    const begun = performance.now();
    const reason = stage.notOffered(check);
    const { reasons, strays: more } = reason ? { reasons: [reason], strays: [] } : await stage.run(check);
    for (const [item, text] of more) strays.push([item, `${text} (seen at "${titleOf(check)}")`]);
    const status = reason ? "not offered" : reasons.length > 0 ? "failed" : "passed";
    const outcome: Outcome = {
      item: check.item,
      title: check.title,
      status,
      reasons,
      ms: performance.now() - begun,
    };
    outcomes.push(outcome);
    onOutcome?.(outcome);
  }
  await stage[Symbol.asyncDispose]();
  // Rules that hold for every message are broken wherever it is seen, not only at their own check.
  for (const [item, text] of strays) {
    const outcome = outcomes.find((one) => one.item === item);
    if (!outcome || outcome.reasons.length > 3) continue;
    outcome.status = "failed";
    if (!outcome.reasons.includes(text)) outcome.reasons.push(text);
    onOutcome?.(outcome);
  }
  return { outcomes, info: stage.info, messages: stage.checked };
}

/** Runs every check on each of its mutants, on several kernels at once. */
export async function runMutants(
  subject: Subject,
  options: {
    patience?: number;
    lanes?: number;
    only?: number[] | undefined;
    onOutcome?(outcome: MutantOutcome): void;
  } = {},
): Promise<MutantOutcome[]> {
  const { patience = 1500, lanes = 4, only, onOutcome } = options;
  const jobs = checks
    .filter(({ item }) => !only || only.includes(item))
    .flatMap((check) => check.mutants.map((mutant) => ({ check, mutant })));
  const outcomes: MutantOutcome[] = [];
  await Promise.all(
    Array.from({ length: Math.min(lanes, jobs.length) }, async () => {
      await using stage = await Stage.open(subject, { patience, proxied: true });
      for (let job = jobs.shift(); job; job = jobs.shift()) {
        const { check, mutant } = job;
        if (stage.notOffered(check)) continue;
        let { reasons, reached } = await stage.run(check, mutant);
        // A failure for another reason, such as a slow machine, proves nothing.
        if (!reached) ({ reasons, reached } = await stage.run(check, mutant, 5 * patience));
        const outcome = {
          title: titleOf(check),
          mutant: mutant.name,
          caught: reached && reasons.length > 0,
          reason: reached
            ? (reasons[0] ?? "the check passes")
            : "the check never met what this mutant does wrong",
        };
        outcomes.push(outcome);
        onOutcome?.(outcome);
      }
    }),
  );
  return outcomes;
}
