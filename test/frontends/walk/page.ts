// What a student sees of a cell.

/** What there is of a cell on the page. */
export interface Seen {
  kind: "code" | "markdown";
  /** What is to be read: the rendered text, or the code. */
  text: string;
  /** It is the one that Shift + Enter runs. */
  active: boolean;
  output: string;
  /** Something in red stands below it. */
  red: boolean;
  /** Pictures that show nothing. */
  blank: number;
}

/** Does the page say that a cell fails? */
export function isAnnounced(before: string, code: string): boolean {
  return /meant\s+to\s+fail|does this line work\?|what does the client get when the server is closed\?/i.test(
    `${before}\n${/^\s*\/\/.*/m.exec(code)?.[0] ?? ""}`,
  );
}

/** What is to be seen of a cell. It runs in the page. */
// biome-ignore lint/suspicious/noExplicitAny: the page's types are not here
export function look(cell: any): Seen {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const all = (selector: string): any[] => [...cell.querySelectorAll(selector)];
  const texts = (selector: string): string =>
    all(selector)
      .map((one) => one.textContent)
      .join("\n");
  const kind = cell.classList.contains("jp-MarkdownCell") ? "markdown" : "code";
  return {
    kind,
    text: texts(kind === "markdown" ? ".jp-RenderedMarkdown" : ".cm-line"),
    active: cell.classList.contains("jp-mod-active"),
    output: texts(".jp-OutputArea-output"),
    red: all('[data-mime-type="application/vnd.jupyter.stderr"]').length > 0,
    blank: all(".jp-RenderedMarkdown img, .jp-OutputArea-output :is(img, svg)").filter(
      (one) => one.naturalWidth === 0 || (one.checkVisibility() && one.getBoundingClientRect().width < 4),
    ).length,
  };
}
