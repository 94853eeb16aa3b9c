// What the lab sheet says, and the cell of a notebook in which a student sees what is true of it. `docs/claims.md` is the same table in words.
import { expect } from "vitest";
import type { Executed } from "./notebooks.js";

export interface Claim {
  /** Its number in docs/claims.md. */
  row: string;
  /** First digit of the notebook's name. */
  notebook: string;
  /** What the cells show on every machine that the tests run on; `undefined`: systems or networks differ, or it is text. */
  cells: Readonly<Record<string, RegExp | undefined>>;
  /** What they show on Linux besides. */
  linux?: Readonly<Record<string, RegExp>>;
}

const GREETING = /Thank you for connecting/;

export const claims: readonly Claim[] = [
  {
    row: "1",
    notebook: "2",
    cells: {
      "handler-happy": /exit status: 0/,
      "handler-sad": /NameError: .*msg[\s\S]*exit status: 1/,
      "handler-subscript": /TypeError: .*not subscriptable/,
    },
  },
  {
    row: "2",
    notebook: "2",
    cells: {
      "same-class": /socket\.OSError are one class: true/,
      "family-tree": /gaierror +is a socket\.error/,
      "count-failures": /creations: +0\n/,
      "exit-status": /exit status: 0 \(that is: success!\)/,
    },
  },
  {
    row: "3",
    notebook: "5",
    cells: {
      "bind-two-arguments": /TypeScriptError/,
      "bind-anyway": /TypeError: .*takes exactly one argument \(2 given\)/,
    },
  },
  { row: "4", notebook: "5", cells: { margin: /exit status: 1\n[\s\S]*IndentationError/ } },
  {
    row: "5",
    notebook: "5",
    cells: { "queue-experiment": undefined, "queue-more": undefined, "queue-rule": undefined },
    linux: {
      "queue-experiment": /6 of nine found a place/,
      "queue-more":
        /listen\(0\), client 1: connected\nlisten\(0\), client 2: TimeoutError[\s\S]*listen\(1\), client 2: connected\nlisten\(1\), client 3: TimeoutError/,
      "queue-rule": /tcp_abort_on_overflow = 0/,
    },
  },
  { row: "5b", notebook: "5", cells: { "queue-elsewhere": undefined } },
  { row: "5c", notebook: "5", cells: { "queue-node": /10 of ten/ } },
  {
    row: "6",
    notebook: "5",
    cells: {
      "accept-order": /client: connected[\s\S]*client: sent[\s\S]*server: accepted/,
      "accept-drawn": /SYN[\s\S]*accept/,
    },
  },
  {
    row: "7",
    notebook: "4",
    cells: { "lf-request": /400 Bad Request/, "crlf-request": /200 OK/ },
  },
  {
    row: "8",
    notebook: "4",
    cells: { sizes: /[2-9]\d* pieces, \d+ bytes/, "five-sends": /"one two three four \d{3}"/ },
  },
  { row: "9", notebook: "4", cells: { "keep-alive": /[1-9]\d+ bytes came, then: TimeoutError/ } },
  {
    row: "10",
    notebook: "4",
    cells: { "sent-to-nobody": /connect: fine\nsendall: fine\nrecv: / },
    linux: { "sent-to-nobody": /recv: ConnectionResetError.*\nsendall again: BrokenPipeError/ },
  },
  {
    row: "11",
    notebook: "5",
    cells: { "bind-trial": /'0\.0\.0\.0'/, "who-can-reach": undefined, "bind-node": /its client comes from/ },
    linux: { "who-can-reach": /127\.0\.0\.2 +→ server bound to 0\.0\.0\.0 +connected/ },
  },
  {
    row: "12",
    notebook: "1",
    cells: { interfaces: /127\.0\.0\.1/, "second-loopback": undefined },
    linux: { "second-loopback": /bound to \[ '127\.0\.0\.2'/ },
  },
  {
    row: "13",
    notebook: "1",
    cells: {
      "take-ports": /21 (is ours|was refused)/,
      "port-rules": /ip_local_port_range/,
      "reserved-elsewhere": undefined,
    },
    linux: { "port-rules": /ip_unprivileged_port_start: \d+\nip_local_port_range: \d+ to \d+/ },
  },
  {
    row: "14",
    notebook: "5",
    cells: { reuse: /REUSEADDR = 1: the port can be had/, "reuse-explained": undefined },
    linux: { reuse: /REUSEADDR = 0: .*in use/ },
  },
  {
    row: "15",
    notebook: "5",
    cells: {
      "close-waits":
        /the old client gets Still there\?; a new one is refused; the server is not closed yet; it is, when the last client has gone/,
    },
  },
  {
    row: "16",
    notebook: "3",
    cells: {
      "all-addresses-host": /addresses here and now/,
      "wrong-port": /ConnectionRefusedError/,
      "wrong-name": /gaierror/,
    },
  },
  {
    row: "17",
    notebook: "6",
    cells: { "telnet-localhost": /Trying [\s\S]*localhost is .*(127\.0\.0\.1|::1) here/ },
  },
  {
    row: "18",
    notebook: "6",
    cells: { programs: /telnet +\S[\s\S]*ifconfig +\S/, addresses: /127\.0\.0\.1/ },
  },
  { row: "19", notebook: "6", cells: { "smallest-client": /<Buffer 54 68 61 6e 6b/, decode: GREETING } },
  {
    row: "20",
    notebook: "7",
    cells: {
      "q1-closed": /ConnectionRefusedError/,
      "q1-compare": /closed server: ConnectionRefusedError[\s\S]*does not exist: gaierror/,
    },
    linux: { "q1-compare": /much too busy: TimeoutError/ },
  },
  {
    row: "21",
    notebook: "7",
    cells: {
      "q2-handshake": /^GET \/some\/path HTTP\/1\.1[\s\S]*upgrade: websocket/i,
      "q2-websocket-text": undefined,
    },
  },
  {
    row: "22",
    notebook: "7",
    cells: { "q4-trap": undefined },
    linux: { "q4-trap": /connected: 127\.0\.0\.1,(\d+) → 127\.0\.0\.1,\1/ },
  },
  {
    row: "23",
    notebook: "5",
    cells: { "serial-and-concurrent": /one at a time: \d+ ms, all at once: \d+ ms/ },
  },
];

/** Each cell shows what the table says. */
export function expectClaims(notebook: string, seen: Executed): void {
  for (const { row, cells, linux = {} } of claims.filter((one) => one.notebook === notebook)) {
    for (const [cell, shows] of [
      ...Object.entries(cells),
      ...(process.platform === "linux" ? Object.entries(linux) : []),
    ])
      if (shows) expect(seen.text(cell), `claim ${row}, cell ${cell}`).toMatch(shows);
  }
}
