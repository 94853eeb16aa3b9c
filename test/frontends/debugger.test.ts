// JupyterLab's debugger in a real browser: a breakpoint in a server's handler, met by the client's cell.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JupyterServer, startJupyter, withoutBrowser, writeCells } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const cells = {
  server: `import net from 'node:net';
let visits = 0;
const server = net.createServer((connection) => {
  connection.on('data', (data) => {
    const request = data.toString();
    visits++;
    connection.end('bye ' + request);
  });
});
await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
const { port } = server.address() as net.AddressInfo;`,
  client: `const socket = net.connect(port, '127.0.0.1');
socket.write('hello server');
const answer = await new Promise<Buffer>((done) => socket.once('data', done));
console.log(answer.toString(), visits);`,
};

describe.skipIf(reason !== undefined)(
  `the debugger in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 300_000 },
  () => {
    let server: JupyterServer;
    let lab: LabPage;

    beforeAll(async () => {
      server = await startJupyter();
      writeCells(server, "debugger.ipynb", cells);
      lab = await LabPage.open(server);
      await lab.openNotebook("debugger.ipynb");
      await lab.run("server");
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    }, 60_000);

    const text = async (panel: "Callstack" | "Variables" | "Breakpoints"): Promise<string> =>
      (await lab.page.locator(`.jp-Debugger${panel}`).textContent()) ?? "";
    const highlighted = async (id: string): Promise<string> =>
      (await lab.cell(id).locator(".jp-DebuggerEditor-highlight").allInnerTexts()).join("|").trim();
    const press = async (title: string): Promise<void> =>
      await lab.page.locator(`jp-button[title^="${title}"]`).first().click();

    it("is turned on by its button", async () => {
      const button = lab.page.locator(".jp-DebuggerBugButton").first();
      await expect.poll(() => button.isEnabled(), { timeout: 20_000 }).toBe(true);
      await button.click();
      await lab.page.locator(".jp-DebuggerCallstack").waitFor();
      await expect.poll(() => text("Variables"), { timeout: 20_000 }).toContain("visits");
    });

    it("takes a breakpoint by a click beside the line", async () => {
      await lab.cell("server").locator(".cm-breakpoint-gutter .cm-gutterElement").nth(6).click();
      await expect.poll(() => text("Breakpoints"), { timeout: 20_000 }).toMatch(/Cell \[1\]6/);
      await lab.shot("debugger-breakpoint");
    });

    it("stops in the handler when the client's cell runs, and shows the request", async () => {
      await lab.start("client");
      await expect.poll(() => text("Callstack"), { timeout: 20_000 }).toContain("Cell [1]:6");
      expect(await highlighted("server")).toBe("visits++;");
      await expect.poll(() => text("Variables")).toContain("request'hello server'");
      expect(await lab.output("client")).toBe("");
      await lab.shot("debugger-stopped");
    });

    it("goes on by a step, with the line in the cell and the value in the panel", async () => {
      await press("Next");
      await expect
        .poll(() => highlighted("server"), { timeout: 20_000 })
        .toBe("connection.end('bye ' + request);");
      await expect.poll(() => text("Callstack")).toContain("Cell [1]:7");
      await lab.shot("debugger-step");
    });

    it("continues, and the client's cell comes to its end", async () => {
      await press("Continue");
      await expect
        .poll(() => lab.cell("client").locator(".jp-InputPrompt").textContent(), { timeout: 20_000 })
        .toMatch(/\[2\]/);
      await expect.poll(() => text("Callstack")).not.toContain("Cell");
      await expect.poll(() => text("Variables"), { timeout: 20_000 }).toContain("answer");
      await lab.shot("debugger-continued");
    });

    it("is the same at a stop after the page was loaded anew", async () => {
      await lab.start("client");
      await expect.poll(() => text("Callstack"), { timeout: 20_000 }).toContain("Cell [1]:6");
      await lab.save();
      await lab.reload();
      await expect.poll(() => text("Callstack"), { timeout: 30_000 }).toContain("Cell [1]:6");
      await expect.poll(() => text("Breakpoints"), { timeout: 20_000 }).toMatch(/Cell \[1\]6/);
      await lab.page.locator(".jp-DebuggerCallstackFrame").first().click();
      await expect.poll(() => highlighted("server")).toBe("visits++;");
      await expect.poll(() => text("Variables")).toContain("request'hello server'");
      await lab.shot("debugger-reloaded");
      await press("Continue");
      await expect.poll(() => text("Callstack"), { timeout: 20_000 }).not.toContain("Cell");
    });
  },
);
