// Where a call went, what it waited for and what was tried again: as rows of a sequence diagram, one line each for the caller, the registry and the nodes
// that had something to do with it.
import type { MimeBundle } from "../host-contract.js";
import type { Endpoint, Kind, WireEvent } from "../trace/events.js";
import type { Lane } from "../trace/lanes.js";
import type { Diagram, Row } from "../trace/rows.js";
import { toBundle } from "../trace/views.js";
import type { Where } from "./flow.js";
import { type Pending, RemoteCall, type Step } from "./node/pending.js";

/** What became of a call, step by step. */
export interface Explanation {
  /** `counter.add`. */
  readonly call: string;
  readonly key: string;
  readonly steps: readonly Step[];
  /** Milliseconds from the call to its end, or until now. */
  readonly ms: number;
  toString(): string;
}

const LEGEND = "Dashed: the registry. ✕: it did not come to an answer there.";
const THEIRS =
  " What the node did: + from one to the next by its own clock, placed as if the way there and the way back had been equally long.";
const ASK = " What the node did: bind(name, { explain: true }).";

/**
 * Explains a call, also one that is under way: where it went, what it waited for, what was tried again; with `bind(name, { explain: true })` also
 * what the object's node did, and when.
 * @param call what a method of a proxy gave
 * @throws TypeError where it is no call of a proxy
 */
export function explain(call: PromiseLike<unknown>): Explanation {
  const pending = RemoteCall.pendingOf(call);
  if (!pending)
    throw new TypeError(
      "explain(call) takes what a method of a proxy gave, before it is awaited: const call = counter.add(1); await call; explain(call)",
    );
  const began = pending.steps[0]?.at ?? 0;
  const ms = pending.endedAt === undefined ? pending.now() - began : pending.endedAt - began;
  const name = `${pending.target}.${pending.method}`;
  const bundle = (): MimeBundle =>
    toBundle(toDiagram(pending, began), {
      title: `${name} (${pending.semantics}), key ${pending.key}: ${pending.endedAt === undefined ? "under way for" : "over after"} ${ms.toFixed(1)} ms`,
      legend: LEGEND + (pending.asksOwner ? THEIRS : ASK),
    });
  const explanation: Explanation = {
    call: name,
    ...{ key: pending.key, steps: pending.steps, ms },
    toString: () => String(bundle()["text/plain"]),
  };
  Object.defineProperty(explanation, Symbol.for("Jupyter.display"), { value: bundle, enumerable: false });
  return explanation;
}

const WORDS: Record<Step["what"], string> = {
  made: "",
  asks: "where is it?",
  found: "there",
  "not found": "nobody has it, or nobody can tell",
  sent: "",
  moved: "moved",
  lost: "session lost",
  silent: "silent, and somebody else has it",
  answered: "value",
  failed: "error",
  "given up": "given up",
  woken: "object made",
  known: "has run before",
  begins: "its turn",
  ends: "has run",
  kept: "in the journal",
  answers: "answers",
};

function toDiagram({ steps, method }: Pending, began: number): Diagram {
  const lanes: Lane[] = [];
  const lane = (name: string, address: string): Lane => {
    const known = lanes.find((one) => one.name === name && one.address === address);
    if (known) return known;
    const made = { index: lanes.length, name, address };
    lanes.push(made);
    return made;
  };
  const caller = lane("caller", "this node");
  const node = (where: Where | undefined): Lane => lane("node", where ?? "?");
  const rows: Row[] = [];
  const row = (step: Step, from: Lane, to: Lane | undefined, more: Partial<Row> = {}): void => {
    const label = [WORDS[step.what] || method, step.detail].filter(Boolean).join(": ");
    rows.push({
      event: toEvent(step, { number: rows.length + 1, began, from }),
      ...{ from, to, label, inferred: false, failed: false, states: "", arrived: undefined },
      ...more,
    });
  };
  let theirs = 0;
  for (const step of steps) {
    if (step.what === "sent") theirs = 0;
    if (step.ms !== undefined) {
      const detail = `+${(step.ms - theirs).toFixed(1)} ms`;
      theirs = step.ms;
      row({ ...step, detail }, node(step.where), undefined);
      continue;
    }
    switch (step.what) {
      case "made":
        row(step, caller, undefined);
        break;
      case "asks":
        row(step, caller, lane("registry", ""), { inferred: true });
        break;
      case "found":
      case "not found":
        row(step, lane("registry", ""), caller, { inferred: true, failed: step.what === "not found" });
        break;
      case "sent":
        row(step, caller, node(step.where));
        break;
      case "moved":
        row(step, node(step.where), caller, { failed: true });
        break;
      case "lost":
      case "silent":
        row(step, node(step.where), undefined, { failed: true });
        break;
      case "answered":
      case "failed":
        row(
          step,
          step.where === undefined ? caller : node(step.where),
          step.where === undefined ? undefined : caller,
        );
        break;
      case "given up":
        row(step, caller, undefined, { failed: true });
    }
  }
  return { lanes, rows };
}

/** Kinds that differ, so that no two of them are folded to one. */
const KINDS: Partial<Record<Step["what"], Kind>> = {
  ...{ answered: "recv", lost: "reset", "given up": "timeout" },
  ...{
    woken: "listen",
    known: "accept",
    begins: "connected",
    ends: "eof",
    kept: "shutdown",
    answers: "close",
  },
};

/** The diagram's rows tell of events at sockets; a step has as much of one as is shown. */
function toEvent(
  { at, what, detail = "" }: Step,
  { number, began, from }: { number: number; began: number; from: Lane },
): WireEvent {
  const endpoint: Endpoint = {
    ...{ id: from.index + 1, protocol: "tcp", role: "client", local: from.address || from.name },
    ...{ remote: undefined, twin: undefined, path: [], sent: 0, received: 0, cell: "" },
  };
  return {
    ...{ number, at: at - began, kind: KINDS[what] ?? "send", endpoint, bytes: 0, offset: 0 },
    ...{ payload: undefined, peer: undefined, detail, state: "", cell: "" },
  };
}
