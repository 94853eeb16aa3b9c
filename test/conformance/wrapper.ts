// node wrapper.ts FAULT CONNECTION_FILE COMMAND…: starts a kernel and lets it break a rule that is not on the wire.
import { spawn } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";

const [fault, file = "", command = "", ...args] = process.argv.slice(2);
const read = (): Record<string, unknown> => JSON.parse(readFileSync(file, "utf8"));
const change = (edit: (connection: Record<string, unknown>) => void): void => {
  const connection = read();
  edit(connection);
  writeFileSync(file, JSON.stringify(connection));
};
const env: NodeJS.ProcessEnv = { ...process.env };
let detached = false;

switch (fault) {
  case "takes any signature scheme":
    change((connection) => {
      connection.signature_scheme = "hmac-sha256";
    });
    break;
  case "writes a key into the file":
    change((connection) => {
      connection.key = "a key";
    });
    break;
  case "binds elsewhere":
    change((connection) => {
      connection.ip = `${connection.ip}-elsewhere`;
    });
    break;
  case "falls back to plain":
    change((connection) => {
      delete connection.curve_publickey;
      delete connection.curve_secretkey;
    });
    break;
  case "copies the key into the environment":
    env.KERNEL_KEY = String(read().key);
    break;
  case "opens the connection file to others":
    chmodSync(file, 0o644);
    break;
  case "says the key in its log":
    console.error(`connected with ${read().key}`);
    break;
  case "warns of nothing":
    break;
  case "does not watch its parent":
    env.JPY_PARENT_PID = String(process.pid);
    detached = true;
    break;
  case "binds every address": {
    const port = Number(read().shell_port);
    createServer((socket) => socket.pipe(connect(port, "127.0.0.1")).pipe(socket)).listen(port, "127.0.0.2");
    break;
  }
}

const quiet = fault === "warns of nothing";
const child = spawn(command, args, {
  env,
  detached,
  stdio: ["ignore", quiet ? "ignore" : "inherit", quiet ? "ignore" : "inherit"],
});
process.on("SIGINT", () => {
  if (fault !== "dies of SIGINT") return child.kill("SIGINT");
  child.kill("SIGKILL");
  process.exit(1);
});
process.on("SIGTERM", () => child.kill(fault === "does not end" ? "SIGKILL" : "SIGTERM"));
child.on("exit", (code) => {
  if (fault === "does not end") setTimeout(() => process.exit(code ?? 1), 60_000);
  else process.exit(fault === "exits with 0" ? 0 : (code ?? 1));
});
