// CPython at the other end, over every family: pieces, half-close, resets, and a hundred megabytes whose hash is compared.
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { python, startPython } from "./python.js";

const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SIZE = 100_000_000;
let paths = 0;

describe.each<[string, () => { family: number; at: socket.Address }]>([
  ["IPv4", () => ({ family: socket.AF_INET, at: ["127.0.0.1", 0] })],
  ["IPv6", () => ({ family: socket.AF_INET6, at: ["::1", 0, 0, 0] })],
  ["AF_UNIX", () => ({ family: socket.AF_UNIX, at: join(folder, `${paths++}.sock`) })],
])("over %s", (_, make) => {
  const HEAD = `import hashlib, json, socket, struct, sys
family, address = json.loads(sys.argv[1])
address = tuple(address) if isinstance(address, list) else address
def connect():
    s = socket.socket(family)
    s.settimeout(30)
    s.connect(address)
    return s
`;

  async function listening(): Promise<{ server: socket.Socket; argument: string }> {
    const { family, at } = make();
    const server = socket.socket(family);
    await server.bind(at);
    await server.listen(5);
    return { server, argument: JSON.stringify([family, server.getsockname()]) };
  }

  /** One that says where it listens, and then does what it is told. */
  async function listeningPython(script: string) {
    const { family, at } = make();
    const server = await startPython(
      `import hashlib, json, socket, struct
l = socket.socket(${family})
at = json.loads('''${JSON.stringify(at)}''')
l.bind(tuple(at) if isinstance(at, list) else at)
l.listen(5)
l.settimeout(60)
print(json.dumps(l.getsockname()))
c, _ = l.accept()
c.settimeout(60)
${script}`,
    );
    const client = socket.socket(family);
    await client.connect(JSON.parse(server.first) as socket.Address);
    return { server, client };
  }

  test("a hundred megabytes from CPython arrive whole, in whatever pieces", async () => {
    const { server, argument } = await listening();
    const told = python(
      `${HEAD}
data = bytes(range(251)) * (${SIZE} // 251 + 1)
data = data[:${SIZE}]
with connect() as s:
    s.sendall(data)
print(hashlib.sha256(data).hexdigest())`,
      argument,
    );
    const [conn] = await server.accept({ timeout: 30 });
    const hash = createHash("sha256");
    let size = 0;
    for (let piece = await conn.recv(65_536); piece.length > 0; piece = await conn.recv(65_536)) {
      hash.update(piece);
      size += piece.length;
    }
    expect(size).toBe(SIZE);
    expect(hash.digest("hex")).toBe((await told).trim());
    await Promise.all([conn.close(), server.close()]);
  });

  test("a hundred megabytes to CPython arrive whole, and its answer after our half-close", async () => {
    const { server, client } = await listeningPython(`h = hashlib.sha256()
n = 0
while piece := c.recv(70000):
    h.update(piece)
    n += len(piece)
c.sendall(f"{n} {h.hexdigest()}".encode())
c.close()`);
    const block = randomBytes(1_000_000);
    const hash = createHash("sha256");
    for (let n = 0; n < SIZE / block.length; n++) {
      await client.sendall(block);
      hash.update(block);
    }
    await client.shutdown(socket.SHUT_WR);
    const answer = String(await client.recv(200, socket.MSG_WAITALL, { timeout: 60 }));
    expect(answer).toBe(`${SIZE} ${hash.digest("hex")}`);
    await client.close();
    await server.rest();
  });

  test("what CPython sends byte by byte is put together, and its half-close is an end that can be answered", async () => {
    const { server, argument } = await listening();
    const told = python(
      `${HEAD}
import time
s = connect()
for byte in "Grüße\\nund mehr".encode():
    s.send(bytes([byte]))
    time.sleep(0.001)
s.shutdown(socket.SHUT_WR)
print(s.makefile().read())`,
      argument,
    );
    const [conn] = await server.accept({ timeout: 30 });
    expect(String(await conn.readuntil())).toBe("Grüße\n");
    expect(String(await conn.recvExactly(8))).toBe("und mehr");
    expect(await conn.recv(10)).toHaveLength(0);
    const file = conn.makefile("w");
    await file.write("heard you\n");
    await file.close();
    await conn.close();
    expect((await told).trim()).toBe("heard you");
    await server.close();
  });

  test("a reset of CPython's is a ConnectionResetError, and ours is one there", async () => {
    const { family } = make();
    if (family === socket.AF_UNIX) return; // it has none
    const { server, client } =
      await listeningPython(`c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
c.recv(1)
c.close()
d, _ = l.accept()
d.settimeout(30)
try:
    print(d.recv(100))
except OSError as e:
    print(type(e).__name__, e.errno)`);
    await client.send("x");
    await expect(client.recv(100)).rejects.toThrow(socket.ConnectionResetError);
    const other = socket.socket(family);
    await other.connect(client.getpeername());
    await client.close();
    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, [1, 0]);
    await other.close();
    expect((await server.rest()).trim()).toBe("ConnectionResetError 104");
  });

  test("CPython's select and makefile work with ours", async () => {
    const { server, argument } = await listening();
    const told = python(
      `${HEAD}
import select
s = connect()
print(select.select([s], [], [], 0)[0] == [])
f = s.makefile("rw")
f.write("question\\n")
f.flush()
print(select.select([s], [], [], 20)[0] == [s])
print(f.readline().strip())`,
      argument,
    );
    const [conn] = await server.accept({ timeout: 30 });
    const file = conn.makefile("rw");
    expect(await file.readline()).toBe("question\n");
    await file.write("answer\n");
    await file.flush();
    expect((await told).trim().split(/\s+/)).toEqual(["True", "True", "answer"]);
    await Promise.all([file.close(), conn.close(), server.close()]);
  });
});
