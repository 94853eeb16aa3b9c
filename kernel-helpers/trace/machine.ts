// The state machine of TCP with the way that one socket took through it (RFC 9293, figure 5).
import { inspect } from "node:util";
import type { MimeBundle } from "../host-contract.js";
import { hostPort } from "../socket/printed.js";
import type { Endpoint, Step, TcpState } from "./events.js";
import { escapeMarkup } from "./hexdump.js";
import { duration } from "./rows.js";
import { TRANSITIONS } from "./states.js";

/** A socket's way from state to state; shows itself as the state machine with this way in it. */
export interface Way {
  readonly socket: string;
  readonly path: readonly Step[];
  readonly [inspect.custom]?: () => string;
}

const WIDTH = 760;
const HEIGHT = 470;
const BOX = { width: 118, height: 30 };

/** The middle of each box. */
const PLACES: Record<TcpState, [x: number, y: number]> = {
  CLOSED: [380, 30],
  LISTEN: [190, 100],
  SYN_SENT: [570, 100],
  SYN_RCVD: [190, 175],
  ESTABLISHED: [380, 200],
  FIN_WAIT_1: [190, 275],
  CLOSE_WAIT: [570, 275],
  FIN_WAIT_2: [190, 360],
  CLOSING: [380, 335],
  LAST_ACK: [570, 360],
  TIME_WAIT: [380, 435],
};

/** Not every step of the RFC is seen by an application; these are drawn for the picture's sake. */
const UNSEEN: readonly [TcpState, string, TcpState][] = [
  ["LISTEN", "peer's SYN", "SYN_RCVD"],
  ["TIME_WAIT", "2 MSL go by", "CLOSED"],
];

export function wayOf(endpoint: Endpoint): Way {
  const { path, id, local, remote } = endpoint;
  const socket = `socket ${id}: ${[hostPort(local), hostPort(remote)].filter(Boolean).join(" ↔ ") || "not connected"}`;
  const steps = path.map(({ state, at, by }) => (by ? `—${by}→ ${state} (${duration(at)})` : state));
  const plain = `${socket}\n${steps.join(" ")}`;
  const way = { socket, path };
  Object.defineProperty(way, inspect.custom, { value: () => plain, enumerable: false });
  Object.defineProperty(way, Symbol.for("Jupyter.display"), {
    value: (): MimeBundle => {
      const svg = draw(socket, path);
      return { "text/plain": plain, "text/html": svg, "image/svg+xml": svg };
    },
    enumerable: false,
  });
  return way;
}

function draw(socket: string, path: readonly Step[]): string {
  /** `from to` → the numbers of the steps that went there. */
  const walked = new Map<string, number[]>();
  path.forEach(({ state }, index) => {
    const before = path[index - 1];
    if (!before) return;
    const key = `${before.state} ${state}`;
    walked.set(key, [...(walked.get(key) ?? []), index]);
  });
  const drawn = new Map<string, string>();
  for (const [from, by, to] of [...TRANSITIONS, ...UNSEEN]) {
    const key = `${from} ${to}`;
    drawn.set(key, drawn.has(key) ? `${drawn.get(key)}, ${by}` : by);
  }
  // A reset leads from anywhere to the end.
  for (const key of walked.keys()) if (!drawn.has(key)) drawn.set(key, "RST");
  const seen = new Set(path.map(({ state }) => state));
  const last = path.at(-1)?.state;
  const said = path.map(({ state, by }) => (by ? `by ${by} to ${state}` : state)).join(", ");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" color="#111">
<title>${escapeMarkup(socket)}</title><desc>${escapeMarkup(said)}</desc>
<rect width="100%" height="100%" fill="#fff"/>
${[...drawn].map(([key, by]) => edge(key, by, walked.get(key))).join("\n")}
${(Object.keys(PLACES) as TcpState[]).map((state) => box(state, seen.has(state), state === last)).join("\n")}
<text x="8" y="${HEIGHT - 8}" font-family="system-ui,sans-serif" font-size="11" fill="currentColor">${escapeMarkup(socket)}. Thick: its way, numbered.</text>
</svg>`;
}

function box(state: TcpState, seen: boolean, last: boolean): string {
  const [x, y] = PLACES[state];
  const { width, height } = BOX;
  return `<rect x="${x - width / 2}" y="${y - height / 2}" width="${width}" height="${height}" rx="6" fill="${last ? "#111" : "#fff"}" stroke="currentColor" stroke-width="${seen ? 2.5 : 0.8}"/><text x="${x}" y="${y + 4}" text-anchor="middle" font-family="system-ui,sans-serif" font-size="12" font-weight="${seen ? 700 : 400}" fill="${last ? "#fff" : "currentColor"}">${state}</text>`;
}

function edge(key: string, by: string, numbers: number[] | undefined): string {
  const [from, to] = key.split(" ") as [TcpState, TcpState];
  const [x1, y1, x2, y2] = between(PLACES[from], PLACES[to]);
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const wing = (turn: number): string =>
    `${(x2 - 9 * Math.cos(angle + turn)).toFixed(1)},${(y2 - 9 * Math.sin(angle + turn)).toFixed(1)}`;
  const label = numbers ? `${numbers.join(", ")}: ${by}` : by;
  const style = numbers ? 'stroke-width="2.5"' : 'stroke-width="0.8" opacity="0.55"';
  const steep = Math.abs(y2 - y1) > Math.abs(x2 - x1);
  const at = `x="${((x1 + x2) / 2 + (steep ? 6 : 0)).toFixed(1)}" y="${((y1 + y2) / 2 - (steep ? -4 : 5)).toFixed(1)}" text-anchor="${steep ? "start" : "middle"}"`;
  return `<g ${numbers ? "" : 'opacity="0.75"'}><line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="currentColor" ${style}/><polygon points="${x2},${y2} ${wing(0.45)} ${wing(-0.45)}" fill="currentColor" ${style}/><text ${at} font-family="system-ui,sans-serif" font-size="10.5" font-weight="${numbers ? 700 : 400}" fill="currentColor" paint-order="stroke" stroke="#fff" stroke-width="3">${escapeMarkup(label)}</text></g>`;
}

/** From edge to edge of two boxes; where both ways exist each keeps to its right. */
function between([x1, y1]: [number, number], [x2, y2]: [number, number]): [number, number, number, number] {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const reach = Math.min(BOX.width / 2 / Math.max(1e-6, Math.abs(dx)), BOX.height / 2 / Math.max(1e-6, Math.abs(dy)));
  const aside = 7;
  const shift = (value: number): number => Math.round(value * 10) / 10;
  return [
    shift(x1 + dx * reach - dy * aside),
    shift(y1 + dy * reach + dx * aside),
    shift(x2 - dx * (reach + 2) - dy * aside),
    shift(y2 - dy * (reach + 2) + dx * aside),
  ];
}
