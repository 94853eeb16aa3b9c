// A scan in the kernel's own cells.
import { expect, test } from "vitest";
import { startKernelProcess } from "../../kernel/kernel.js";
import { tcp, udp } from "./servers.js";

test("the result shows itself as a table", async () => {
  await using kernel = await startKernelProcess();
  const port = await tcp();
  const { iopub } = await kernel.client.execute(
    `import { scan } from 'wirebook/scan';\nawait scan('127.0.0.1', { ports: '1-100,${port}' })`,
  );
  const shown = iopub.find(({ type }) => type === "execute_result")?.content.data;
  expect(shown?.["text/plain"]).toMatch(/^\d+ open of 101 tcp ports of 127\.0\.0\.1/);
  expect(shown?.["text/html"]).toMatch(new RegExp(`<td>${port}/tcp</td><td>open</td>`));
  // Threads and sockets of the scan are its own business.
  expect(iopub.filter(({ content }) => /left open/.test(content.data?.["text/plain"] ?? ""))).toEqual([]);
});

test("its progress is shown, an interrupt ends it at once, and the next cell runs", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const silent = await udp();
  await client.execute("import { scan } from 'wirebook/scan';");
  const running = client.execute(`await scan('127.0.0.1', { udp: true, ports: ${silent}, timeout: 50 })`);
  const lines = (): string[] =>
    client.received.flatMap(({ type, content }) =>
      /display_data$/.test(type) ? [String(content.data["text/plain"])] : [],
    );
  await expect
    .poll(lines, { timeout: 15_000 })
    .toContain("scanning 127.0.0.1: 0 % of 1 ports, 0 open so far");
  await client.request("interrupt_request", {}, { channel: "control" });
  expect((await running).reply.content.status).toBe("error");
  await expect.poll(() => lines().at(-1)).toMatch(/^0 open of 1 udp port .* interrupted: 1 not scanned$/);
  expect((await client.execute("6 * 7")).reply.content.status).toBe("ok");
});
