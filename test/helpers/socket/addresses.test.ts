// Texts that look like addresses, and are some or none: whatever CPython makes of them, so do we.
import { expect, test } from "vitest";
import { AF_INET, AF_INET6, inet_aton, inet_ntop, inet_pton } from "../../../kernel-helpers/socket/index.js";
import { createDice } from "../../faults/scenario.js";
import { python } from "./python.js";

const PARTS = [
  ..."0 1 7 9 08 010 0x 0x7f 0XfF 127 255 256 65535 65536 16777216 4294967295 4294967296 -1 +1 1e2 ١ a f ff fff ffff fffff dead beef".split(
    " ",
  ),
  ..."::1 ::ffff:1.2.3.4 1.2.3.4 fe80:: 2001:db8::8:800:200c:417a %lo %1".split(" "),
  ..."g z / [ ] - _".split(" "),
  "",
  "\u00a0",
  " x",
  "\t",
];
const JOINTS = [".", ":", "::", ".", ":", " ", ""];

function texts(count: number, seed: number): string[] {
  const dice = createDice(seed);
  const pick = (list: string[]): string => list[dice(list.length)] as string;
  return Array.from({ length: count }, () => {
    const joint = pick(JOINTS);
    let text = pick(PARTS);
    for (let more = dice(8); more > 0; more--) text += (dice(6) === 0 ? pick(JOINTS) : joint) + pick(PARTS);
    return text;
  });
}

const SCRIPT = `import json, socket, sys
def attempt(call, *args):
    try: return call(*args).hex()
    except (OSError, ValueError) as error: return "none"
print(json.dumps([[attempt(socket.inet_aton, text), attempt(socket.inet_pton, socket.AF_INET, text), attempt(socket.inet_pton, socket.AF_INET6, text)] for text in json.loads(sys.argv[1])]))`;

const attempt = (call: () => Buffer): string => {
  try {
    return call().toString("hex");
  } catch (error) {
    expect((error as Error).name).toBe("OSError");
    return "none";
  }
};

test.skipIf(process.platform !== "linux")(
  "four thousand texts mean the same to CPython and to us",
  async () => {
    const all = texts(4000, 20_260);
    const theirs = JSON.parse(await python(SCRIPT, JSON.stringify(all))) as string[][];
    const different = all.flatMap((text, at) => {
      const ours = [
        attempt(() => inet_aton(text)),
        attempt(() => inet_pton(AF_INET, text)),
        attempt(() => inet_pton(AF_INET6, text)),
      ];
      return ours.join() === theirs[at]?.join() ? [] : [{ text, ours, theirs: theirs[at] }];
    });
    expect(different).toEqual([]);
    expect(theirs.filter((one) => one.some((hex) => hex !== "none")).length).toBeGreaterThan(100);
  },
);

test("every address of IPv6 that is written comes back as it was", () => {
  const dice = createDice(6);
  for (let round = 0; round < 2000; round++) {
    const bytes = Buffer.from(Array.from({ length: 16 }, () => (dice(3) === 0 ? dice(256) : 0)));
    expect(inet_pton(AF_INET6, inet_ntop(AF_INET6, bytes)).equals(bytes)).toBe(true);
  }
});
