// Both sides asked, and how they differ. A difference without a reason is a fault.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import * as socket from "../../../../kernel-helpers/socket/index.js";
import { root } from "../../../places.js";
import { interpreter } from "../python.js";
import { type Answer, ask } from "./ask.js";
import { QUESTIONS } from "./questions.js";
import { whyDifferent, whyMissing } from "./reasons.js";

interface Theirs {
  version: string;
  /** Public names of the module, and the numbers of those that are some. */
  names: Record<string, number | null>;
  methods: string[];
  answers: Record<string, Answer>;
}

export interface Row {
  /** A name, or a question. */
  what: string;
  theirs: string;
  ours: string;
  same: boolean;
  /** Why they differ. */
  reason?: string | undefined;
}

export interface Comparison {
  /** CPython's. */
  version: string;
  names: Row[];
  methods: Row[];
  answers: Row[];
}

/** What the module imports itself is no part of what it offers. */
const IMPORTED = new Set(["array", "errno", "io", "os", "selectors", "sys", "IntEnum", "IntFlag"]);

async function askPython(questions: string[]): Promise<Theirs> {
  const child = spawn(interpreter, [join(root, "test/helpers/socket/parity/ask.py")], {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 120_000,
  });
  child.stdin.end(JSON.stringify(questions));
  return (await json(child.stdout)) as Theirs;
}

export async function compare(): Promise<Comparison> {
  const questions = [...new Set(Object.values(QUESTIONS).flat())];
  const theirs = await askPython(questions);
  const module = socket as unknown as Record<string, unknown>;
  const names = Object.entries(theirs.names)
    .filter(([name]) => !IMPORTED.has(name))
    .map(([name, number]): Row => {
      const own = module[name];
      const same = name in socket && (number === null || Number(own) === number);
      return {
        what: name,
        theirs: number === null ? "there" : String(number),
        ours:
          name in socket
            ? typeof own === "number" || typeof own === "boolean"
              ? String(Number(own))
              : "there"
            : "not there",
        same,
        reason: same ? undefined : whyMissing(name),
      };
    });
  const methods = theirs.methods.map((name): Row => {
    const same = name in socket.Socket.prototype || name in plainSocket();
    return {
      what: `socket.${name}`,
      theirs: "there",
      ours: same ? "there" : "not there",
      same,
      reason: same ? undefined : whyMissing(`socket.${name}`),
    };
  });
  const answers: Row[] = [];
  for (const question of questions) {
    const [one, other] = [theirs.answers[question] as Answer, await ask(question)];
    const same = inWords(one) === inWords(other);
    answers.push({
      what: question,
      theirs: inWords(one),
      ours: inWords(other),
      same,
      reason: same ? undefined : whyDifferent(question),
    });
  }
  return { version: theirs.version, names, methods, answers };
}

let plainOne: socket.Socket | undefined;

/** Fields are made with the socket. */
function plainSocket(): socket.Socket {
  if (!plainOne) {
    plainOne = socket.socket();
    void plainOne.close();
  }
  return plainOne;
}

function inWords(answer: Answer): string {
  if ("value" in answer) return JSON.stringify(answer.value);
  const { error, message = "", errno } = answer;
  return message === "" ? error : `${error}: ${message}${errno ? ` (${errno})` : ""}`;
}
