import { expect, it } from "vitest";
import { isCaught } from "../../src/translate/catches.js";

it.each([
  ["at the cell's own level", "const a = 1;\n§throw 1;", false],
  ["in a try", "try {\n  §f();\n} catch {}", true],
  ["in a try that has only a finally", "try { §f(); } finally {}", false],
  ["in the catch itself", "try { f(); } catch { §g(); }", false],
  ["in the finally", "try { f(); } catch {} finally { §g(); }", false],
  ["in a function that a try only defines", "try { const g = () => { §f(); }; } catch {}", false],
  ["in a method that a try only defines", "try { class A { go() { §f(); } } } catch {}", false],
  ["in a default of a parameter", "try { go((a = §f()) => a); } catch {}", false],
  ["in a promise that has a catch", "§f().catch(() => 1);", true],
  ["in a promise that has two callbacks", "await §f().then(() => 1, () => 2);", true],
  ["in a promise that has one callback", "await §f().then(() => 1);", false],
  ["in a callback of one", "f().catch(() => §g());", false],
  ["in typed code", "try { const x = (§f() as unknown) as number; } catch (error: unknown) {}", true],
  ["where a try encloses a block", "try { if (a) { for (;;) { §f(); } } } catch {}", true],
])("an error %s is caught: %#", (_, marked, caught) => {
  const before = marked.slice(0, marked.indexOf("§")).split("\n");
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  expect(isCaught(marked.replace("§", ""), place)).toBe(caught);
});
