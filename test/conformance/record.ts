// What one kernel process was asked by all of its clients, and the rules that it broke.
import { isDeepStrictEqual } from "node:util";
import { contentProblem, headerProblem } from "./schemas.js";
import { type Channel, type Content, type Message, nameOf } from "./wire.js";

/** A rule was broken. */
export interface Violation {
  item: number;
  text: string;
}

export interface Request {
  header: Content;
  channel: Channel;
  type: string;
  /** Frames that stand before the delimiter and come back with the reply. */
  identities: Buffer[];
  /** Requests of one lane are served one after another. */
  lane: string;
  /** Position among all requests. */
  number: number;
  /** Its output may come after it has ended. */
  late?: boolean;
}

/** Shared by the clients of one kernel process. */
export class KernelRecord {
  readonly requests: Map<string, Request> = new Map();
  readonly violations: Violation[] = [];
  /** Ids of messages that were broken on purpose: who serves them may say so. */
  readonly broken: Set<unknown> = new Set([undefined]);
  readonly clientSessions: Set<string> = new Set();
  /** Messages that were looked at. */
  checked = 0;
  session: string | undefined;

  report(item: number, text: string): void {
    this.violations.push({ item, text });
  }

  sent(channel: Channel, header: Content, identities: Buffer[]): Request {
    const type = String(header.msg_type);
    const lane = channel === "shell" && header.subshell_id ? `subshell ${header.subshell_id}` : channel;
    const request = { header, channel, type, identities, lane, number: this.requests.size };
    this.requests.set(String(header.msg_id), request);
    return request;
  }
}

/** What one client has seen of a request. */
interface Progress {
  busy: boolean;
  idle: boolean;
  replies: number;
}

/** Published without a request that caused it. */
const parentless = new Set(["starting", "iopub_welcome", "shutdown_reply"]);

/** Clients in Python read dates and write them anew, with other digits for the same moment. */
function instant(header: Content): Content {
  return { ...header, date: Date.parse(String(header.date)) };
}

/** Looks at every message that one client receives. */
export class Watch {
  readonly #record: KernelRecord;
  readonly #ids = new Set<string>();
  readonly #progress = new Map<string, Progress>();
  /** The last that was published is an idle. */
  #idleLast = false;
  /** The request that is served now, by lane. */
  readonly #serving = new Map<string, string>();
  /** Requests from this one on are wholly seen. */
  #from: number | undefined;

  constructor(record: KernelRecord) {
    this.#record = record;
  }

  /** The subscription is in place: nothing is missed from here on. */
  ready(): void {
    this.#from ??= this.#record.requests.size;
  }

  see(message: Message): void {
    const record = this.#record;
    record.checked++;
    const { header, parent, channel, identities } = message;
    const name = nameOf(message);
    const broken = headerProblem(message);
    if (broken) record.report(8, `header of ${name}: ${broken}`);
    if (this.#ids.has(header.msg_id)) record.report(8, `msg_id of ${name} was used before`);
    this.#ids.add(header.msg_id);
    record.session ??= header.session;
    if (header.session !== record.session)
      record.report(9, `session of ${name} is not that of earlier messages`);
    if (record.clientSessions.has(header.session)) record.report(9, `session of ${name} is a client's`);
    const afterIdle = this.#idleLast;
    if (channel === "iopub") this.#idleLast = name === "idle";
    const content = contentProblem(message);
    if (content) record.report(content.item, `${name}: ${content.text}`);
    if (channel === "iopub" && identities.length !== 1)
      record.report(name === "iopub_welcome" ? 21 : 13, `${name} has ${identities.length} topic frames`);
    this.#parent(message, name);
    const request = record.requests.get(String(parent.msg_id));
    if (!request) return;
    if (channel === "iopub") this.#published(message, { name, request, afterIdle });
    else if (channel !== "stdin") this.#replied(message, name, request);
  }

  #parent({ parent, channel }: Message, name: string): void {
    const record = this.#record;
    if (Object.keys(parent).length === 0) {
      if (channel !== "iopub") record.report(10, `${name} on ${channel} has no parent`);
      else if (name === "busy" || name === "idle") record.report(10, `${name} has no parent`);
      return;
    }
    if (parentless.has(name) && name !== "shutdown_reply")
      record.report(name === "starting" ? 20 : 21, `${name} has a parent`);
    if (record.broken.has(parent.msg_id)) return;
    const request = record.requests.get(String(parent.msg_id));
    if (!request) record.report(10, `parent of ${name} is no request that was sent`);
    else if (!isDeepStrictEqual(instant(parent), instant(request.header)))
      record.report(10, `parent of ${name} differs from the header of its ${request.type}`);
  }

  #replied(message: Message, name: string, request: Request): void {
    const record = this.#record;
    const { channel, identities, content } = message;
    if (channel !== request.channel)
      record.report(13, `${name} came on ${channel}, asked was on ${request.channel}`);
    const expected = request.type.replace(/_request$/, "_reply");
    if (name !== expected)
      record.report(
        request.type === "comm_info_request" ? 50 : 13,
        `${request.type} was answered by ${name}`,
      );
    if (!isDeepStrictEqual(identities, request.identities))
      record.report(1, `the frames before the delimiter did not come back with ${name}`);
    const progress = this.#of(request);
    progress.replies++;
    if (progress.replies > 1)
      record.report(
        content.status === "aborted" ? 30 : 26,
        `${request.type} was answered ${progress.replies} times`,
      );
  }

  #published(
    { header, content }: Message,
    { name, request, afterIdle }: { name: string; request: Request; afterIdle: boolean },
  ): void {
    const record = this.#record;
    if (this.#from === undefined || request.number < this.#from) return;
    const progress = this.#of(request);
    const what = `${request.type} ${String(request.header.msg_id).slice(0, 8)}`;
    if (name === "busy") {
      // A cell that goes on may say so once more, right behind the idle of what was answered beside it.
      if (afterIdle && progress.busy && !progress.idle && request.type === "execute_request") return;
      if (progress.busy) record.report(26, `busy was published twice for ${what}`);
      progress.busy = true;
      const other = this.#serving.get(request.lane);
      if (other !== undefined)
        record.report(
          request.lane === "control" ? 29 : 27,
          `${request.lane}: busy of ${what} before idle of the request that was served`,
        );
      this.#serving.set(request.lane, String(request.header.msg_id));
    } else if (name === "idle") {
      if (!progress.busy) record.report(26, `idle without busy for ${what}`);
      if (progress.idle) record.report(26, `idle was published twice for ${what}`);
      progress.idle = true;
      if (this.#serving.get(request.lane) === request.header.msg_id) this.#serving.delete(request.lane);
    } else {
      if (!progress.busy) record.report(26, `${header.msg_type} before busy for ${what}`);
      // The debugger's events come when something happens, whichever request it was that asked for them.
      const free = request.late || name === "debug_event";
      const text = JSON.stringify(content.text ?? content.evalue ?? "").slice(0, 80);
      if (progress.idle && !free) record.report(28, `${header.msg_type} ${text} after idle for ${what}`);
    }
  }

  #of(request: Request): Progress {
    const id = String(request.header.msg_id);
    let progress = this.#progress.get(id);
    if (!progress) {
      progress = { busy: false, idle: false, replies: 0 };
      this.#progress.set(id, progress);
    }
    return progress;
  }
}
