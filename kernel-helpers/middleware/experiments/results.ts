// What the experiments found: data, a table in a notebook, and text anywhere else.
import { inspect } from "node:util";
import { escapeHtml } from "../../host/table.js";
import type { MimeBundle } from "../../host-contract.js";
import type { Check, Verdict } from "./observed.js";

/** What one experiment found of one design. */
export interface Finding {
  /** Of what kind of transparency (RM-ODP, ISO/IEC 10746-3; concurrency and scaling as ANSA has them). */
  readonly kind: string;
  /** As the design was called. */
  readonly design: string;
  readonly verdict: Verdict;
  readonly evidence: string;
  readonly checks: readonly Check[];
  /** What was wrong besides: what did not end by itself. */
  readonly troubles: readonly string[];
  readonly ms: number;
}

const SIGNS: Readonly<Record<Verdict, string>> = { offered: "●", partly: "◐", not: "○" };

/** Twice, since JupyterLab's own rules for tables name two classes. */
const ROOT = "div.wirebook-experiments.wirebook-experiments";
const STYLE = `${ROOT}{font:12px/1.35 system-ui,sans-serif;overflow-x:auto}
${ROOT} table{border-collapse:collapse;table-layout:fixed;width:100%;min-width:36em;margin:0;font:inherit;border:0}
${ROOT} tr{background:none}
${ROOT} :is(th,td){padding:4px 12px 4px 0;text-align:left;vertical-align:top;white-space:normal;overflow-wrap:anywhere;border:0;border-bottom:1px solid rgba(128,128,128,.4)}
${ROOT} thead th{border-bottom-width:2px;font-size:13px}
${ROOT} th:first-child{width:12em}
${ROOT} :is(tbody th,b){font-size:13px;font-weight:600}
${ROOT} small{display:block;font-size:12px;font-weight:400;opacity:.8}
${ROOT} summary{cursor:pointer;list-style:none}
${ROOT} summary::-webkit-details-marker{display:none}
${ROOT} summary:focus-visible{outline:2px solid currentColor;outline-offset:2px}
${ROOT} summary b::after{content:" ▸";opacity:.6;font-weight:400}
${ROOT} details[open]>summary b::after{content:" ▾"}
${ROOT} .offered b{color:color-mix(in srgb,var(--jp-success-color1,#2a8a35) 75%,currentColor)}
${ROOT} ul{margin:6px 0 0;padding:0 0 0 1.3em;list-style:none}
${ROOT} li{margin:3px 0;text-indent:-1.3em}
${ROOT} p{margin:8px 0 0}`;

export class Results {
  /** Kinds of transparency, in the order of the table, and what each hides. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly designs: readonly string[];
  readonly findings: readonly Finding[];

  /**
   * @internal
   * @param options.isShown it is shown already where somebody asks for it
   */
  constructor(
    kinds: Readonly<Record<string, string>>,
    designs: readonly string[],
    findings: readonly Finding[],
    { isShown = () => false }: { isShown?: () => boolean } = {},
  ) {
    this.kinds = kinds;
    this.designs = designs;
    this.findings = findings;
    const show = (): MimeBundle | undefined => (isShown() ? undefined : this.bundle());
    Object.defineProperty(this, Symbol.for("Jupyter.display"), { value: show, enumerable: false });
    Object.defineProperty(this, inspect.custom, { value: () => this.toString(), enumerable: false });
  }

  /** @returns undefined: that experiment was not made */
  of(kind: string, design: string): Finding | undefined {
    return this.findings.find((one) => one.kind === kind && one.design === design);
  }

  /** How many kinds of transparency a design offers, partly offers, and does not offer. */
  count(design: string): Record<Verdict, number> {
    const count = { offered: 0, partly: 0, not: 0 };
    for (const finding of this.findings) if (finding.design === design) count[finding.verdict]++;
    return count;
  }

  #summary(): string {
    return this.designs
      .map((design) => {
        const { offered, partly, not } = this.count(design);
        return `${design}: ${offered} offered, ${partly} partly, ${not} not`;
      })
      .join("; ");
  }

  bundle(): MimeBundle {
    return { "text/plain": this.toString(), "text/html": this.#toHtml() };
  }

  toString(): string {
    const lines = Object.keys(this.kinds).flatMap((kind) => [
      kind,
      ...this.designs.map((design) => {
        const found = this.of(kind, design);
        return `  ${design}: ${found ? `${SIGNS[found.verdict]} ${found.verdict}. ${[found.evidence, ...found.troubles].join(" ")}` : "…"}`;
      }),
    ]);
    return [...lines, this.#summary()].join("\n");
  }

  #toHtml(): string {
    const rows = Object.entries(this.kinds).map(([kind, hides]) => {
      const cells = this.designs.map((design) => toCell(this.of(kind, design)));
      return `<tr><th scope="row">${kind}<small>${escapeHtml(hides)}</small></th>${cells.join("")}</tr>`;
    });
    const heads = this.designs.map((design) => `<th scope="col">${escapeHtml(design)}</th>`);
    return `<div class="wirebook-experiments"><style>${STYLE}</style><table aria-label="what the experiments have found"><thead><tr><th scope="col">transparency<small>hides …</small></th>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table><p>${escapeHtml(this.#summary())}. A click on a verdict shows what was looked at.</p></div>`;
  }
}

function toCell(found: Finding | undefined): string {
  if (!found) return "<td>…</td>";
  const { verdict, evidence, checks, troubles } = found;
  const seen = [
    ...checks.map(
      ({ what, held, saw }) => `<li>${held ? "✓" : "✕"} ${escapeHtml(what)}: ${escapeHtml(saw)}</li>`,
    ),
    ...troubles.map((trouble) => `<li>! ${escapeHtml(trouble)}</li>`),
  ];
  const head = `<b>${SIGNS[verdict]} ${verdict}</b>`;
  const text = `<small>${escapeHtml(evidence)}</small>`;
  return seen.length === 0
    ? `<td class="${verdict}">${head}${text}</td>`
    : `<td class="${verdict}"><details><summary>${head}${text}</summary><ul>${seen.join("")}</ul></details></td>`;
}
