// What the common failures of a networking lab mean, and what to try: a line below the error.
import type { ErrorReport } from "../flow.js";

const MEANINGS: Record<string, string> = {
  EACCES: "The system does not allow it. Ports below 1024 are its administrator's: choose one from 1024 on.",
  EADDRINUSE:
    "That address has a socket already: a server that still runs, here or in another program. Close it, or choose another port; 0 takes any free one.",
  EADDRNOTAVAIL: "This computer has no such address; interfaces() from 'wirebook/host' lists those it has.",
  EAI_AGAIN:
    "No name server answered. Is this computer online? Some networks let names be looked up by a proxy only.",
  ECONNREFUSED:
    "The computer answered, but nothing listens at that port. Does the server run, and is the port the same on both sides?",
  ECONNRESET:
    "The other side broke the connection off: its program failed, or closed with bytes unread. Look at what it printed.",
  EHOSTUNREACH: "No way leads from here to that address. Is it right, and is this computer in that network?",
  ENETUNREACH:
    "No way leads from here to that network. Is this computer online, also for this kind of address?",
  ENOTCONN: "The socket has no connection yet, or no longer: connect (and await it) first.",
  ENOTFOUND: "No name server knows this name. Is it spelled right, and is this computer online?",
  EPIPE: "It was sent after the other side had closed. Read until the end of its bytes before sending more.",
  ETIMEDOUT:
    "Nothing came back, neither yes nor no: nobody has that address, or a firewall drops what is sent. A port that is merely closed refuses at once.",
  "timed out":
    "Nothing came within the time that settimeout allows. Allow more, or look at why the other side is silent.",
  UND_ERR_CONNECT_TIMEOUT:
    "Nothing came back, neither yes nor no: nobody has that address, or a firewall drops what is sent. A port that is merely closed refuses at once.",
  UND_ERR_HEADERS_TIMEOUT:
    "The server took the request and has not answered it. Look at what its handler waits for.",
  UND_ERR_SOCKET:
    "The other side closed the connection before the answer was complete: its program failed, or ended. Look at what it printed.",
};

const ORIGINS: Record<string, string> = {
  callback:
    "It happened in a callback, where no try of the cell's own code can catch it: catch it in the callback, or listen for 'error'.",
  "unhandled rejection":
    "A promise failed and nobody had awaited it: put await before the call, or .catch behind it.",
};

const ANYWAY =
  "To run it anyway, put %%types warn on the cell's first line, or // @ts-expect-error above the line; %types warn is for all cells that follow.";

const UNAWAITED =
  "That is a promise, and not yet what it will give: put await in front of it, in parentheses where more follows: (await …).length";
/** How TypeScript words it when a promise stands where what it gives was meant. */
const PROMISE = /(?:on type|^Type|Argument of type|since this) 'Promise</;

/** Lines for a student, none where there is nothing to add. */
export function adviceFor(report: ErrorReport): string[] {
  if (report.ename === "TypeScriptError") {
    const all = [report, ...(report.errors ?? [])];
    return all.some(({ evalue }) => PROMISE.test(evalue)) ? [UNAWAITED, ANYWAY] : [ANYWAY];
  }
  const origin = report.origin === undefined ? undefined : ORIGINS[report.origin];
  const meaning = meaningOf(report);
  return [meaning, report.hint, origin].filter((line) => line !== undefined);
}

function meaningOf(report: ErrorReport): string | undefined {
  // It may be the reason of an error that says less.
  const inner = [...(report.errors ?? []), ...(report.cause ? [report.cause] : [])];
  return MEANINGS[codeOf(report)] ?? inner.map(meaningOf).find((line) => line !== undefined);
}

function codeOf({ ename, evalue, details }: ErrorReport): string {
  if (ename === "TimeoutError" && evalue === "timed out") return "timed out";
  if (ename === "gaierror") return details.errno === "-3" ? "EAI_AGAIN" : "ENOTFOUND";
  // As inspected: in quotes.
  return details.code?.slice(1, -1) ?? "";
}
