// Questions in JupyterLab in a real browser: a box under the cell, a password box, an interrupt instead of an answer.
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutBrowser } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const cells = {
  server:
    "import * as net from 'node:net';\nconst server = net.createServer((conn) => {\n  console.log('a client came');\n  conn.end('hello');\n});\nawait new Promise<void>((ok) => server.listen(0, '127.0.0.1', ok));\nconsole.log('port', (server.address() as net.AddressInfo).port);",
  ask: "const name = await input('What is your name? ');\n'Hello, ' + name",
  secret: "(await getpass('Password: ')).length",
  prompt: "let before = 'kept';\nconst host = prompt('Which host? ', 'localhost');",
  after: "before",
  lines:
    "import * as readline from 'node:readline/promises';\nconst rl = readline.createInterface({ input: process.stdin, output: process.stdout });\nconst port = await rl.question('Which port? ');\nrl.close();\nNumber(port) + 1",
};

describe.skipIf(reason !== undefined)(
  `questions in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 300_000 },
  () => {
    let lab: LabPage;

    beforeAll(async () => {
      lab = await LabPage.withCells("input.ipynb", cells);
      await lab.run("server");
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
    }, 60_000);

    const box = (id: string) => lab.cell(id).locator(".jp-Stdin-input");

    it("asks under the cell, and a server of another cell answers meanwhile", async () => {
      await lab.start("ask");
      await box("ask").waitFor();
      const port = Number(/port (\d+)/.exec(await lab.text("server"))?.[1]);
      const client = connect(port, "127.0.0.1");
      await once(client, "connect");
      expect(await text(client)).toBe("hello");
      await lab.see("server", "a client came");
      expect(await lab.cell("ask").locator(".jp-Stdin-prompt").textContent()).toContain("What is your name?");
      await lab.shot("input-server-answers");
      await box("ask").fill("Ada");
      await box("ask").press("Enter");
      await lab.see("ask", "'Hello, Ada'");
    });

    it("hides a password", async () => {
      await lab.start("secret");
      await box("secret").waitFor();
      expect(await box("secret").getAttribute("type")).toBe("password");
      await box("secret").fill("sesame");
      await lab.shot("input-password");
      await box("secret").press("Enter");
      await lab.see("secret", /^6$/);
      expect(await lab.text("secret")).not.toContain("sesame");
    });

    it("ends a prompt with an interrupt: the variables are kept, and the next cell runs", async () => {
      await lab.start("prompt");
      await box("prompt").waitFor();
      await lab.menu("Kernel", "Interrupt Kernel");
      await lab.see("prompt", "Interrupted: the cell was interrupted; its variables are kept");
      await lab.run("after");
      await lab.see("after", "'kept'");
      await lab.shot("input-prompt-interrupted");
    });

    it("asks readline's question at the box", async () => {
      await lab.start("lines");
      await box("lines").waitFor();
      expect(await lab.cell("lines").locator(".jp-Stdin-prompt").textContent()).toContain("Which port?");
      await box("lines").fill("8079");
      await box("lines").press("Enter");
      await lab.see("lines", "8080");
      await lab.shot("input-readline");
    });
  },
);
