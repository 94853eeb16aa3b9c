// What students write, and the points that each deserves. Whoever reads it can tell them from the text: nothing of the grader's is asked.

import { placeholder, type Question } from "./course.js";

export type Kind =
  | "right"
  | "half-right"
  | "wrong"
  | "empty"
  | "compile error"
  | "noise"
  | "slow"
  | "leftover"
  | "loop"
  | "crash";

export interface OrdinaryAnswer {
  code: string;
  /** Of the tests behind the question, in their order. */
  points: readonly number[];
}

type Own = Record<"right" | "half-right" | "wrong", readonly OrdinaryAnswer[]>;

const all = (points: readonly number[], ...codes: string[]): OrdinaryAnswer[] =>
  codes.map((code) => ({ code, points }));

const own: Record<Question, Own> = {
  parse: {
    right: all(
      [2, 3],
      `function parseAddress(text: string): { host: string; port: number } | null {
  const [host = "", port] = text.split(":");
  return port === undefined ? null : { host, port: Number(port) };
}`,
      `const parseAddress = (text: string) => {
  const found = /^([^:]+):(\\d+)$/.exec(text);
  return found ? { host: found[1], port: parseInt(found[2]!, 10) } : null;
};`,
      `interface Address { host: string; port: number }
let parseAddress = function (text: string): Address | null {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return null;
  return { port: +text.slice(colon + 1), host: text.slice(0, colon) };
};`,
      `class Parsed { constructor(public host: string, public port: number) {} }
async function parseAddress(text: string) {
  if (!text.includes(":")) return null;
  const { host, port } = new Parsed(text.split(":")[0]!, Number(text.split(":")[1]));
  return { host, port };
}`,
    ),
    "half-right": [
      // Without a port it gives NaN.
      ...all(
        [2, 2],
        `function parseAddress(text: string) { const [host, port] = text.split(":"); return { host, port: Number(port) }; }`,
      ),
      // Only the example of the visible check.
      ...all(
        [2, 1],
        `const parseAddress = (text: string) => text === "127.0.0.1:80" ? { host: "127.0.0.1", port: 80 } : null;`,
      ),
    ],
    // The port is a string.
    wrong: all(
      [0, 1],
      `function parseAddress(text: string) { const [host, port] = text.split(":"); return port ? { host, port } : null; }`,
    ),
  },
  lines: {
    right: all(
      [4],
      `function lines(chunks: string[]): string[] { return chunks.join("").split("\\n").slice(0, -1); }`,
      `const lines = (chunks: string[]) => {
  const found: string[] = [];
  let rest = "";
  for (const chunk of chunks) {
    rest += chunk;
    for (let end = rest.indexOf("\\n"); end >= 0; end = rest.indexOf("\\n")) {
      found.push(rest.slice(0, end));
      rest = rest.slice(end + 1);
    }
  }
  return found;
};`,
      `function* each(text: string): Generator<string> { for (const [, line] of text.matchAll(/(.*)\\n/g)) yield line!; }
const lines = (chunks: string[]): string[] => [...each(chunks.join(""))];`,
    ),
    "half-right": [
      // Piece by piece.
      ...all(
        [1],
        `function lines(chunks: string[]) { return chunks.flatMap((chunk) => chunk.split("\\n").filter(Boolean)); }`,
      ),
      // What has no end yet counts, too.
      ...all(
        [3],
        `function lines(chunks: string[]) { return chunks.join("").split("\\n").filter((line) => line !== ""); }`,
      ),
    ],
    wrong: all(
      [0],
      `function lines(chunks: string[]) { return chunks; }`,
      `const lines = (chunks: string[]) => chunks.join("");`,
    ),
  },
  server: {
    right: all(
      [4],
      `import { serve } from "wirebook/serve";
const capitals = await serve(0, async (conn: any) => {
  await conn.sendall((await conn.recv(1024)).toString().toUpperCase());
});
const port = capitals.port;`,
      `import { createServer, type AddressInfo } from "node:net";
const server = createServer((client) => client.on("data", (bytes) => client.end(bytes.toString().toUpperCase())));
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const { port } = server.address() as AddressInfo;`,
      `import * as socket from "wirebook/socket";
const listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
await listener.bind(["127.0.0.1", 0]);
await listener.listen();
const port = listener.getsockname()[1];
void (async () => {
  for (;;) {
    const [conn] = await listener.accept();
    await conn.sendall((await conn.recv(1024)).toString().toUpperCase());
    await conn.close();
  }
})();`,
    ),
    // It serves one client and is gone.
    "half-right": all(
      [2],
      `import { createServer, type AddressInfo } from "node:net";
const server = createServer((client) => {
  server.close();
  client.on("data", (bytes) => client.end(bytes.toString().toUpperCase()));
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const port = (server.address() as AddressInfo).port;`,
    ),
    wrong: all(
      [0],
      `import { serve } from "wirebook/serve";
const port = (await serve(0, async (conn: any) => { await conn.sendall(await conn.recv(1024)); })).port;`,
      `const port = 1;`,
    ),
  },
  client: {
    right: all(
      [3],
      `import { connect } from "node:net";
async function ask(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text + "\\n");
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}`,
      `import * as socket from "wirebook/socket";
const ask = async (port: number, text: string) => {
  const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  await s.connect(["127.0.0.1", port]);
  await s.sendall(text);
  const parts: Buffer[] = [];
  for (;;) {
    const part = await s.recv(65536);
    if (part.length === 0) break;
    parts.push(part);
  }
  await s.close();
  return Buffer.concat(parts).toString();
};`,
      `import * as net from "node:net";
function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    net.connect({ port, host: "127.0.0.1" }, function () { this.write(text); })
      .on("data", (part) => parts.push(part)).on("error", reject)
      .on("end", () => resolve(Buffer.concat(parts).toString()));
  });
}`,
    ),
    // The first piece only.
    "half-right": all(
      [1],
      `import { connect } from "node:net";
const ask = (port: number, text: string): Promise<string> => new Promise((resolve, reject) => {
  const socket = connect(port, "127.0.0.1", () => socket.write(text)).on("error", reject);
  socket.once("data", (bytes) => { resolve(bytes.toString()); socket.destroy(); });
});`,
    ),
    wrong: all([0], `async function ask(port: number, text: string) { return text; }`),
  },
  words: {
    right: all(
      [4],
      `function count(text: string): Map<string, number> {
  const words = new Map<string, number>();
  for (const word of text.split(" ")) words.set(word, (words.get(word) ?? 0) + 1);
  return words;
}`,
      `const count = async (text: string) => text.split(/\\s+/).reduce((all, word) => all.set(word, 1 + (all.get(word) || 0)), new Map<string, number>());`,
      `const count = (text: string) => new Map(Object.entries(Object.groupBy(text.split(" "), (word) => word)).map(([word, all]) => [word, all!.length]));`,
    ),
    "half-right": [
      // Blanks are words, too.
      ...all(
        [3],
        `const count = (text: string) => { const all = new Map<string, number>(); for (const word of text.split(/( )/)) all.set(word, (all.get(word) ?? 0) + 1); return all; };`,
      ),
      // All words come once.
      ...all([1], `const count = (text: string) => new Map(text.split(" ").map((word) => [word, 1]));`),
    ],
    wrong: all([0], `function count(text: string) { return text.length; }`),
  },
};

/** Names that whoever loops or throws leaves undefined, or a function that does it when it is called. */
const functionOf: Record<Question, string | undefined> = {
  parse: "parseAddress",
  lines: "lines",
  server: undefined,
  client: "ask",
  words: "count",
};

/** All that may be drawn. */
export function answersOf(question: Question): Record<Kind, readonly OrdinaryAnswer[]> {
  const { right } = own[question];
  const none = right[0]?.points.map(() => 0) ?? [];
  const nothing = (...codes: string[]): OrdinaryAnswer[] => all(none, ...codes);
  const around = (before: string, behind = ""): OrdinaryAnswer[] =>
    right.map(({ code, points }) => ({ code: [before, code, behind].filter(Boolean).join("\n"), points }));
  const named = functionOf[question];
  return {
    ...own[question],
    empty: nothing(placeholder),
    "compile error": right.map(({ code }) => ({ code: `${code}\nconst ) = 1;`, points: none })),
    noise: [
      ...around('console.error("what does this do?");\nconsole.warn("hm");'),
      ...around("", 'Promise.reject(new Error("nobody waits for this"));'),
    ],
    slow: around("await new Promise((later) => setTimeout(later, 1500));"),
    leftover: around(
      'import { createServer as leave } from "node:net";\nleave(() => {}).listen(0);\nsetInterval(() => console.log("still here"), 200);',
    ),
    loop: nothing(
      "for (let i = 0; ; i++) Math.sqrt(i);",
      "await new Promise(() => {});",
      ...(named
        ? [`function ${named}() { while (true) {} }`, `async function ${named}() { for (;;) await 0; }`]
        : []),
    ),
    crash: nothing(
      'throw new Error("I give up");',
      "process.exit(1);",
      "process.kill(process.pid, 'SIGKILL');",
      "process.abort();",
      "null.length;",
      ...(named ? [`function ${named}() { throw new TypeError("no idea"); }`] : []),
    ),
  };
}
