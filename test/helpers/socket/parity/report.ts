// docs/socket-parity.md: what was compared, how much of it is the same, and every difference with its reason.
import type { Comparison, Row } from "./compare.js";

export function share(rows: readonly Row[]): string {
  const same = rows.filter(({ same }) => same).length;
  return `${same} of ${rows.length} (${((100 * same) / rows.length).toFixed(1)} %)`;
}

const code = (text: string): string => `\`${text.replaceAll("|", "\\|").replaceAll("`", "'")}\``;

function differences(title: string, rows: readonly Row[]): string[] {
  const different = rows.filter(({ same }) => !same);
  if (different.length === 0) return [];
  return [
    `## ${title}`,
    "",
    "| | CPython | Wirebook | why |",
    "| --- | --- | --- | --- |",
    ...different.map(
      ({ what, theirs, ours, reason = "**no reason: a fault**" }) =>
        `| ${code(what)} | ${code(theirs)} | ${code(ours)} | ${reason} |`,
    ),
    "",
  ];
}

export function report({ version, names, methods, answers }: Comparison): string {
  return [
    "# `wirebook/socket` beside Python's `socket`",
    "",
    "The same expressions are evaluated by CPython and by Wirebook, on the same machine and on fresh sockets each time; results, classes of",
    "errors, numbers and messages are compared, letter by letter. This page is made by a command:",
    "",
    "```sh",
    "npm run parity -- --doc",
    "```",
    "",
    `CPython ${version}, Node ${process.version}, ${process.platform} ${process.arch}, back-end ${process.env.WIREBOOK_SOCKETS ?? "koffi"}.`,
    "",
    "| compared | the same |",
    "| --- | --- |",
    `| public names of the module, constants by their numbers | ${share(names)} |`,
    `| public names of the class | ${share(methods)} |`,
    `| answers, most of them errors | ${share(answers)} |`,
    "",
    "On purpose, everywhere: what waits for the network is a promise; tuples are arrays; strings are sent as UTF-8 (CPython wants bytes);",
    "`select`, `recvExactly` and `readuntil` come from Python's `select` and `asyncio`.",
    "",
    ...differences("Answers that differ", answers),
    ...differences("Names that are not there", [...names, ...methods]),
    "## Names that were compared",
    "",
    `\`dir(socket)\`: ${list(names)}.`,
    "",
    `\`dir(socket.socket)\`: ${list(methods)}.`,
    "",
  ].join("\n");
}

const list = (rows: readonly { what: string }[]): string =>
  rows.map(({ what }) => `\`${what.replace(/^socket\./, "")}\``).join(", ");
