import { expect, test } from "vitest";
import { translateCell } from "../../src/translate/cell.js";
import { isComplete } from "../../src/translate/complete.js";
import { takeDirective } from "../../src/translate/directive.js";

test.each([
  ["%types warn\nx", "           \nx", { mode: "warn", scope: "notebook" }],
  ["%%types off\nx", "           \nx", { mode: "off", scope: "cell" }],
  ["\n  %%types error  \r\nx", "\n                 \r\nx", { mode: "error", scope: "cell" }],
  ["//%types off\nx", "//%types off\nx", { mode: "off", scope: "notebook" }],
  ["// %%types warn\nx", "// %%types warn\nx", { mode: "warn", scope: "cell" }],
])("%j", (code, text, directive) => {
  expect(takeDirective(code)).toEqual({ text, directive });
});

test.each(["x\n%types off", "%typescript", "a %types off", "%%timeit x", "// types off"])(
  "%j is none",
  (code) => {
    expect(takeDirective(code)).toEqual({ text: code });
  },
);

test.each(["%types", "%%types on", "%types warn now"])("%j is explained", (code) => {
  expect(() => translateCell(`${code}\n1`, { label: "cell" })).toThrow("error, warn or off");
  expect(isComplete(`${code}\n1`).status).toBe("complete");
});
