import { expect, test } from "vitest";
import { translateCell } from "../../src/translate/cell.js";

const advice = (code: string): string | undefined => translateCell(code, { label: "" }).advice;

test.each([
  "while (true) { const [c] = await s.accept(); await c.close() }",
  "for (;;) { await s.accept() }",
  "for (; true;) await s.accept()",
  "do { await s.accept() } while (1)",
  "try { while (true) { try { await s.accept() } catch {} } } finally { s.close() }",
  "if (s) { while (true) { await s.accept() } }",
  "enum E { A }\nwhile (true) { await s.accept() }",
])("a loop that accepts for ever is known: %s", (code) => {
  expect(advice(code)).toContain("serveForever(s, handler)");
});

test.each([
  "await s.accept()",
  "while (true) { await s.accept(); break }",
  "while (going) { await s.accept() }",
  "for (let i = 0; i < 3; i++) await s.accept()",
  "while (true) { await s.recv(1) }",
  "async function loop() { while (true) await s.accept() }",
  "while (true) { later(() => s.accept()); await 1 }",
])("a loop that ends, or does something else, gets no advice: %s", (code) => {
  expect(advice(code)).toBe(undefined);
});
