// Can what is on a page be read on its ground?

/**
 * The lowest contrast of any text in an element to its ground, as WCAG 2.1 measures it, and that text. Drawings count as well.
 * @param within only text inside of these counts
 */
// biome-ignore lint/suspicious/noExplicitAny: it runs in the page, whose types are not here
export function leastContrast(root: any, within = "*"): { ratio: number; text: string } {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const { getComputedStyle, document, NodeFilter } = globalThis as any;
  // What was mixed of several comes as `color(srgb 0.1 0.2 0.3)`.
  const parts = (color: string): number[] =>
    (color.match(/[\d.]+/g) ?? []).map(
      (part, i) => Number(part) * (i < 3 && color.startsWith("color(") ? 255 : 1),
    );
  const over = ([r = 0, g = 0, b = 0, a = 1]: number[], below: number[], opacity = 1): number[] =>
    [r, g, b].map((one, i) => one * a * opacity + (below[i] ?? 0) * (1 - a * opacity));
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const ground = (element: any): number[] => {
    if (!element) return [255, 255, 255];
    // In a drawing a word may stand in a box, which comes before it.
    const box = element.previousElementSibling;
    const fill = element.tagName === "text" && box?.tagName === "rect" && getComputedStyle(box).fill;
    if (fill && fill !== "none") return parts(fill);
    const color = parts(getComputedStyle(element).backgroundColor);
    return color[3] === undefined ? color : over(color, ground(element.parentElement));
  };
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const opacity = (element: any): number =>
    element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1;
  const luminance = (color: number[]): number => {
    const [r = 0, g = 0, b = 0] = color.map((one) => {
      const part = one / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let least = { ratio: 99, text: "" };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!element || !node.textContent?.trim() || element.closest("style, title, desc")) continue;
    if (!element.closest(within)) continue;
    const style = getComputedStyle(element);
    const below = ground(element);
    const ink = parts(element.ownerSVGElement ? style.fill : style.color);
    const [a, b] = [luminance(over(ink, below, opacity(element))), luminance(below)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least.ratio) least = { ratio, text: node.textContent.slice(0, 60) };
  }
  return least;
}
