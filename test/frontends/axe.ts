// What axe finds on a page: the rules of WCAG 2.1, levels A and AA, that a program can try.
import axe from "axe-core";
import type { Page } from "playwright-core";

/** Rules that a page breaks, each with the places where. @param ours only what stands within these counts */
export async function violations(page: Page, ours: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (selectors) => {
    // biome-ignore lint/suspicious/noExplicitAny: it runs in the page, whose types are not here
    const { axe, document } = globalThis as any;
    const { violations } = await axe.run(
      { include: selectors.filter((one) => document.querySelector(one)).map((one) => [one]) },
      {
        runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] },
        resultTypes: ["violations"],
      },
    );
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const found: any[] = violations;
    return found.flatMap(({ id, nodes }) =>
      // biome-ignore lint/suspicious/noExplicitAny: as above
      nodes.map(({ html, failureSummary }: any) =>
        `${id}: ${html.slice(0, 200)} ${failureSummary}`.replace(/\s+/g, " "),
      ),
    );
  }, ours);
}
