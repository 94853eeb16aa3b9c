// Programs in .venv know its path by heart. Where the folder has moved, they are told the new one.
import { lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scripts } from "./places.mjs";

/**
 * Rewrites the scripts of .venv.
 * @param {string} from where the folder was
 * @param {string} to where it is
 */
export function repairMoved(from, to) {
  const [before, now] = [join(from, ".venv"), join(to, ".venv")];
  for (const name of readdirSync(scripts)) {
    const path = join(scripts, name);
    if (!lstatSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    const fresh = name.endsWith(".exe") ? launcher(bytes, before, now) : script(bytes, before, now);
    if (fresh && !fresh.equals(bytes)) writeFileSync(path, fresh, { mode: statSync(path).mode });
  }
}

const DIRECT = /^#!(.*)\n/;
const VIA_SHELL = /^#!\/bin\/sh\n'''exec' "([^"]+)" "\$0" "\$@"\n' '''\n/;

/** A script names its Python in its first line, or, where that path has a space or is long, in a second one that sh and
 * Python read differently: what pip writes, and the only way past the kernel's limits. */
function script(bytes, before, now) {
  if (bytes.includes(0)) return undefined; // a program, not a script
  const text = bytes.toString("utf8");
  const head = VIA_SHELL.exec(text) ?? DIRECT.exec(text);
  const interpreter = head?.[1].trim().replaceAll('"', "");
  if (!interpreter?.startsWith(before)) return Buffer.from(text.replaceAll(before, now));
  return Buffer.from(
    shebang(interpreter.replace(before, now)) + text.slice(head[0].length).replaceAll(before, now),
  );
}

function shebang(interpreter) {
  if (!interpreter.includes(" ") && Buffer.byteLength(interpreter) < 125) return `#!${interpreter}\n`;
  return `#!/bin/sh\n'''exec' "${interpreter}" "$0" "$@"\n' '''\n`;
}

/** Windows: a launcher is a program, then "#!" and the Python's path, then a zip archive that is found from its end, so the
 * path may change its length. Python's own copies (python.exe) name no path. */
function launcher(bytes, before, now) {
  const at = bytes.indexOf(`#!${before}`);
  const quoted = bytes.indexOf(`#!"${before}`);
  const start = at >= 0 ? at : quoted;
  if (start < 0) return undefined;
  const end = bytes.indexOf("\n", start);
  const path = bytes
    .subarray(start + 2, end)
    .toString("utf8")
    .replaceAll('"', "")
    .trim();
  const moved = path.replace(before, now);
  return Buffer.concat([
    bytes.subarray(0, start),
    Buffer.from(`#!${moved.includes(" ") ? `"${moved}"` : moved}\n`),
    bytes.subarray(end + 1),
  ]);
}
