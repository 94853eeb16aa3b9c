// JupyterLab in a real browser, as a student uses it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { root } from "../places.js";
import { browser, type JupyterServer, startJupyter, writeCells } from "./jupyter-server.js";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const shots = join(root, "test", ".shots");

export class LabPage implements AsyncDisposable {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #profile: string;
  readonly #server: JupyterServer;
  #ownsServer = false;
  #notebook = "";
  #ids: string[] = [];
  /** Ids of the code cells, in order. */
  codeCells: string[] = [];

  private constructor(page: Page, context: BrowserContext, profile: string, server: JupyterServer) {
    this.page = page;
    this.#context = context;
    this.#profile = profile;
    this.#server = server;
  }

  static async open(server: JupyterServer): Promise<LabPage> {
    const profile = mkdtempSync(join(tmpdir(), "wirebook-browser-"));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: browser,
      headless: true,
      args: FLAGS,
      viewport: { width: 1300, height: 950 },
    });
    context.setDefaultTimeout(30_000);
    return new LabPage(context.pages()[0] ?? (await context.newPage()), context, profile, server);
  }

  /** A server of its own, with a notebook of these cells open. */
  static async withCells(name: string, cells: Record<string, string>): Promise<LabPage> {
    await using unfinished = new AsyncDisposableStack();
    const server = unfinished.use(await startJupyter());
    writeCells(server, name, cells);
    const lab = unfinished.use(await LabPage.open(server));
    await lab.openNotebook(name);
    unfinished.move();
    lab.#ownsServer = true;
    return lab;
  }

  /** The folder that the server shows. */
  get notebooks(): string {
    return this.#server.notebooks;
  }

  /** Opens a notebook and waits until its kernel is there. In Notebook a notebook is the whole page. */
  async openNotebook(name: string, place: "lab/tree" | "notebooks" = "lab/tree"): Promise<void> {
    this.#notebook = name;
    const notebook = JSON.parse(readFileSync(join(this.#server.notebooks, name), "utf8")) as {
      cells: { id: string; cell_type: string }[];
    };
    this.#ids = notebook.cells.map((cell) => cell.id);
    this.codeCells = notebook.cells.filter((cell) => cell.cell_type === "code").map((cell) => cell.id);
    await this.page.goto(`${this.#server.url}/${place}/${name}?token=${this.#server.token}&reset`);
    await this.ready();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Waits until the notebook is there and its kernel takes cells. */
  async ready(): Promise<void> {
    await this.page.waitForSelector(".jp-Notebook .jp-Cell", { timeout: 120_000 });
    await this.page.waitForSelector('.jp-Toolbar-kernelName:has-text("Wirebook")', { timeout: 120_000 });
    // The name stands there before the kernel does, and a cell that is run too early is not run at all.
    await this.page.waitForSelector(
      '.jp-Notebook-ExecutionIndicator:is([data-status="idle"], [data-status="busy"])',
      { timeout: 120_000 },
    );
  }

  /** The cell with this id in the notebook's file. */
  cell(id: string): Locator {
    const index = this.#ids.indexOf(id);
    if (index < 0) throw new Error(`${this.#notebook} has no cell ${id}`);
    return this.page.locator(".jp-Notebook .jp-Cell").nth(index);
  }

  async start(id: string): Promise<void> {
    const cell = this.cell(id);
    await cell.scrollIntoViewIfNeeded();
    await cell.locator(".jp-InputArea-editor").click();
    await this.page.keyboard.press("Shift+Enter");
  }

  /** Runs a cell as a student does, and waits until its number stands beside it. */
  async run(id: string, timeout = 30_000): Promise<void> {
    const prompt = this.cell(id).locator(".jp-InputPrompt");
    const before = (await prompt.textContent()) ?? "";
    await this.start(id);
    await this.page.waitForFunction(
      ([element, old]) => /\[\d+\]/.test(element?.textContent ?? "") && element?.textContent !== old,
      [await prompt.elementHandle(), before] as const,
      { timeout },
    );
  }

  /** All that stands below a cell. */
  async output(id: string): Promise<string> {
    return (await this.cell(id).locator(".jp-OutputArea-output").allInnerTexts()).join("\n");
  }

  /** The same, as it is in the page, also where drawing it takes long. */
  async text(id: string): Promise<string> {
    return (await this.cell(id).locator(".jp-OutputArea-output").allTextContents()).join("");
  }

  /** Waits until the output of a cell has this in it. */
  async see(id: string, text: string | RegExp, timeout = 20_000): Promise<void> {
    await this.cell(id)
      .locator(".jp-OutputArea-output")
      .filter({ hasText: text })
      .first()
      .waitFor({ timeout });
  }

  async menu(...labels: string[]): Promise<void> {
    await this.page.locator(`.lm-MenuBar-item:has-text("${labels[0]}")`).first().click();
    await this.page.locator(`.lm-Menu-item:has(.lm-Menu-itemLabel:text-is("${labels[1]}"))`).first().click();
  }

  /** JupyterLab's dark theme; the old one stays on the page until the curtain is gone. */
  async dark(): Promise<void> {
    await this.menu("Settings", "Theme");
    await this.page.locator('.lm-Menu-itemLabel:text-is("JupyterLab Dark")').click();
    await this.page.waitForSelector('body[data-jp-theme-name="JupyterLab Dark"]', { state: "attached" });
    await this.page.waitForSelector("#jupyterlab-splash", { state: "detached" });
  }

  async accept(button: string): Promise<void> {
    await this.page.locator(`.jp-Dialog button:has-text("${button}")`).first().click();
  }

  async save(): Promise<{
    cells: { id: string; outputs?: { text?: string[] | string; output_type: string }[] }[];
  }> {
    await this.page.keyboard.press("Escape");
    // A page with megabytes to draw takes its time to begin.
    const saved = this.page.waitForResponse(
      (response) => response.request().method() === "PUT" && response.url().includes("/api/contents/"),
      { timeout: 120_000 },
    );
    await this.page.keyboard.press("Control+s");
    await (await saved).finished();
    return JSON.parse(readFileSync(join(this.#server.notebooks, this.#notebook), "utf8"));
  }

  async shot(name: string, page: Page = this.page): Promise<void> {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true });
    if (this.#ownsServer) await this.#server[Symbol.asyncDispose]();
  }
}
