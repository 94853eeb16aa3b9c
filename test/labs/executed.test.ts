// Every notebook, executed by nbclient on the real kernel, without a network.
import { describe, expect, test } from "vitest";
import { type Personal, personal } from "../../kernel-helpers/lesson/personal.js";
import { isOpen } from "../places.js";
import { expectClaims } from "./claims.js";
import { type Executed, execute, instructors, notebooks, start } from "./notebooks.js";

// Ports of this run only: notebooks 5 and 6 meet at the same one.
const base: string = String(22_000 + (process.pid % 30) * 500);
const [student, course] = ["ada42", "nets"];
const env: NodeJS.ProcessEnv = {
  WIREBOOK_PORT_BASE: base,
  WIREBOOK_STUDENT: student,
  WIREBOOK_COURSE: course,
};
const own = (notebook: string): Personal => personal(notebook, { student, course });
const LONG = { timeout: 120_000 };

function portOf(seen: Executed, id: string): number {
  return Number(/12345 → (\d+)/.exec(seen.text(id))?.[1]);
}

/** What is true of every notebook that was run unattended. */
function expectOrderly(seen: Executed): void {
  expect(seen.failure).toBeNull();
  for (const { id, code, tags, caused, outputs } of seen.cells) {
    if (!code) continue;
    const errors = caused.filter((output) => output.kind === "error").map((output) => output.text);
    if (!tags.includes("raises-exception")) expect(errors, `${id} runs without an error`).toEqual([]);
    else expect(errors, `${id} fails, as it is meant to`).toHaveLength(1);
    if (tags.includes("answer") || tags.includes("trial")) {
      expect(errors[0], `${id} says that nobody has answered yet`).toMatch(/^NotAnswered: /);
      expect(outputs.find((output) => output.output_type === "error")?.ename).toBe("NotAnswered");
    } else {
      expect(errors.join(), `${id} has a real failure`).not.toContain("NotAnswered");
    }
    if (tags.includes("check") && !/^q\d/.test(id))
      expect(caused.at(-1)?.text, `${id} finds nothing wrong`).toContain(": all is well\n");
    for (const { data } of outputs) if (data) expectWords(id, data);
    if (tags.includes("no-output")) expect(caused, `${id} only defines something`).toEqual([]);
    else expect(caused, `${id} shows something`).not.toEqual([]);
    expect(caused.map((output) => output.text).join(), `${id} shows no stray value`).not.toMatch(
      /\[Function|Promise \{|^undefined$/m,
    );
  }
}

/** Whoever does not see pictures is told what is in them. */
function expectWords(id: string, data: Record<string, string | string[]>): void {
  const words = [data["text/plain"] ?? ""].flat().join("").trim();
  for (const form of ["text/html", "image/svg+xml"]) {
    const markup = [data[form] ?? ""].flat().join("");
    const pictures = markup.match(/<(svg|img)\b[^>]*>(\s*<title>[^<]+)?/g) ?? [];
    if (pictures.length > 0)
      expect(words.length, `${id} shows a picture, and says it in text`).toBeGreaterThan(20);
    for (const tag of pictures)
      expect(tag, `${id}: a picture has a name, or its words are beside it`).toMatch(
        /aria-label="[^"]+"|alt="[^"]+"|aria-hidden="true"|<title>./,
      );
  }
}

/** Signs of a table of experiments, from top to bottom: ● offered, ◐ partly, ○ not. */
function expectVerdicts(table: string, wanted: Record<string, string>): void {
  for (const [design, signs] of Object.entries(wanted)) {
    const rows = table.split("\n").filter((line) => line.startsWith(`  ${design}: `));
    expect(rows.map((line) => line.slice(design.length + 4)[0]).join(""), table).toBe(signs);
  }
}

describe("each notebook runs unattended from top to bottom, every cell shows something, and only those fail that are meant to", () => {
  test("0: the index tells what it runs on", LONG, async () => {
    const seen = await execute("0", env);
    expectOrderly(seen);
    expect(seen.text("this-machine")).toContain(process.version);
  });

  test(
    "1: a computer has several addresses, and only a connection tells that nobody is there",
    LONG,
    async () => {
      const seen = await execute("1", env);
      expectOrderly(seen);
      expect(seen.text("first-socket")).toMatch(/<socket .*family=AF_INET, type=SOCK_STREAM/);
      expect(seen.text("same-pair-fails")).toMatch(/^OSError: .*[Aa]ddress already in use/);
      expect(seen.text("interfaces")).toContain("127.0.0.1");
      expect(seen.text("datagram-to-nobody")).toContain("no complaint");
      expect(seen.text("connect-to-nobody")).toMatch(/ConnectionRefusedError/);
      expect(seen.text("close")).toContain("[closed]");
      expectClaims("1", seen);
    },
  );

  test("2: each failure has its own class, and the untested handler hides the real one", LONG, async () => {
    const seen = await execute("2", env);
    expectOrderly(seen);
    expect(seen.text("caught-refusal")).toMatch(/code: +ECONNREFUSED/);
    expect(seen.text("same-class")).not.toContain("false");
    expect(seen.text("count-failures")).toContain(
      `of ${own("2-error-handling").integer("tries", 150, 250)}, 0`,
    );
    expect(seen.text("family-tree")).toMatch(/OverflowError +is no socket\.error/);
    expect(seen.text("unknown-name")).toContain("gaierror");
    expect(seen.text("refused")).toContain("ConnectionRefusedError");
    expect(seen.text("in-use")).toContain("EADDRINUSE");
    expect(seen.text("not-mine")).toContain("EADDRNOTAVAIL");
    expect(seen.text("nobody-comes")).toContain("TimeoutError");
    expect(seen.text("bad-port")).toMatch(/^OverflowError: .*0-65535/);
    expect(seen.text("count-failures")).toMatch(
      /creations: +0\nfailed connections: (\d+)\n[\s\S]*of \1, 0 creations and \1 connections failed/,
    );
    expectClaims("2", seen);
    expect(seen.text("finally-fails")).toMatch(/closed: <socket \[closed\]/);
  });

  test("3: a connection has two ends, and another one gets another port", LONG, async () => {
    const seen = await execute("3", env);
    expectOrderly(seen);
    expect(seen.text("target")).toContain("(stand-in)");
    const own = [...seen.text("second-connection").matchAll(/'127\.0\.0\.1', (\d+) \] →/g)].map(
      (match) => match[1],
    );
    expect(own).toHaveLength(2);
    expect(own[0]).not.toBe(own[1]);
    expectClaims("3", seen);
    // Nobody outside was asked for anything.
    expect(seen.text("all-addresses-host")).not.toContain("google");
  });

  test(
    "4: lines end with CR LF, recv gives what is there, and a reply tells where it ends",
    LONG,
    async () => {
      const seen = await execute("4", env);
      expectOrderly(seen);
      expectClaims("4", seen);
      const sizes = (/sizes: ([\d, ]+)/.exec(seen.text("sizes"))?.[1] ?? "").split(",").map(Number);
      const number = own("4-sending-and-receiving").integer("number", 100, 999);
      expect(seen.text("five-sends")).toContain(`"one two three four ${number}"`);
      expect(sizes.length).toBeGreaterThan(1);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(4096);
      const [, length, announced] = /empty line: (\d+)\nannounced: (\d+)/.exec(seen.text("body")) ?? [];
      expect(length).toBe(announced);
    },
  );

  test(
    "5: the server's line stands in the server's cell, and its port is free when the kernel has ended",
    LONG,
    async () => {
      const seen = await execute("5", env);
      expectOrderly(seen);
      const port = portOf(seen, "port");
      expectClaims("5", seen);
      expect(seen.text("bind-two-arguments")).toContain("TypeScriptError: Argument of type");
      expect(seen.text("bind-for-real")).toContain(`[ '0.0.0.0', ${port} ]`);
      expect(seen.text("serve")).toMatch(/Got connection from \[ '127\.0\.0\.1', \d+ \]/);
      expect(seen.text("first-client")).toContain("Thank you for connecting");
      expect(seen.text("first-client")).not.toContain("Got connection");
      expect(seen.text("log")).toContain("Got connection");
      expect(seen.text("servers")).toContain(String(port));
      expect(seen.text("port-taken")).toMatch(/[Aa]ddress already in use/);
      expect(await isOpen(port)).toBe(false);
      if (process.platform === "linux") {
        expect(seen.text("backlog-kind")).toContain("kernel");
        expect(seen.text("queue-experiment").match(/connected/g)).toHaveLength(6);
        expect(seen.text("queue-experiment").match(/TimeoutError/g)).toHaveLength(3);
        expect(seen.text("queue-experiment")).not.toContain("Refused");
      }
    },
  );

  test(
    "5: where the system's queue cannot be had, and nobody has said who works here, it runs on",
    LONG,
    async () => {
      const seen = await execute("5", { ...env, WIREBOOK_SOCKETS: "eager", WIREBOOK_STUDENT: "" });
      expectOrderly(seen);
      expect(seen.text("backlog-kind")).toContain("emulated");
      expect(seen.text("serve")).toContain("Got connection from");
    },
  );

  test("6: without the server of notebook 5 it starts its own, a second time as well", LONG, async () => {
    for (const _ of ["once", "twice"]) {
      const seen = await execute("6", env);
      expectOrderly(seen);
      expect(seen.text("knock")).toContain("Nobody listens");
      expect(seen.text("stand-in-server").match(/Got connection from/g)?.length).toBeGreaterThanOrEqual(4);
      expect(seen.text("telnet-localhost")).toMatch(
        /Trying [\s\S]*Connected to localhost[\s\S]*Thank you for connecting[\s\S]*Connection closed by foreign host/,
      );
      expectClaims("6", seen);
      expect(seen.text("narrow-and-wide")).not.toMatch(/wide server.*Error/);
      expect(seen.text("client-on-alice")).toContain("alice got: Thank you for connecting");
      expect(seen.text("server-on-bob")).toContain("Got connection from");
      expect(await isOpen(portOf(seen, "knock"))).toBe(false);
    }
  });

  test(
    "6 beside 5: the server's cell in the other notebook prints a line for every visit, and 5 can be run again",
    LONG,
    async () => {
      const five = start("5", env);
      await five.ready;
      const six = await execute("6", env);
      expectOrderly(six);
      expect(six.text("knock")).toContain("the server of notebook 5");
      expect(six.text("stand-in-server")).not.toContain("Got connection");
      expect(six.text("client-function")).toContain("Thank you for connecting");
      const seen = await five.end();
      expectOrderly(seen);
      // Its own client, and then: the knock, telnet, the smallest client, the function, the last cell.
      expect(seen.text("serve").match(/Got connection from/g)?.length).toBeGreaterThanOrEqual(6);
      expect(await isOpen(portOf(seen, "port"))).toBe(false);
    },
  );

  test("7: the experiments run, and every empty answer says that it is empty", LONG, async () => {
    const seen = await execute("7", env);
    expectOrderly(seen);
    expectClaims("7", seen);
    expect(seen.text("q1-during")).toContain("The answer to your question is");
    expect(seen.text("q2-c")).toContain("grew by 20");
    expect(seen.text("q2-d")).toMatch(/Error: the WebSocket failed/);
    expect(seen.text("q2-e")).toContain("did the work 1 time");
    expect(seen.text("q3-object")).toContain("2 and 3 is 5");
    expectVerdicts(seen.last("q3-break"), { "plain WebSockets": "○○○○○○○○○○" });
    expect(seen.last("q3-trial").match(/mine: ○ not\. Not answered yet\./g)).toHaveLength(10);
    expectVerdicts(seen.last("q3-ours"), {
      "plain WebSockets": "○○○○○○○○○○",
      mine: "○○○○○○○○○○",
      "wirebook/middleware": "◐●●●◐◐●●●○",
    });
    expect(seen.text("q3-explain")).toMatch(/2 and 3 is 5[\s\S]*✕ moved: ws:/);
    expectVerdicts(seen.last("q3-without"), {
      "all of it": "◐●",
      "without failure": "○●",
      "without relocation": "◐○",
    });
    const first = 20_000 + 200 * own("7-questions").integer("range", 0, 39);
    expect(seen.text("q4-planted")).toContain(`between ${first} and ${first + 199}.`);
    const empty = seen.cells.filter((cell) => cell.code && cell.tags.includes("answer"));
    expect(empty.map((cell) => cell.caused.find((output) => output.kind === "error")?.text)).toEqual(
      ["7.1", "7.2", "7.3", "7.4"].map((question) => expect.stringContaining(question)),
    );
  });
});

test(
  "the instructor's design offers what its notebook says, and does not offer transactions",
  LONG,
  async () => {
    const seen = await execute("7", env, instructors);
    expectOrderly(seen);
    expectVerdicts(seen.last("results"), {
      "the model answer": "◐●●●◐◐●●●○",
      "wirebook/middleware": "◐●●●◐◐●●●○",
    });
  },
);

test("no notebook is without a test here", () => {
  expect(notebooks.map((one) => one.name[0])).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
});
