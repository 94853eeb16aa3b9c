// The kernel's door to koffi: what Node has no name for in the C library.
import { createRequire } from "node:module";

/**
 * What a million small messages have left between what is still used, glibc keeps: 40 MB of them. Elsewhere nothing is done.
 * @see https://man7.org/linux/man-pages/man3/malloc_trim.3.html
 */
export function mallocTrim(platform: NodeJS.Platform = process.platform): () => void {
  if (platform !== "linux") return () => {};
  try {
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    const malloc_trim = koffi.load("libc.so.6").func("int malloc_trim(size_t pad)");
    return () => malloc_trim(0);
  } catch {
    // Another C library.
    return () => {};
  }
}
