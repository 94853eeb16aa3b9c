// `wirebook scan` as it is typed.
import { expect, test } from "vitest";
import { Folder } from "../../client/command.js";
import { tcp, udp } from "./servers.js";

test("open ports as a table, the others counted", async () => {
  using folder = new Folder();
  const port = await tcp("127.0.0.1", (peer) => peer.write("hello \u001b[1m\r\n"));
  const { code, stdout, stderr } = await folder.wirebook(
    "scan",
    "127.0.0.1",
    "--ports",
    `1-50,${port}`,
    "--banner",
  );
  expect(stdout).toMatch(
    /^\d+ open of 51 tcp ports of 127\.0\.0\.1 \(\d+\.\d\d s\)\nport +state +service +process +banner\n/,
  );
  expect(stdout).toMatch(new RegExp(`^${port}/tcp +open .*hello \\\\x1b\\[1m$`, "m"));
  expect(stdout).toMatch(/^Not listed: \d+ closed\.\n$/m);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("--json is the whole result, --jsonl a port a line, --open only the open ones", async () => {
  using folder = new Folder();
  const port = await tcp();
  const json = await folder.wirebook("scan", "127.0.0.1", "--ports", `9,${port}`, "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    target: "127.0.0.1",
    counts: { open: 1, closed: 1 },
    ports: [
      { port: 9, state: "closed", service: "discard" },
      { port, state: "open" },
    ],
  });
  const lines = await folder.wirebook("scan", "127.0.0.1", "--ports", `9,${port}`, "--jsonl", "--open");
  expect(
    lines.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ port, state: "open" }]);
  const both = await folder.wirebook("scan", "--json", "--jsonl");
  expect(both.code).toBe(1);
  expect(both.stderr).toContain("'--json' cannot be used with option '--jsonl'");
});

test("--udp asks UDP", async () => {
  using folder = new Folder();
  const port = await udp("yes");
  const { stdout } = await folder.wirebook("scan", "127.0.0.1", "--udp", "--ports", String(port), "--jsonl");
  expect(JSON.parse(stdout)).toMatchObject({ port, protocol: "udp", state: "open" });
});

test.each([
  [["8.8.8.8"], "8.8.8.8 is not an address of this machine"],
  [["localhost", "--ports", "80-22"], 'the range "80-22" runs backwards'],
  [["localhost", "--timeout", "soon"], "timeout is in seconds"],
  [["localhost", "--concurrency", "many"], "concurrency is a whole number"],
  [["8.8.8.0/24", "--i-have-permission", "no"], "is not within a private network of this machine"],
])("wirebook scan %j says what is wrong, with exit code 1", async (args, words) => {
  using folder = new Folder();
  const { code, stdout, stderr } = await folder.wirebook("scan", ...args);
  expect(stderr).toMatch(/^wirebook: /);
  expect(stderr).toContain(words);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
});

test.skipIf(process.platform === "win32")(
  "Ctrl-C ends it with what was found so far, and exit code 130",
  async () => {
    using folder = new Folder();
    // It does not answer, and is waited for.
    const silent = await udp();
    const port = await udp("yes");
    const command = folder.start(
      "scan",
      "127.0.0.1",
      "--udp",
      "--ports",
      `${silent},${port}`,
      "--timeout",
      "30",
      "--json",
    );
    setTimeout(() => command.process.kill("SIGINT"), 2500);
    const { code, stdout, stderr } = await command.ended;
    expect(JSON.parse(stdout)).toMatchObject({ counts: { open: 1, unscanned: 1 } });
    expect({ code, stderr }).toEqual({ code: 130, stderr: "Stopped.\n" });
  },
);
