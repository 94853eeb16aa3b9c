// A student's work, as a check's author reaches it: values of the engine through serialisation, and servers over real sockets.

import { connect } from "node:net";
import { decode } from "./decode.js";
import { toLiteral } from "./literal.js";
import type { Answer, Names } from "./needs.js";

/** The student's code failed, or did not answer. */
export class StudentProblem extends Error {
  override name = "StudentProblem";
}

export interface Student {
  value(expression: string, options?: { timeout?: number }): Promise<unknown>;
  call(name: string, args?: readonly unknown[], options?: { timeout?: number }): Promise<unknown>;
  source(cellId: string): Promise<string | undefined>;
  network: Network;
}

interface Network {
  listening(port: number, options?: { host?: string; timeout?: number }): Promise<boolean>;
  exchange(
    port: number,
    options?: { send?: string | Uint8Array; host?: string; timeout?: number; bytes?: number },
  ): Promise<Buffer>;
}

interface Parts {
  /** Is told whose ports are whose. */
  names?: Names;
  read(expression: string, seconds: number): Promise<Answer>;
  source(cellId: string): Promise<string | null>;
}

/** How long a value is waited for where the author says nothing else, in seconds. */
const usual = 5;
const mostBytes = 1024 * 1024;

export function createStudent({ read, source, names = {} }: Parts): Student {
  const get = async (what: string, expression: string, seconds: number): Promise<unknown> => {
    const answer = await read(expression, seconds);
    if ("failed" in answer) throw new StudentProblem(`${what}: ${answer.failed}`);
    return valueIn(what, answer);
  };
  return {
    value: (expression, { timeout = usual } = {}) => get(`\`${expression}\``, expression, timeout),
    call: (name, args = [], { timeout = usual } = {}) =>
      get(`\`${name}(…)\``, `(${name})(${args.map(toLiteral).join(",")})`, timeout),
    source: async (cellId) => (await source(cellId)) ?? undefined,
    network: {
      exchange: (port, options) => exchange(port, options, names),
      // Does somebody accept connections there?
      listening: (port, options) =>
        exchange(port, { ...options, bytes: 0 }, names).then(
          () => true,
          () => false,
        ),
    },
  };
}

function valueIn(what: string, reading: Exclude<Answer, { failed: string }>): unknown {
  if ("value" in reading) return decode(reading.value);
  const { name, message } = reading.thrown;
  throw new StudentProblem(`${what} failed: ${name}: ${message}`);
}

/** Connects, sends, and gives what comes: to the end, to so many bytes, or until the time is over. */
function exchange(
  port: number,
  options: { send?: string | Uint8Array; host?: string; timeout?: number; bytes?: number } = {},
  names: Names = {},
): Promise<Buffer> {
  names[port] = "your server";
  const { send, host = "127.0.0.1", timeout = 2, bytes = mostBytes } = options;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const socket = connect({ port, host });
    const end = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(new StudentProblem(`port ${port}: ${error.message}`));
      else resolve(Buffer.concat(chunks).subarray(0, bytes));
    };
    let connected = false;
    const timer = setTimeout(
      () => end(connected ? undefined : new Error(`no answer within ${timeout} s`)),
      timeout * 1000,
    );
    socket.once("connect", () => {
      connected = true;
      if (socket.localPort !== undefined) names[socket.localPort] = "the check";
      if (bytes === 0) end();
      else if (send !== undefined) socket.write(send);
    });
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= bytes) end();
    });
    socket.once("end", () => end());
    socket.once("error", (error) => end(length > 0 ? undefined : error));
  });
}
