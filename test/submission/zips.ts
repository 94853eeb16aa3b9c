// What is in a zip file, as another program than ours reads it.
import { execFileSync } from "node:child_process";
import { python } from "../places.js";

const LIST = `
import sys, zipfile, json, base64
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(json.dumps({i.filename: base64.b64encode(z.read(i)).decode() for i in z.infolist()}))
`;

export function unzip(path: string): Map<string, Buffer> {
  const text = execFileSync(python, ["-c", LIST, path], { encoding: "utf8", maxBuffer: 1 << 30 });
  const entries = Object.entries(JSON.parse(text) as Record<string, string>);
  return new Map(entries.map(([name, bytes]) => [name, Buffer.from(bytes, "base64")]));
}
