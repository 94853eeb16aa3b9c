// How other runtimes name packages, and what Node calls the same.
import { expect, test } from "vitest";
import { adviceOn, toNodeSpecifier, withNodeSpecifiers } from "../../src/translate/specifier.js";

test.each([
  ["npm:greeting", "greeting", "npm install greeting"],
  ["npm:/react@18", "react", "npm install react@18"],
  ["npm:lodash@4.17/fp", "lodash/fp", "npm install lodash@4.17"],
  ["npm:@scope/name@^1.2.3/deep/file", "@scope/name/deep/file", 'npm install "@scope/name@^1.2.3"'],
  ["jsr:@std/csv@1.0.5", "@std/csv", "npx jsr add @std/csv@1.0.5"],
  ["jsr:@std/csv/parse", "@std/csv/parse", "npx jsr add @std/csv"],
  ["https://esm.sh/d3@7?bundle", "d3", "npm install d3@7"],
  ["https://esm.sh/v135/react-dom@18/server", "react-dom/server", "npm install react-dom@18"],
  ["https://esm.sh/@scope/name", "@scope/name", "npm install @scope/name"],
  ["https://cdn.jsdelivr.net/npm/d3@7/+esm", "d3", "npm install d3@7"],
  ["https://cdn.skypack.dev/preact?dts", "preact", "npm install preact"],
  ["https://unpkg.com/lodash@4/lodash.js?module", "lodash/lodash.js", "npm install lodash@4"],
  ["https://deno.land/std@0.194.0/csv/mod.ts", "@std/csv", "npx jsr add @std/csv"],
  ["https://deno.land/std/crypto/to_hash_string.ts", "@std/crypto/to-hash-string", "npx jsr add @std/crypto"],
  ["https://deno.land/x/display@v1.1.2/mod.ts", "wirebook/deno", "No code is fetched"],
  ["https://deno.land/x/plot/mod.ts", undefined, "No code is fetched"],
  ["https://example.com/code.js", undefined, "No code is fetched"],
  ["greeting", undefined, undefined],
  ["node:fs", undefined, undefined],
  ["./local.ts", undefined, undefined],
])("%s is %s, and where it is not there: %s", (specifier, name, advice) => {
  expect(toNodeSpecifier(specifier)).toBe(name);
  if (advice === undefined) expect(adviceOn(specifier)).toBeUndefined();
  else expect(adviceOn(specifier)).toContain(advice);
});

test("the type checker reads Node's names, each at the place and of the length of what is written", () => {
  const text =
    'import a from "npm:greeting@2"; import b from \'jsr:@std/csv\'\nexport * from "https://esm.sh/d3"; import("npm:x"); const s = "npm:y"; import c from "https://example.com/c.js"';
  const read = withNodeSpecifiers(text);
  expect(read.text).toHaveLength(text.length);
  expect(read.text.replace(/ +/g, " ")).toBe(
    'import a from "greeting" ; import b from \'@std/csv\' \nexport * from "d3" ; import("x" ); const s = "npm:y"; import c from "https://example.com/c.js"',
  );
  expect([...read.written]).toEqual([
    ["greeting", "npm:greeting@2"],
    ["@std/csv", "jsr:@std/csv"],
    ["d3", "https://esm.sh/d3"],
    ["x", "npm:x"],
  ]);
});
