// Sockets of nodes that cannot reach each other: what they say goes through NATS. A message is lost or late there like on any network; the session
// above notices, and begins another pipe.
//
//   to the node, from an inbox   that inbox, sealed with the nodes' secret, or a grant: may I come in?
//   to that inbox, from another  nothing: yes, and this is where I hear you
//   +part  .last part            a message, no part longer than the server takes
//   !                            I am gone
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { MiddlewareError, Unreachable } from "../../errors.js";
import type { Listening, Pipe, Where } from "../../flow.js";
import { verifyGrant } from "../../node/grant.js";
import { RealWorld, type RealWorldOptions } from "../../world/real.js";
import type { Connection, Heard } from "./connection.js";

export interface PipesOptions {
  /** There is one, or there will be. @throws where it has none */
  connected(): Promise<Connection>;
  /** Nobody can reach this node but through NATS. */
  isHidden: boolean;
}

const PREFIX = "nats:";
const CONNECT_MS = 3000;
const PAUSE = 50;
/** The longest message, in bytes. */
const LONGEST = 64 * 1024 * 1024;
/** What a server takes counts headers and flags, too. */
const SPARE = 1024;
const [PART, LAST, BYE] = [Buffer.from("+"), Buffer.from("."), Buffer.from("!")] as const;

const subjectOf = (where: Where): string => `wirebook.node.${where.slice(PREFIX.length)}`;
const inbox = (): string => `_INBOX.${randomUUID()}`;

export class NatsWorld extends RealWorld {
  readonly #token: string;
  readonly #pipes: PipesOptions;

  constructor(options: RealWorldOptions, pipes: PipesOptions) {
    super(options);
    this.#token = options.token;
    this.#pipes = pipes;
  }

  override listen(...asked: Parameters<RealWorld["listen"]>): Promise<Listening> {
    return this.#pipes.isHidden ? this.#listen(...asked) : super.listen(...asked);
  }

  override dial(where: Where, grant?: string): Promise<Pipe> {
    return where.startsWith(PREFIX) ? this.#dial(where, grant) : super.dial(where, grant);
  }

  /** The secret itself is not for whoever listens in. */
  #seal(from: string): Buffer {
    return createHmac("sha256", this.#token).update(from).digest();
  }

  async #listen(
    accept: (pipe: Pipe, grant?: string) => void,
    { grants = false }: { grants?: boolean } = {},
  ): Promise<Listening> {
    const where = PREFIX + this.id();
    let isOver = false;
    let deafen = (): void => {};
    const hear = (connection: Connection): void => {
      const onHeard = ({ data, from }: Heard): void => {
        const seal = this.#seal(from);
        const isOurs = data.length === seal.length && timingSafeEqual(data, seal);
        const grant = isOurs ? undefined : Buffer.from(data).toString();
        if (grant !== undefined && !(grants && verifyGrant(grant, this.#token, Date.now()))) return;
        const mine = inbox();
        accept(openPipe(connection, { mine, theirs: from }), grant);
        connection.say(from, Buffer.of(), mine);
      };
      deafen = connection.hear(subjectOf(where), { onHeard });
    };
    let connection = await this.#pipes.connected();
    hear(connection);
    void (async () => {
      while (!isOver) {
        await connection.closed;
        try {
          if (isOver) break;
          connection = await this.#pipes.connected();
          if (!isOver) hear(connection);
        } catch (error) {
          if (!(error instanceof MiddlewareError)) throw error;
          await sleep(PAUSE);
        }
      }
    })();
    const close = (): Promise<void> => {
      isOver = true;
      deafen();
      return Promise.resolve();
    };
    return { where, close };
  }

  async #dial(where: Where, grant?: string): Promise<Pipe> {
    const connection = await this.#pipes.connected();
    const mine = inbox();
    return await new Promise((resolve, reject) => {
      const onAnswer = (): void => {
        late();
        pipe.onClose = () => {};
        resolve(pipe);
      };
      const pipe = openPipe(connection, { mine, onAnswer });
      // Not refused: it may be about to connect again.
      pipe.onClose = () => reject(new Unreachable(`nobody listens at ${where} now`));
      const late = this.after(CONNECT_MS, () => {
        reject(
          new Unreachable(
            `${where} does not answer: it is busy, or does not know this secret, or the grant has ended`,
          ),
        );
        pipe.close();
      });
      connection.say(subjectOf(where), grant === undefined ? this.#seal(mine) : Buffer.from(grant), mine);
    });
  }
}

interface Ends {
  mine: string;
  /** Left out: whoever answers. */
  theirs?: string;
  onAnswer?(): void;
}

function openPipe(connection: Connection, { mine, theirs, onAnswer }: Ends): Pipe {
  let to = theirs;
  let parts: Uint8Array[] = [];
  let length = 0;
  let isOpen = true;
  const over = (): void => {
    if (!isOpen) return;
    isOpen = false;
    deafen();
    pipe.onClose();
  };
  const onHeard = ({ data, from, isNobody }: Heard): void => {
    if (isNobody || data[0] === BYE[0] || length + data.length > LONGEST) {
      over();
      return;
    }
    if (to === undefined) {
      to = from;
      onAnswer?.();
      return;
    }
    parts.push(data.subarray(1));
    length += data.length;
    if (data[0] !== LAST[0]) return;
    const text = Buffer.concat(parts).toString();
    parts = [];
    length = 0;
    pipe.onMessage(text);
  };
  const deafen = connection.hear(mine, { onHeard, onOver: over });
  const say = (data: Uint8Array): void => {
    if (isOpen && !connection.isClosed && to !== undefined) connection.say(to, data, mine);
  };
  const pipe: Pipe = {
    onMessage: () => {},
    onClose: () => {},
    send: (text) => {
      const all = Buffer.from(text);
      const most = connection.mostBytes - SPARE;
      let at = 0;
      for (; all.length - at > most; at += most) say(Buffer.concat([PART, all.subarray(at, at + most)]));
      say(Buffer.concat([LAST, all.subarray(at)]));
    },
    close: () => {
      say(BYE);
      over();
    },
  };
  return pipe;
}
