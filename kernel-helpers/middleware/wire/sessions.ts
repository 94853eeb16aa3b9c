// Both ends of a session: who dials dials again, who was dialed waits.
import { Forbidden, Refused } from "../errors.js";
import type { Pipe, Where } from "../flow.js";
import { Link, type LinkOptions } from "./link.js";

/** Milliseconds between two tries, the first and the longest. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 1000;
/** A socket that says nothing for so long is none. */
const GREETING_MS = 2000;
/** So often in a row nobody listens there: whoever did has ended. */
const REFUSALS = 2;

export interface DialOptions extends LinkOptions {
  where: Where;
  /** Opens a socket; to `where`, if nothing else is said. */
  dial?(): Promise<Pipe>;
  /** Who dials. */
  from: string;
}

/** The end that dialed. */
export class DialedLink extends Link {
  readonly peer: Where;
  readonly #from: string;
  readonly #open: () => Promise<Pipe>;
  readonly #session: string;
  /** The other process; another one cannot go on with this session. */
  #life: string | undefined;
  #pause = 0;
  #refusals = 0;

  constructor({ where, from, dial = () => options.world.dial(where), ...options }: DialOptions) {
    super(options);
    this.peer = where;
    this.#open = dial;
    this.#from = from;
    this.#session = this.world.id();
    void this.#dial();
  }

  protected override down(): void {
    this.#pause = 0;
    this.#again();
  }

  #again(): void {
    if (this.state === "lost") return;
    if (this.world.now() - this.downSince >= this.patience) {
      this.lose(`no connection for ${this.patience / 1000} s`);
      return;
    }
    const pause = this.#pause * (0.5 + this.world.random() / 2);
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2 || FIRST_PAUSE);
    this.world.after(pause, () => void this.#dial());
  }

  async #dial(): Promise<void> {
    if (this.state !== "down") return;
    let pipe: Pipe;
    try {
      pipe = await this.#open();
    } catch (error) {
      if (error instanceof Refused && ++this.#refusals >= REFUSALS)
        this.lose("nobody listens there any more");
      else if (error instanceof Forbidden) this.lose(error.message, error);
      else this.#again();
      return;
    }
    this.#refusals = 0;
    if ((this.state as string) === "lost") return pipe.close();
    let isOver = false;
    const giveUp = (): void => {
      if (isOver) return;
      isOver = true;
      pipe.close();
      this.#again();
    };
    const late = this.world.after(GREETING_MS, giveUp);
    pipe.onClose = () => {
      late();
      giveUp();
    };
    pipe.onMessage = (text) => {
      late();
      const lines = text.split("\n");
      const [word, reached, life] = read(lines.shift() ?? "");
      if (isOver) return;
      if (word === "welcome" && (this.#life ?? life) === life) {
        isOver = true;
        this.#life = life as string;
        this.#pause = 0;
        this.attach(pipe, Number(reached));
        if (lines.length > 0) pipe.onMessage(lines.join("\n"));
      } else if (word === "lost" || word === "welcome") {
        isOver = true;
        pipe.close();
        this.lose("it has been started anew, or has waited for too long");
      } else giveUp();
    };
    pipe.send(JSON.stringify(["hello", this.#session, this.received, this.#from, this.#life ?? ""]));
  }
}

/** The end that was dialed. */
class AcceptedLink extends Link {
  readonly peer: string;
  readonly grant: string | undefined;
  #gone: () => void = () => {};

  constructor(peer: string, grant: string | undefined, options: LinkOptions) {
    super(options);
    this.peer = peer;
    this.grant = grant;
  }

  welcome(pipe: Pipe, life: string, reached: number): void {
    this.#gone();
    pipe.send(JSON.stringify(["welcome", this.received, life]));
    this.attach(pipe, reached);
  }

  protected override down(): void {
    this.#gone = this.world.after(this.patience, () => this.lose("it did not come back"));
  }
}

/** All sessions that others have begun with this process. */
export class Sessions {
  readonly #links = new Map<string, AcceptedLink>();
  readonly #options: LinkOptions;
  readonly #life: string;
  readonly #met: (link: Link, grant: string | undefined) => void;

  /** @param met is given each new session */
  constructor(options: LinkOptions, met: (link: Link, grant: string | undefined) => void) {
    this.#options = options;
    this.#life = options.world.id();
    this.#met = met;
  }

  accept(pipe: Pipe, grant?: string): void {
    const late = this.#options.world.after(GREETING_MS, () => pipe.close());
    pipe.onMessage = (text) => {
      late();
      const [word, session, reached, from, life] = read(text);
      if (word !== "hello" || typeof reached !== "number") return pipe.close();
      if (typeof session !== "string" || typeof from !== "string") return pipe.close();
      const known = this.#links.get(session);
      // A session goes on with what it began with.
      if (known && known.grant !== grant) return pipe.close();
      if (known) return known.welcome(pipe, this.#life, reached);
      if (life !== "") {
        pipe.send('["lost"]');
        return;
      }
      const link = new AcceptedLink(from, grant, this.#options);
      this.#links.set(session, link);
      this.#met(link, grant);
      const told = link.onLost;
      link.onLost = (reason) => {
        this.#links.delete(session);
        told(reason);
      };
      link.welcome(pipe, this.#life, reached);
    };
  }

  close(): void {
    for (const link of [...this.#links.values()]) link.close();
  }
}

function read(text: string): unknown[] {
  try {
    const frame: unknown = JSON.parse(text);
    return Array.isArray(frame) ? frame : [];
  } catch {
    return [];
  }
}
