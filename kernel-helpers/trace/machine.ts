// The state machine of TCP with the way that one socket took through it (RFC 9293, figure 5).

import { inspect } from "node:util";
import { escapeHtml } from "../host/table.js";
import type { MimeBundle } from "../host-contract.js";
import { hostPort } from "../socket/printed.js";
import type { Endpoint, Step, TcpState } from "./events.js";
import { duration } from "./rows.js";
import { TRANSITIONS } from "./states.js";

/** A socket's way from state to state; shows itself as the state machine with this way in it. */
export interface Way {
  readonly socket: string;
  readonly path: readonly Step[];
  readonly [inspect.custom]?: () => string;
}

const WIDTH = 870;
const HEIGHT = 470;
const BOX = { width: 118, height: 30 };

/** The middle of each box. */
const PLACES: Record<TcpState, [x: number, y: number]> = {
  CLOSED: [370, 30],
  LISTEN: [130, 95],
  SYN_SENT: [600, 95],
  SYN_RCVD: [130, 170],
  ESTABLISHED: [370, 195],
  FIN_WAIT_1: [130, 275],
  CLOSE_WAIT: [600, 275],
  FIN_WAIT_2: [130, 355],
  CLOSING: [370, 325],
  LAST_ACK: [600, 355],
  TIME_WAIT: [370, 425],
};

/** Ways back to the beginning lead round the outside: where they turn. */
const ROUND: Record<string, number> = { "LAST_ACK CLOSED": 700, "TIME_WAIT CLOSED": 790 };

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
      return {
        "text/plain": plain,
        // In the colours of the page; as a picture dark on white.
        "text/html": draw(socket, path, { ink: "currentColor", paper: "var(--jp-layout-color0,Canvas)" }),
        "image/svg+xml": draw(socket, path, { ink: "#111", paper: "#fff" }),
      };
    },
    enumerable: false,
  });
  return way;
}

interface Colours {
  ink: string;
  paper: string;
}

function draw(socket: string, path: readonly Step[], { ink, paper }: Colours): string {
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
  const edges = [...drawn].map(([key, by]) => edge(key, by, walked.get(key)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" style="color:${ink};max-width:100%">
<title>${escapeHtml(socket)}</title><desc>${escapeHtml(said)}</desc>
<rect width="100%" height="100%" style="fill:${paper}"/>
<g font-family="system-ui,sans-serif" font-size="10.5" fill="currentColor">
${edges.map(({ line }) => line).join("\n")}
<g style="paint-order:stroke;stroke:${paper};stroke-width:3px">${edges.map(({ label }) => label).join("\n")}</g>
${(Object.keys(PLACES) as TcpState[]).map((state) => box(state, seen.has(state), state === last, paper)).join("\n")}
<text x="8" y="${HEIGHT - 8}" font-size="11">${escapeHtml(socket)}. Thick: its way, numbered.</text>
</g>
</svg>`;
}

function box(state: TcpState, seen: boolean, last: boolean, paper: string): string {
  const [x, y] = PLACES[state];
  const { width, height } = BOX;
  const [inside, text] = last ? ["currentColor", paper] : [paper, "currentColor"];
  return `<rect x="${x - width / 2}" y="${y - height / 2}" width="${width}" height="${height}" rx="6" stroke="currentColor" stroke-width="${seen ? 2.5 : 0.8}" style="fill:${inside}"/><text x="${x}" y="${y + 4}" text-anchor="middle" font-size="12" font-weight="${seen ? 700 : 400}" style="fill:${text}">${state}</text>`;
}

/** Labels come after all lines, so that none is crossed out. */
function edge(key: string, by: string, numbers: number[] | undefined): { line: string; label: string } {
  const [from, to] = key.split(" ") as [TcpState, TcpState];
  const turn = ROUND[key];
  const points =
    turn === undefined ? between(PLACES[from], PLACES[to]) : round(PLACES[from], PLACES[to], turn);
  const [[x1, y1], [x2, y2]] = points.slice(-2) as [Point, Point];
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const wing = (turned: number): string =>
    `${(x2 - 9 * Math.cos(angle + turned)).toFixed(1)},${(y2 - 9 * Math.sin(angle + turned)).toFixed(1)}`;
  const said = numbers ? `${numbers.join(", ")}: ${by}` : by;
  const [first, second] = points as [Point, Point];
  const at = beside(turn === undefined ? [...first, ...second] : [turn, first[1], turn, y2]);
  const [weight, faint] = numbers ? ["2.5", ""] : ["0.8", ' opacity="0.7"'];
  return {
    line: `<g${faint}><polyline points="${points.map((point) => point.join(",")).join(" ")}" fill="none" stroke="currentColor" stroke-width="${weight}"/><polygon points="${x2},${y2} ${wing(0.4)} ${wing(-0.4)}"/></g>`,
    label: `<text ${at} font-weight="${numbers ? 700 : 400}"${numbers ? "" : ' opacity="0.8"'}>${escapeHtml(said)}</text>`,
  };
}

type Point = [x: number, y: number];

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Where a label stands that does not touch its line. */
function beside([x1, y1, x2, y2]: [number, number, number, number]): string {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [nx, ny] = [-(y2 - y1) / length, (x2 - x1) / length];
  const [x, y] = [(x1 + x2) / 2 + nx * 8, (y1 + y2) / 2 + ny * 10 + 4];
  const anchor = Math.abs(nx) < 0.25 ? "middle" : nx > 0 ? "start" : "end";
  return `x="${rounded(x)}" y="${rounded(y)}" text-anchor="${anchor}"`;
}

/** From edge to edge of two boxes; where both ways exist each keeps to its right. */
function between([x1, y1]: Point, [x2, y2]: Point): Point[] {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const reach = Math.min(
    BOX.width / 2 / Math.max(1e-6, Math.abs(dx)),
    BOX.height / 2 / Math.max(1e-6, Math.abs(dy)),
  );
  const aside = 6;
  return [
    [rounded(x1 + dx * reach - dy * aside), rounded(y1 + dy * reach + dx * aside)],
    [rounded(x2 - dx * (reach + 2) - dy * aside), rounded(y2 - dy * (reach + 2) + dx * aside)],
  ];
}

function round([x1, y1]: Point, [x2, y2]: Point, turn: number): Point[] {
  // Two arrows end here, one above the other.
  const end = y2 + (turn > 700 ? -6 : 6);
  return [
    [x1 + BOX.width / 2, y1],
    [turn, y1],
    [turn, end],
    [x2 + BOX.width / 2 + 2, end],
  ];
}
