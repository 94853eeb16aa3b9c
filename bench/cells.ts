// The cells that kernels are measured with, in TypeScript as in a networking lab, and in Python where Python has them.

export interface Cells {
  assign: string;
  expression: string;
  /** The first cell of a session. */
  typed: string;
  print: string;
  /** Keeps the kernel's main thread for so many milliseconds. */
  loop(ms: number): string;
  declare(index: number): string;
  /** What an interrupt has to end. */
  endless: { Loop: string; Await: string; LoopAfterAwait: string };
  asked: Asked;
}

/** What is asked about at the cursor, and what an answer must hold to count. */
export interface Asked {
  /** A cell that is run before. */
  before: string;
  /** The text up to the cursor, another one each time: nobody asks the very same thing twice, and caches would be measured. */
  name(time: number): Question;
  member(time: number): Question;
  inspected(time: number): Question;
}

interface Question {
  code: string;
  expected: string[];
}

function asked(before: string, line: (time: number) => string, member: string): Asked {
  return {
    before,
    name(time) {
      const name = `v${((time * 37) % 90) + 10}`;
      return { code: `${line(time)}\n${name}`, expected: [name] };
    },
    member: (time) => ({ code: `${line(time)}\nprobe.se`, expected: [member] }),
    inspected: (time) => ({
      code: `${line(time)}\nexchange`,
      expected: ["request: str", "Sends one request"],
    }),
  };
}

export const python: Cells = {
  assign: "x = 1",
  expression: "x + 1",
  typed: "first: int = 1\nfirst + 1",
  print: "for i in range(100000): print('line', i)",
  loop: (ms) => `import time\nend = time.time() + ${ms / 1000}\nwhile time.time() < end: pass`,
  declare: (index) => `v${index}: int = ${index}`,
  endless: {
    Loop: "while True: pass",
    Await: "import asyncio\nawait asyncio.Future()",
    LoopAfterAwait: "import asyncio\nawait asyncio.sleep(0.01)\nwhile True: pass",
  },
  asked: asked(
    [
      "import socket",
      "def exchange(port: int, request: str) -> bytes:",
      '    """Sends one request and waits for its answer."""',
      '    return socket.create_connection(("127.0.0.1", port)).recv(1024)',
      "probe = socket.socket()",
    ].join("\n"),
    (time) => `a${time} = ${time}`,
    "sendall",
  ),
};

export const typescript: Cells = {
  assign: "let x = 1",
  expression: "x + 1",
  typed: "const first: number = 1; first + 1",
  print: "for (let i = 0; i < 100000; i++) console.log('line ' + i)",
  loop: (ms) => `{ const end = Date.now() + ${ms}; while (Date.now() < end); }`,
  declare: (index) => `const v${index}: number = ${index}`,
  endless: {
    Loop: "while (true) {}",
    Await: "await new Promise(() => {})",
    LoopAfterAwait: "await new Promise((done) => setTimeout(done, 10)); while (true) {}",
  },
  asked: asked(
    [
      'import net from "node:net";',
      "/** Sends one request and waits for its answer. */",
      "function exchange(port: number, request: string): net.Socket { return net.connect(port).end(request); }",
      "const probe = new net.Socket();",
    ].join("\n"),
    (time) => `const a${time} = ${time};`,
    "setNoDelay",
  ),
};

/** For whoever knows neither types nor a top-level await. */
export const javascript: Cells = {
  ...typescript,
  typed: "var first = 1; first + 1",
  declare: (index) => `var v${index} = ${index}`,
  endless: {
    Loop: "while (true) {}",
    Await: "$$.async(); (async () => { await new Promise(() => {}); })()",
    LoopAfterAwait:
      "$$.async(); (async () => { await new Promise((done) => setTimeout(done, 10)); while (true) {} })()",
  },
  asked: {
    ...typescript.asked,
    before: [
      'var net = require("net");',
      "/** Sends one request and waits for its answer. */",
      "function exchange(port, request) { return net.connect(port).end(request); }",
      "var probe = new net.Socket();",
    ].join("\n"),
  },
};

/** What the first networking cells refer to. */
export const networkingStart: string = [
  'import net from "node:net";',
  "interface Frame0 { id: number; payload: string }",
  "let total0 = 0;",
  "class Peer0 { constructor(readonly name: string, protected seen = 0) {} }",
].join("\n");

/**
 * The cell of a lab, 15 lines: an import of Node's, an interface, one in seven of which mentions that of the cell before,
 * values computed from earlier ones, a function that reads a socket, and a class, one in seven of which extends the one before.
 * @param payload what stands where the interface wants a string
 */
export function networking(index: number, payload = '"hello"'): string {
  const before = (cells: number): number => Math.max(0, index - cells);
  const base = index % 7 === 0 ? ` extends Peer${before(1)}` : "";
  const reply = index % 7 === 3 ? `; reply?: Frame${before(1)}` : "";
  return [
    'import { connect, type Socket } from "node:net";',
    `interface Frame${index} { id: number; payload: string${reply} }`,
    `const frames${index}: Frame${index}[] = [{ id: ${index}, payload: ${payload} }];`,
    `let total${index} = total${before(1)} + frames${index}.length;`,
    `async function read${index}(socket: Socket, limit = total${before(2)}): Promise<number> {`,
    "  let seen = 0;",
    "  for await (const chunk of socket) seen += chunk.length;",
    `  return seen > limit ? total${before(3)} : seen;`,
    "}",
    `class Peer${index}${base} {`,
    ...(base ? [] : ["  constructor(readonly name: string, protected seen = 0) {}"]),
    `  dial(port: number): Socket { this.seen++; return connect({ port }); }`,
    "}",
    `const peer${index} = new Peer${index}("peer ${index}");`,
    `frames${index}.map(({ id }) => id + total${before(5)});`,
  ].join("\n");
}

/** A cell whose types take long to check, though it does next to nothing. */
export function heavy(index: number): string {
  const digits = Array.from({ length: 10 }, (_, digit) => `"${digit}"`).join(" | ");
  return [
    `type Digit${index} = ${digits};`,
    `type D${index} = Digit${index};`,
    `type Code${index} = \`${index}-\${D${index}}\${D${index}}\${D${index}}\${D${index}}\`;`,
    `type Swapped${index} = { [K in Code${index}]: K extends \`\${infer A}-\${infer B}\` ? \`\${B}-\${A}\` : never };`,
    `const code${index}: Swapped${index}["${index}-0000"] = "0000-${index}";`,
  ].join("\n");
}
