// JupyterLab's debugger in a real browser: a breakpoint in a server's handler, met by the client's cell.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutBrowser } from "./jupyter-server.js";
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
  calls: `function twice(n: number) {
  const result = n * 2;
  return result;
}
const four = twice(2);
const eight = twice(four);
console.log(eight);`,
  throws: `function check(port: number) {
  if (port < 1024) throw new RangeError('port ' + port + ' is not for everybody');
  return port;
}
try { check(80); } catch { console.log('tried'); }
check(443);`,
};

describe.skipIf(reason !== undefined)(
  `the debugger in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 300_000 },
  () => {
    let lab: LabPage;

    beforeAll(async () => {
      lab = await LabPage.withCells("debugger.ipynb", cells);
      await lab.run("server");
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
    }, 60_000);

    const text = async (panel: "Callstack" | "Variables" | "Breakpoints"): Promise<string> =>
      (await lab.page.locator(`.jp-Debugger${panel}`).textContent()) ?? "";
    const highlighted = async (id: string): Promise<string> =>
      (await lab.cell(id).locator(".jp-DebuggerEditor-highlight").allInnerTexts()).join("|").trim();
    const press = async (title: string): Promise<void> =>
      await lab.page.locator(`jp-button[title^="${title}"]`).first().click();

    const breakpoint = async (id: string, line: number): Promise<void> =>
      await lab.cell(id).locator(".cm-breakpoint-gutter .cm-gutterElement").nth(line).click();

    it("is turned on by its button", async () => {
      const button = lab.page.locator(".jp-DebuggerBugButton").first();
      await expect.poll(() => button.isEnabled(), { timeout: 20_000 }).toBe(true);
      await button.click();
      await lab.page.locator(".jp-DebuggerCallstack").waitFor();
      await expect.poll(() => text("Variables"), { timeout: 20_000 }).toContain("visits");
    });

    it("takes a breakpoint by a click beside the line", async () => {
      await breakpoint("server", 6);
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

    const stands = async (id: string, line: string): Promise<void> =>
      await expect.poll(() => highlighted(id), { timeout: 20_000 }).toBe(line);

    it("steps into a function, over its lines and out of it", async () => {
      await breakpoint("calls", 5);
      await lab.start("calls");
      await stands("calls", "const four = twice(2);");
      await press("Step In");
      await stands("calls", "const result = n * 2;");
      await press("Next");
      await stands("calls", "return result;");
      await expect.poll(() => text("Variables")).toContain("result4");
      await lab.shot("debugger-stepped-in");
      await press("Step Out");
      await stands("calls", "const eight = twice(four);");
      expect(await lab.output("calls")).toBe("");
    });

    it("computes with the variables of a stop in the debug console", async () => {
      await press("Step In");
      await stands("calls", "const result = n * 2;");
      await press("Evaluate Code");
      const console = lab.page.locator(".jp-DebugConsole");
      const ask = async (code: string): Promise<void> => {
        await console.locator(".jp-CodeConsole-promptCell .cm-content").click();
        await lab.page.keyboard.type(code);
        await lab.page.keyboard.press("Shift+Enter");
      };
      const answers = async (): Promise<string> =>
        (await console.locator(".jp-OutputArea-output").allInnerTexts()).map((one) => one.trim()).join("|");
      await ask("[n + 1, four]");
      await expect.poll(answers, { timeout: 20_000 }).toBe("(2) [5, 4]");
      await ask("n = 50");
      await expect.poll(answers, { timeout: 20_000 }).toBe("(2) [5, 4]|50");
      // JupyterLab empties the panel, and fills it again when a frame is chosen.
      await lab.page.locator(".jp-DebuggerCallstackFrame").first().click();
      await expect.poll(() => text("Variables")).toContain("n50");
      await lab.shot("debugger-console");
      await press("Evaluate Code");
      await console.waitFor({ state: "detached" });
      await press("Continue");
      await lab.see("calls", "100");
    });

    /** Chooses in the menu of the button above the breakpoints. */
    const stopAt = async (filter: "raised" | "uncaught"): Promise<void> => {
      await lab.page.locator(".jp-debugger-pauseOnExceptions").first().click();
      await lab.page.locator(`.jp-PauseOnExceptions-menu .lm-Menu-item:has-text("${filter}")`).click();
    };

    it("stops at errors that nobody catches, where the menu says so, and not at others", async () => {
      await stopAt("uncaught");
      await lab.start("throws");
      await stands(
        "throws",
        "if (port < 1024) throw new RangeError('port ' + port + ' is not for everybody');",
      );
      await expect.poll(() => text("Variables")).toContain("port443");
      await lab.see("throws", "tried");
      await lab.shot("debugger-uncaught");
      await press("Continue");
      await lab.see("throws", "RangeError: port 443 is not for everybody");
    });

    it("stops at errors that are caught as well, where the menu says so, and at none once it is told", async () => {
      await stopAt("raised");
      await lab.start("throws");
      await expect.poll(() => text("Variables"), { timeout: 20_000 }).toContain("port80");
      await press("Continue");
      await expect.poll(() => text("Variables"), { timeout: 20_000 }).toContain("port443");
      await press("Continue");
      await lab.see("throws", "RangeError: port 443 is not for everybody");
      await stopAt("raised");
      await stopAt("uncaught");
      await lab.run("throws");
      expect(await lab.output("throws")).toMatch(/tried[\s\S]*RangeError: port 443/);
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
