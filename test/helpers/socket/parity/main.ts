// npm run parity -- [--doc]
//
// Compares `wirebook/socket` with CPython's module, name by name and call by call.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { root } from "../../../places.js";
import { compare } from "./compare.js";
import { report, share } from "./report.js";

await new Command("parity")
  .description("compares wirebook/socket with CPython's socket")
  .option("--doc", "write docs/socket-parity.md", false)
  .action(async ({ doc }: { doc: boolean }) => {
    const all = await compare();
    for (const [what, rows] of [
      ["names", all.names],
      ["methods", all.methods],
      ["answers", all.answers],
    ] as const) {
      console.log(`${what}: the same are ${share(rows)}`);
      for (const row of rows.filter(({ same }) => !same))
        console.log(
          `  ${row.what}\n    CPython:  ${row.theirs}\n    Wirebook: ${row.ours}\n    ${row.reason ?? "no reason"}`,
        );
    }
    if (doc) writeFileSync(join(root, "docs/socket-parity.md"), report(all));
    const unexplained = [...all.names, ...all.methods, ...all.answers].filter(
      ({ same, reason }) => !same && !reason,
    );
    process.exitCode = unexplained.length > 0 ? 1 : 0;
  })
  .parseAsync();
