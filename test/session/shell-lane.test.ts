import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../../src/flow.js";
import { createShellLane } from "../../src/session/shell-lane.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** A shell whose cells end when they are told to. */
function open(): { push(type: string): void; end(): Promise<void>; readonly served: string[] } {
  const served: string[] = [];
  let ends: (() => void)[] = [];
  let cells = 0;
  let sent = 0;
  const lane = createShellLane(
    async ({ header: { msg_type, msg_id } }) => {
      served.push(`${msg_type} ${msg_id}`);
      if (msg_type !== "execute_request") return;
      await new Promise<void>((resolve) => ends.push(resolve));
      cells--;
    },
    () => cells,
  );
  return {
    push(type) {
      if (type === "execute_request") cells++;
      lane.push({ header: { msg_type: type, msg_id: String(++sent) } } as Message);
    },
    async end() {
      const ending = ends;
      ends = [];
      for (const end of ending) end();
      await vi.advanceTimersByTimeAsync(0);
    },
    get served() {
      return served;
    },
  };
}

test("questions keep their place among cells that are quick, however many", async () => {
  const shell = open();
  for (let i = 0; i < 5; i++) {
    shell.push("execute_request");
    shell.push("complete_request");
  }
  for (let i = 0; i < 5; i++) {
    await vi.advanceTimersByTimeAsync(900);
    await shell.end();
  }
  expect(shell.served.map((one) => one.split(" ")[1])).toEqual(
    [...Array(10).keys()].map((i) => String(i + 1)),
  );
});

test("a cell that has been running for a second lets questions past, those that wait and those that come, once each", async () => {
  const shell = open();
  shell.push("execute_request");
  shell.push("complete_request");
  shell.push("execute_request");
  shell.push("inspect_request");
  await vi.advanceTimersByTimeAsync(900);
  expect(shell.served).toEqual(["execute_request 1"]);
  await vi.advanceTimersByTimeAsync(200);
  expect(shell.served).toEqual(["execute_request 1", "complete_request 2", "inspect_request 4"]);
  shell.push("is_complete_request");
  await vi.advanceTimersByTimeAsync(1);
  expect(shell.served.at(-1)).toBe("is_complete_request 5");
  await shell.end();
  await shell.end();
  shell.push("kernel_info_request");
  await vi.advanceTimersByTimeAsync(0);
  expect(shell.served.slice(4)).toEqual(["execute_request 3", "kernel_info_request 6"]);
});

test("comms do not wait for a cell, and never overtake each other", async () => {
  const shell = open();
  shell.push("comm_open");
  shell.push("execute_request");
  shell.push("comm_msg");
  shell.push("comm_close");
  await vi.advanceTimersByTimeAsync(0);
  expect(shell.served.filter((one) => one.startsWith("comm"))).toEqual([
    "comm_open 1",
    "comm_msg 3",
    "comm_close 4",
  ]);
  expect(shell.served).toContain("execute_request 2");
});
