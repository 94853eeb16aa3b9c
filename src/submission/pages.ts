// Notebooks as pages to read: HTML by nbconvert, PDF by Chromium where there is one.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

export interface PageOptions {
  /** The Python that has nbconvert. */
  python: string;
  /** Where the pages go. */
  folder: string;
  pdf: boolean;
  signal: AbortSignal;
}

/** Paper does not scroll: what is wider would be cut off. */
const PRINT = `<style>
@page { margin: 12mm; }
@media print {
  body { zoom: 0.8; padding: 0 !important; }
  pre { white-space: pre-wrap !important; overflow-wrap: anywhere; }
  svg, img { max-width: 100%; }
}
</style>
`;

const HTML_MS = 180_000;
const PDF_MS = 60_000;

/** Makes pages of notebooks. @returns what could not be made, in words */
export async function makePages(notebooks: readonly string[], options: PageOptions): Promise<string[]> {
  const { python, folder, signal } = options;
  if (notebooks.length === 0) return [];
  if (!existsSync(python)) return [`No pages to read: there is no ${python}. To set it up: npm run setup`];
  mkdirSync(folder, { recursive: true });
  const convert = (files: readonly string[]): Promise<string | undefined> =>
    run(
      python,
      ["-m", "nbconvert", "--to", "html", "--log-level=ERROR", `--output-dir=${folder}`, ...files],
      HTML_MS,
      signal,
    );
  const notes: string[] = [];
  // One that nbconvert does not like keeps it from all that follow.
  if (await convert(notebooks))
    for (const one of notebooks) {
      const problem = await convert([one]);
      if (problem) notes.push(`No page of ${basename(one)}: ${problem}`);
    }
  const pages = notebooks
    .map((one) => join(folder, basename(one).replace(/\.ipynb$/, ".html")))
    .filter((page) => existsSync(page));
  for (const page of pages)
    writeFileSync(
      page,
      readFileSync(page, "utf8").replace("</head>", () => `${PRINT}</head>`),
    );
  const chromium = options.pdf ? findChromium() : undefined;
  if (chromium === undefined) return notes;
  for (const page of pages) {
    const problem = await toPdf(chromium, page, signal);
    if (problem) notes.push(`No PDF of ${basename(page, ".html")}.ipynb: ${problem}`);
  }
  return notes;
}

async function toPdf(chromium: string, page: string, signal: AbortSignal): Promise<string | undefined> {
  const target = page.replace(/\.html$/, ".pdf");
  const problem = await run(
    chromium,
    [
      "--headless",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      // A page of a notebook asks for fonts and formulas from outside; on a train it would wait for them.
      "--host-resolver-rules=MAP * ~NOTFOUND",
      // Where the user is root, as in containers, Chromium has no sandbox of its own.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      `--user-data-dir=${join(page, "..", "..", "browser")}`,
      "--no-pdf-header-footer",
      `--print-to-pdf=${target}`,
      pathToFileURL(page).href,
    ],
    PDF_MS,
    signal,
  );
  return existsSync(target) ? undefined : (problem ?? "Chromium wrote none");
}

const PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

/** A browser that prints, if there is one. */
export function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (env.WIREBOOK_CHROMIUM !== undefined) return env.WIREBOOK_CHROMIUM || undefined;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
  const onPath = (env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => names.map((name) => join(folder, name)));
  return [...(PLACES[platform] ?? []), ...onPath].find((path) => existsSync(path));
}

/** @returns what went wrong, from its last words */
function run(command: string, args: string[], ms: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((done) => {
    let said = "";
    const child = spawn(command, args, {
      stdio: ["ignore", "ignore", "pipe"],
      windowsHide: true,
      timeout: ms,
      killSignal: "SIGKILL",
      signal,
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2000);
    });
    child.once("error", (error) => done(error.message));
    child.once("close", (code, ended) => {
      if (code === 0) done(undefined);
      else
        done(
          said.trim().split("\n").at(-1) ||
            (ended ? `it took longer than ${ms / 1000} s` : `exit code ${code}`),
        );
    });
  });
}
