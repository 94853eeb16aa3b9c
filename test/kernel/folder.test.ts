// What lies in the notebook's folder is the user's to run, and nobody else's: a folder may come from a stranger.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { startKernelProcess } from "./kernel.js";

/** Packages that the kernel itself loads, or that a careless one might. */
const packages = [
  "zeromq",
  "koffi",
  "oxc-parser",
  "oxc-transform",
  "magic-string",
  "esbuild",
  "typescript",
  "vscode-jsonrpc",
  "jsonc-parser",
  "@babel/code-frame",
  "wirebook",
  "dotenv",
];

test("nothing in the folder is executed before a cell asks for it, and the kernel's own packages never come from there", async () => {
  await using kernel = await startKernelProcess({
    prepare(folder) {
      const bait = (path: string, text: string): void => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      };
      /** Leaves a file behind when it is run. */
      const trap = (name: string): string =>
        `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "executed-"))} + ${JSON.stringify(name.replace("/", "+"))}, "")`;
      for (const name of packages) {
        bait(
          `node_modules/${name}/package.json`,
          JSON.stringify({ name, version: "9.9.9", main: "index.js" }),
        );
        bait(`node_modules/${name}/index.js`, trap(name));
        bait(`node_modules/${name}/bin/${name}`, trap(name));
      }
      bait("index.js", trap("index.js"));
      bait("preload.cjs", trap("preload"));
      bait(".env", `NODE_OPTIONS=--require=./preload.cjs\n`);
      bait(".npmrc", `node-options=--require=./preload.cjs\n`);
      bait("node.config.json", JSON.stringify({ nodeOptions: { require: "./preload.cjs" } }));
      bait(
        "package.json",
        JSON.stringify({
          main: "index.js",
          scripts: { preinstall: "node preload.cjs" },
          imports: { "#x": "./index.js" },
        }),
      );
      const plugin = { name: "../preload.cjs", transform: "./preload.cjs" };
      bait("tsconfig.json", JSON.stringify({ compilerOptions: { plugins: [plugin] } }));
      bait("wirebook.config.js", trap("config"));
    },
  });
  const { client, folder } = kernel;
  const executed = (): string[] => readdirSync(folder).filter((name) => name.startsWith("executed-"));
  expect((await client.execute("const greeting: string = 'hello'; greeting")).reply.content.status).toBe(
    "ok",
  );
  await client.request("complete_request", { code: "greeting.", cursor_pos: 9 });
  await client.request("inspect_request", { code: "greeting", cursor_pos: 3 });
  await client.execute("greeting.length");
  expect(executed()).toEqual([]);
  // The traps work: a cell that imports the folder's package gets it.
  await client.execute("%%types off\nawait import('dotenv')");
  expect(executed()).toEqual(["executed-dotenv"]);
});
