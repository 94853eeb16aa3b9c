// The hub of deploy/ on this machine, with ten students and their teacher at the same time.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Hub, startHub, withoutHub } from "../../bench/hub/hub.js";
import type { Student } from "../../bench/hub/student.js";
import { isAlive, isOpen, root } from "../places.js";

const missing = withoutHub(root);
const names = ["teacher", ...Array.from({ length: 9 }, (_, at) => `student${at + 1}`)];

describe.skipIf(missing)(
  `the hub of deploy/ with ten users${missing ? `: ${missing}` : ""}`,
  { timeout: 120_000 },
  () => {
    let hub: Hub;
    let users: Student[];
    let kernels: Awaited<ReturnType<Student["kernel"]>>[];
    const [teacher, student, neighbour] = [0, 1, 2];
    const user = (at: number): Student => users[at] as Student;

    beforeAll(async () => {
      // The client tells the console of every connection.
      for (const method of ["debug", "warn", "info", "log"] as const)
        vi.spyOn(console, method).mockImplementation(() => {});
      hub = await startHub(root);
      users = await Promise.all(names.map((name) => hub.login(name)));
      await Promise.all(users.map((one) => one.start()));
      kernels = await Promise.all(users.map((one) => one.kernel()));
    }, 600_000);

    afterAll(async () => {
      vi.restoreAllMocks();
      for (const one of users ?? []) one[Symbol.dispose]();
      await hub?.[Symbol.asyncDispose]();
    }, 60_000);

    test("each has the notebooks in a folder of their own", () => {
      const given = readdirSync(join(root, "notebooks")).filter((name) => name.endsWith(".ipynb"));
      for (const name of names)
        expect(readdirSync(join(hub.homes, name, "wirebook"))).toEqual(expect.arrayContaining(given));
    });

    test("all ten have a server for the sheet's 12345 at once, on ten ports, and each reaches their own", async () => {
      const ports = await Promise.all(
        kernels.map(async (kernel, at) => {
          const printed = await kernel.run(`
          import { labPort } from "wirebook/host";
          import { serve } from "wirebook/serve";
          const port: number = labPort(12345);
          await serve(port, (conn) => conn.sendall("${names[at]}"));
          console.log("listens on", port);`);
          return Number(/^listens on (\d+)$/m.exec(printed)?.[1]);
        }),
      );
      expect(new Set(ports).size).toBe(10);
      for (const port of ports) expect(await isOpen(port)).toBe(true);
      const heard = await Promise.all(
        kernels.map((kernel) =>
          kernel.run(`
          import * as socket from "wirebook/socket";
          const s = await socket.createConnection(["127.0.0.1", port]);
          console.log(String(await s.recv(100)));`),
        ),
      );
      expect(heard.map((text) => text.trim())).toEqual(names);
    });

    test("what a cell prints faster than a Jupyter server would let through arrives whole", async () => {
      const printed = await kernels[student]?.run(
        `for (let line = 0; line < 100_000; line++) console.log(String(line).padStart(99, "."));`,
      );
      expect(printed?.length).toBe(10_000_000);
      expect(printed).toMatch(/99999\n$/);
    });

    test("there is Wirebook's kernel and no other", async () => {
      const answer = await user(student).ask(`/user/${names[student]}/api/kernelspecs`);
      const { default: first, kernelspecs } = (await answer.json()) as {
        default: string;
        kernelspecs: object;
      };
      expect(first).toBe("wirebook");
      expect(Object.keys(kernelspecs)).toEqual(["wirebook"]);
    });

    test("nobody gets into another one's server; an instructor sees that it is there", async () => {
      expect((await user(student).ask(`/user/${names[neighbour]}/api/contents/`)).status).toBe(403);
      expect((await user(student).ask(`/hub/api/users/${names[neighbour]}`)).status).toBe(404);
      expect((await user(teacher).ask(`/hub/api/users/${names[neighbour]}`)).status).toBe(200);
    });

    test("students have nbgrader's assignments and validation, instructors all of it", async () => {
      const at = (who: number, path: string): Promise<Response> =>
        user(who).ask(`/user/${names[who]}/${path}`);
      for (const who of [teacher, student]) {
        const answer = await at(who, "assignments?course_id=sockets");
        expect(await answer.json()).toMatchObject({ success: true });
      }
      expect((await at(teacher, "formgrader/manage_assignments")).status).toBe(200);
      expect((await at(student, "formgrader/manage_assignments")).status).toBe(404);
      const disabled = async (who: number): Promise<string[]> => {
        const page = await (await at(who, "lab")).text();
        const config = /<script id="jupyter-config-data"[^>]*>(.*?)<\/script>/s.exec(page)?.[1] ?? "{}";
        return JSON.parse(config).disabledExtensions ?? [];
      };
      expect(await disabled(teacher)).not.toContain("@jupyter/nbgrader:create-assignment");
      expect(await disabled(student)).toContain("@jupyter/nbgrader:create-assignment");
    });

    test("whoever does nothing makes room: their servers and kernels end, and their files stay", async () => {
      const pids = (await Promise.all(kernels.map((kernel) => kernel.run(`console.log(process.pid)`)))).map(
        Number,
      );
      expect(pids.filter(isAlive)).toHaveLength(10);
      for (const one of users) one[Symbol.dispose]();
      await using _ = hub.cull(1);
      await vi.waitFor(
        async () => {
          expect(await Promise.all(users.map((one) => one.running()))).not.toContain(true);
          expect(pids.filter(isAlive)).toEqual([]);
        },
        { timeout: 100_000, interval: 500 },
      );
      const file = join(hub.homes, names[student] as string, "wirebook", "0-index.ipynb");
      expect(readFileSync(file)).toEqual(readFileSync(join(root, "notebooks", "0-index.ipynb")));
    });

    test("when the hub ends, nothing of it stays", async () => {
      await hub[Symbol.asyncDispose]();
      expect(isAlive(hub.pid)).toBe(false);
      expect(await isOpen(Number(new URL(hub.url).port))).toBe(false);
      expect(existsSync(hub.homes)).toBe(false);
    });
  },
);
