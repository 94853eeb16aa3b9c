// Servers of all kinds in one notebook, in a real browser: the table of servers renews itself while other cells run.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutBrowser } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const cells = {
  servers: `import { connectWebSocket, serve, serveDatagrams, serveHttp, servers, serveWebSocket } from 'wirebook/serve';
import * as socket from 'wirebook/socket';
const tcp = await serve(0, async (conn) => {
  console.log('TCP heard', String(await conn.recv(100)));
  await conn.sendall('hello over TCP');
}, { name: 'greeter' });
const udp = await serveDatagrams(0, (data) => { console.log('UDP heard', String(data)); return 'hello over UDP' }, { name: 'clock' });
const pages = await serveHttp(0, (request) => \`<!doctype html><p>\${request.url}\`, { name: 'pages' });
const chat = await serveWebSocket(0, async (connection) => {
  for await (const message of connection) {
    if (message === 'fail') throw new Error('the handler of the chat');
    await connection.send('hello over WebSocket');
  }
}, { name: 'chat' });`,
  table: "servers()",
  clients: `const c = await socket.createConnection(['127.0.0.1', tcp.port]);
await c.sendall('a client');
console.log(String(await c.recvExactly(14)));
const d = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
await d.sendto('a datagram', ['127.0.0.1', udp.port]);
console.log(String(await d.recv(100)));
console.log(await (await fetch(\`http://127.0.0.1:\${pages.port}/page\`)).text());
const w = await connectWebSocket(\`ws://127.0.0.1:\${chat.port}/\`);
await w.send('a message');
console.log(await w.recv());
await w.send('fail');
console.log((await w.closed).code);`,
  who: "tcp.clients()",
  closed: "await chat.close({ timeout: 1 });",
};

describe.skipIf(reason !== undefined)(
  `servers in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 120_000 },
  () => {
    let lab: LabPage;

    beforeAll(async () => {
      lab = await LabPage.withCells("servers.ipynb", cells);
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
    }, 60_000);

    /** Name, state, and how many it has accepted, of each row. */
    const rows = async (): Promise<string[]> => {
      const all = await lab.cell("table").locator("tbody tr").all();
      return Promise.all(
        all.map(async (row) => {
          const [name, protocol, , state, , accepted, failed] = await row.locator("td").allInnerTexts();
          return [name, protocol, state, accepted, failed].join(" ");
        }),
      );
    };

    it("are listed in a table", async () => {
      await lab.run("servers");
      await lab.run("table");
      await expect
        .poll(rows)
        .toEqual([
          "greeter tcp serving 0 0",
          "clock udp serving 0 0",
          "pages http serving 0 0",
          "chat websocket serving 0 0",
        ]);
    });

    it("serve the clients of another cell, while the table follows", async () => {
      await lab.run("clients");
      await lab.see(
        "clients",
        /hello over TCP\s+hello over UDP\s+<!doctype html><p>\/page\s+hello over WebSocket\s+1011/,
      );
      await expect
        .poll(rows)
        .toEqual([
          "greeter tcp serving 1 0",
          "clock udp serving 1 0",
          "pages http serving 1 0",
          "chat websocket serving 1 1",
        ]);
    });

    it("print at their own cell, and so do their failures", async () => {
      await lab.see("servers", /TCP heard a client\s[\s\S]*UDP heard a datagram/);
      await lab.see("servers", /chat: the handler of .* failed:[\s\S]*the handler of the chat/);
      expect(await lab.text("clients")).not.toContain("heard");
    });

    it("tell who came, and leave the table when they close", async () => {
      await lab.run("who");
      const [, , state, , received, sent] = await lab.cell("who").locator("tbody tr td").allInnerTexts();
      expect([state, received, sent]).toEqual(["closed", "8", "14"]);
      await lab.run("closed");
      await expect.poll(async () => (await rows()).length).toBe(3);
      await lab.cell("servers").evaluate((cell) => cell.scrollIntoView({ block: "start" }));
      await lab.shot("servers");
    });
  },
);
