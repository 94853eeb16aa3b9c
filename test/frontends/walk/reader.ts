// A student at JupyterLab: reads what is on the page, and types and clicks what it says. All that the page promises and does not keep is noted.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { isAnnounced, look, type Seen } from "./page.js";
import { answers, type Change, changes, notes, predictions, id as student } from "./student.js";

export interface Reading {
  notebook: string;
  /** Words to read, and words of code, which take twice as long. */
  words: number;
  code: number;
  /** How long the cells took, in ms. */
  ran: number;
  /** The time that the notebook's head names, in minutes. */
  promised: number | undefined;
  faults: string[];
}

const RUNS_MS = 90_000;
const WORDS_A_MINUTE = 200;

/** How long a student reads in a notebook, in minutes. */
export function minutes({ words, code, ran }: Reading): number {
  return words / WORDS_A_MINUTE + code / (WORDS_A_MINUTE / 2) + ran / 60_000;
}

export class Reader {
  readonly #page: Page;
  readonly #shots: string | undefined;
  readonly readings: Reading[] = [];
  /** Notes that the page wants later. */
  readonly #later = new Set<string>();
  #now: Reading = { notebook: "", words: 0, code: 0, ran: 0, promised: undefined, faults: [] };

  constructor(page: Page, shots?: string) {
    this.#page = page;
    this.#shots = shots;
  }

  /** The notebook in front; others are open behind it. */
  get #front(): Locator {
    return this.#page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)");
  }

  #fault(cell: string, text: string): void {
    this.#now.faults.push(`${this.#now.notebook}, ${cell}: ${text}`);
  }

  /** Waits until the notebook is in front and takes cells. */
  async opened(notebook: string): Promise<void> {
    await this.#page
      .locator(".lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current", { hasText: notebook })
      .waitFor({ timeout: 60_000 });
    await this.#front.locator(".jp-Cell").first().waitFor({ timeout: 60_000 });
    await this.#front
      .locator(
        '.jp-Toolbar:has(.jp-Toolbar-kernelName:has-text("Wirebook")) .jp-Notebook-ExecutionIndicator[data-status="idle"]',
      )
      .waitFor({ timeout: 90_000 });
  }

  /** Reads a notebook from its top to its bottom, and does what it says. */
  async read(notebook: string, ids: readonly string[]): Promise<Reading> {
    await this.opened(notebook);
    this.#now = { notebook, words: 0, code: 0, ran: 0, promised: undefined, faults: [] };
    this.readings.push(this.#now);
    const cells = this.#front.locator(".jp-Notebook .jp-Cell");
    // What the text before a code cell says counts for all code cells up to the next text.
    let before = "";
    let above: Seen | undefined;
    await cells.first().locator("h1").click();
    for (const [i, id] of ids.entries()) {
      const cell = cells.nth(i);
      const seen = await this.#look(cell, id);
      if (seen.kind === "markdown")
        before = above?.kind === "markdown" ? `${before}\n${seen.text}` : seen.text;
      await this.#do(cell, id, seen, before);
      above = seen;
    }
    await this.#shot(notebook.slice(0, 1));
    return this.#now;
  }

  async #look(cell: Locator, id: string): Promise<Seen> {
    const seen = await cell.evaluate(look);
    const words = seen.text.split(/\s+/).filter((word) => /\w/.test(word)).length;
    this.#now[seen.kind === "code" ? "code" : "words"] += words;
    const time = /^Time: about (\d+) minutes/m.exec(seen.text)?.[1];
    if (time !== undefined) this.#now.promised = Number(time);
    if (!seen.active) this.#fault(id, "is not the next cell after Shift + Enter");
    return seen;
  }

  async #do(cell: Locator, id: string, { kind, text, blank }: Seen, before: string): Promise<void> {
    if (kind === "markdown") {
      if (blank > 0) this.#fault(id, "a picture does not appear");
      if (/\(Come back here/.test(text)) this.#later.add(id);
      else if (/Double-click here and write/.test(text)) await this.#note(cell, id);
      else if (/^Your answer to /m.test(text)) await this.#answer(cell, id);
      await this.#page.keyboard.press("Shift+Enter");
      return;
    }
    if (/predict\('[^']*', ``\)/.test(text)) {
      await this.#change(cell, id, [["``", `\`${given(predictions, this.#now.notebook, id)}\``]]);
    } else if (/^iAm\(``\)/m.test(text)) {
      await this.#change(cell, id, [["``", `\`${student}\``]]);
    } else if (/← your choice/.test(text)) {
      await this.#change(cell, id, [["'internet'; //", "'stand-in'; //"]]);
    } else if (/throw new NotAnswered\(/.test(text)) {
      await this.#change(cell, id, given(changes, this.#now.notebook, id));
    }
    await this.#run(cell, id, isAnnounced(before, text));
  }

  /** "(Double-click here and write.)" */
  async #note(cell: Locator, id: string): Promise<void> {
    await cell.locator(".jp-RenderedMarkdown").getByText("Double-click here and write").dblclick();
    await this.#replaceLine(cell, "Double-click here and write", [given(notes, this.#now.notebook, id)]);
  }

  /** Behind each thing that is asked for, and in the empty rows of a table. */
  async #answer(cell: Locator, id: string): Promise<void> {
    await cell.locator(".jp-RenderedMarkdown").dblclick({ position: { x: 30, y: 12 } });
    for (const [asked, answer] of given(answers, this.#now.notebook, id)) {
      await this.#goToEnd(cell, asked);
      if (asked.startsWith("| | |")) await this.#page.keyboard.press("Shift+Home");
      await this.#type(asked.startsWith("| | |") ? answer : ` ${answer}`);
    }
  }

  /** Key by key, and the rest of a long text at once: as by hand, only faster. */
  async #type(text: string): Promise<void> {
    await this.#page.keyboard.type(text.slice(0, 12));
    if (text.length > 12) await this.#page.keyboard.insertText(text.slice(12));
  }

  async #goToEnd(cell: Locator, text: string): Promise<void> {
    await cell.locator(".cm-line", { hasText: text }).first().click();
    // A long line takes several rows of the page: the first End goes to the end of one of them.
    await this.#page.keyboard.press("End");
    await this.#page.keyboard.press("End");
  }

  async #replaceLine(cell: Locator, text: string, lines: readonly string[]): Promise<void> {
    await this.#goToEnd(cell, text);
    await this.#page.keyboard.press("Shift+Home");
    await this.#page.keyboard.press("Shift+Home");
    for (const [i, line] of lines.entries()) {
      if (i > 0) await this.#page.keyboard.press("Enter");
      // JupyterLab indents by itself.
      await this.#type(line.trim());
    }
  }

  async #change(cell: Locator, id: string, wanted: readonly Change[]): Promise<void> {
    for (const [old, ...lines] of wanted) {
      const line = cell.locator(".cm-line", { hasText: old }).first();
      const whole = (await line.textContent()) ?? "";
      const [first = "", ...others] = lines;
      await this.#replaceLine(cell, old, [whole.replace(old, () => first), ...others]);
    }
    const popup = this.#page.locator(".jp-Completer:visible");
    if ((await popup.count()) > 0) this.#fault(id, "completions cover what was typed");
  }

  async #run(cell: Locator, id: string, announced: boolean): Promise<void> {
    const began = Date.now();
    await this.#page.keyboard.press("Shift+Enter");
    const ran = await cell
      .locator(".jp-InputPrompt", { hasText: /\[\d+\]/ })
      .waitFor({ timeout: RUNS_MS })
      .then(
        () => true,
        () => false,
      );
    this.#now.ran += Date.now() - began;
    if (!ran) this.#fault(id, `does not end within ${RUNS_MS / 1000} s`);
    const { red, output, blank } = await cell.evaluate(look);
    if (red && !announced) this.#fault(id, `is red, and the page does not say so: ${output.slice(0, 300)}`);
    if (/something is missing|✗ /.test(output))
      this.#fault(id, `the check does not pass: ${output.slice(0, 400)}`);
    if (/No prediction yet/.test(output)) this.#fault(id, "the prediction is not taken");
    if (blank > 0) this.#fault(id, "a picture does not appear");
  }

  /** "Choose Kernel → Restart Kernel and Run All Cells… in each notebook" */
  async runAgain(notebook: string): Promise<void> {
    await this.goTo(notebook);
    await this.#page.locator('.lm-MenuBar-item:has-text("Kernel")').click();
    await this.#page.locator('.lm-Menu-itemLabel:text-is("Restart Kernel and Run All Cells…")').click();
    await this.#page.locator('.jp-Dialog button:has-text("Restart")').last().click();
    await this.#waiting.first().waitFor({ timeout: 60_000 });
  }

  /** "Check that every output is what your text says, and save (Ctrl + S)" */
  async save(notebook: string): Promise<void> {
    await this.goTo(notebook);
    await this.#waiting.first().waitFor({ state: "detached", timeout: 180_000 });
    const saved = this.#page.waitForResponse(
      (response) => response.request().method() === "PUT" && response.url().includes(notebook),
      { timeout: 60_000 },
    );
    await this.#page.keyboard.press("Control+s");
    await (await saved).finished();
  }

  /** Cells that have not run to their ends. */
  get #waiting(): Locator {
    return this.#front.locator('.jp-InputPrompt:text-is("[*]:")');
  }

  async goTo(notebook: string): Promise<void> {
    await this.#page
      .locator(".lm-DockPanel-tabBar .lm-TabBar-tab", { hasText: notebook.slice(0, 8) })
      .click();
  }

  /** Clicks on the link to another notebook, at the end of the page. */
  async follow(name: string): Promise<void> {
    const link = this.#front.locator(`.jp-RenderedMarkdown a[href*="${name}"]`).last();
    await link.click();
  }

  /** Follows the link back to a heading, and writes the note below it that was left open. */
  async goBack(notebook: string, heading: string, ids: readonly string[]): Promise<void> {
    await this.follow(notebook);
    await this.opened(notebook);
    const place = this.#front.getByRole("heading", { name: heading });
    await place.waitFor({ timeout: 30_000 });
    await this.#page.waitForFunction(
      (element) => {
        // biome-ignore lint/suspicious/noExplicitAny: the page's types are not here
        const { top, bottom } = (element as any).getBoundingClientRect();
        return top >= 0 && bottom < 950;
      },
      await place.elementHandle(),
      { timeout: 30_000 },
    );
    for (const id of [...this.#later].filter((one) => ids.includes(one))) {
      await this.#note(this.#front.locator(".jp-Notebook .jp-Cell").nth(ids.indexOf(id)), id);
      await this.#page.keyboard.press("Shift+Enter");
      this.#later.delete(id);
    }
  }

  /** Notes that nothing has led back to. */
  get open(): string[] {
    return [...this.#later];
  }

  async #shot(name: string): Promise<void> {
    if (!this.#shots) return;
    mkdirSync(this.#shots, { recursive: true });
    await this.#page.screenshot({ path: join(this.#shots, `${name}.png`) });
  }
}

function given<T>(table: Readonly<Record<string, T>>, notebook: string, id: string): T {
  const found = table[id];
  if (found === undefined)
    throw new Error(`The page asks for something that the student does not know: ${notebook}, ${id}`);
  return found;
}
