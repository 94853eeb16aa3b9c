// Some attacks against a grader who has nothing but nbgrader: they succeed. That they fail here is only worth something because of that.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { python } from "../places.js";
import { nameOf } from "./hostile/run.js";
import { runWithout, shortWithout } from "./plain/run.js";

const works = (file: string, ...args: string[]): boolean => spawnSync(file, args).status === 0;
const missing =
  process.platform !== "linux"
    ? "no Linux"
    : !existsSync(python) || !works(python, "-c", "import nbgrader.api")
      ? "no nbgrader"
      : !works("unshare", "--map-root-user", "--mount", "--net", "ip", "link", "set", "lo", "up")
        ? "no namespaces for whoever runs this"
        : !works("bwrap", "--unshare-all", "--ro-bind", "/", "/", "true")
          ? "no bubblewrap"
          : !works("unzip", "-v")
            ? "no unzip"
            : undefined;

test.skipIf(missing !== undefined)(
  `plain nbgrader marks innocent submissions rightly, and attacks of several kinds succeed against it${missing ? ` (skipped: ${missing})` : ""}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-without-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const keptIn = join(folder, "rows.json");
    const verdicts = await runWithout(shortWithout(), { keptIn, jobs: 2, say() {} });
    expect(verdicts.size).toBe(6);
    const failed = shortWithout()
      .map(nameOf)
      .filter((name) => !verdicts.get(name)?.succeeds);
    expect(failed).toEqual([]);
    // What was done is not done again.
    const again = await runWithout(shortWithout(), {
      keptIn,
      jobs: 2,
      say: (text) => expect.unreachable(text),
    });
    expect([...again.keys()]).toEqual([...verdicts.keys()]);
  },
  600_000,
);
