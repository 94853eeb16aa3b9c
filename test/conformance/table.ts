// What is shown: one kernel's outcomes in the terminal, several side by side in docs/.
import type { Outcome } from "./run.js";
import { plain } from "./wire.js";

/** A kernel that went through the suite. */
export interface Result {
  name: string;
  /** What it calls itself, with its version. */
  version: string;
  protocol: string;
  /** Messages that the suite looked at. */
  messages: number;
  outcomes: Outcome[];
}

export type Status = Outcome["status"];

/** An item passes if all of its checks do that are offered. */
export function itemStatus(outcomes: Outcome[], item: number): Status {
  const own = outcomes.filter((outcome) => outcome.item === item);
  if (own.some(({ status }) => status === "failed")) return "failed";
  return own.some(({ status }) => status === "passed") ? "passed" : "not offered";
}

export function items(outcomes: Outcome[]): number[] {
  return [...new Set(outcomes.map(({ item }) => item))];
}

export function total({ outcomes }: Pick<Result, "outcomes">): string {
  const statuses = items(outcomes).map((item) => itemStatus(outcomes, item));
  const passed = statuses.filter((status) => status === "passed").length;
  const offered = statuses.filter((status) => status !== "not offered").length;
  return `${passed} of ${offered}`;
}

const marks: Record<Status, string> = { passed: "✓", failed: "✗", "not offered": "–" };

/** One line a check, with the reasons of those that fail. */
export function outcomeLine({ item, title, status, reasons }: Outcome): string {
  const why =
    status === "passed" ? "" : reasons.map((reason) => `\n        ${reason.slice(0, 300)}`).join("");
  return `${marks[status]} ${String(item).padStart(3)}  ${title}${status === "not offered" ? " (not offered)" : ""}${why}`;
}

/** Fit for a table, and the same on every computer: no paths, no ids, no logs. */
const cell = (text: string): string =>
  plain(text)
    .replace(/ Its log ends with: .*/s, "")
    .replaceAll(/\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g, "…")
    .replaceAll(/(?<![\w.])\/\w[^\s:)'"]*\//g, "…/")
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;")
    .replaceAll("`", "'")
    .trim();

/** The page: items × kernels, and why what fails fails. */
export function document(results: Result[], { date, system }: { date: string; system: string }): string {
  const [first] = results as [Result, ...Result[]];
  const rows = first.outcomes.map(({ item, title }) => {
    const shown = results.map(({ outcomes }) => {
      const own = outcomes.find((outcome) => outcome.item === item && outcome.title === title);
      return own ? marks[own.status] : "?";
    });
    return `| ${item} | ${cell(title)} | ${shown.join(" | ")} |`;
  });
  const reasons = results.flatMap(({ name, outcomes }) => {
    const failed = outcomes.filter(({ status }) => status === "failed");
    if (failed.length === 0) return [];
    const lines = failed.map(
      ({ item, title, reasons: [reason = ""] }) =>
        `- **${item}** ${cell(title)}: ${cell(reason).slice(0, 240)}`,
    );
    return [`### ${name}`, "", ...lines, ""];
  });
  const left = results.flatMap(({ name, outcomes }) =>
    outcomes
      .filter(({ status }) => status === "not offered")
      .map(({ item, reasons: [reason = ""] }) => `- ${name}, item ${item}: ${cell(reason)}`),
  );
  return `${[
    "# Conformance",
    "",
    "How kernels keep to the [Jupyter protocol](https://jupyter-client.readthedocs.io/en/stable/messaging.html), test by test. The suite talks to a",
    "kernel over its real sockets with a client of its own, which checks schema, signature, header, parent, topic and order of every message it sees. The",
    "cells it sends are in `test/conformance/samples/`. Each test also runs on mutants, kernels in which just its rule is broken, and must fail there.",
    "",
    "This page is made by a command; any installed kernelspec can be named:",
    "",
    "```sh",
    `npm run conformance -- --kernel ${results.map(({ name }) => name).join(",")} --doc docs/conformance.md`,
    "```",
    "",
    `Made on ${date}, ${system}. ✓ passed, ✗ failed, – not offered: the protocol lets a kernel leave it out, and it does not say that it has it.`,
    "",
    `| item | test | ${results.map(({ name }) => name).join(" | ")} |`,
    `| --- | --- | ${results.map(() => ":-:").join(" | ")} |`,
    `| | version | ${results.map(({ version }) => cell(version)).join(" | ")} |`,
    `| | protocol it says | ${results.map(({ protocol }) => cell(protocol)).join(" | ")} |`,
    `| | messages checked | ${results.map(({ messages }) => messages).join(" | ")} |`,
    `| | **items passed, of those offered** | ${results.map((result) => `**${total(result)}**`).join(" | ")} |`,
    ...rows,
    "",
    "## Why tests fail",
    "",
    ...reasons,
    "## Not offered",
    "",
    ...left,
  ]
    .join("\n")
    .trimEnd()}\n`;
}
