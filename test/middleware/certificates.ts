// Certificates for tests, made by openssl for this run alone.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const noOpenssl: boolean = spawnSync("openssl", ["version"]).status !== 0;
export const skippedOpenssl: string = noOpenssl ? " (skipped: there is no openssl)" : "";

export interface Certificate {
  cert: string;
  key: string;
  /** The files of both. */
  files: { cert: string; key: string };
}

/** Whoever signs. */
export interface Authority extends Disposable {
  /** What others have to trust, in PEM. */
  ca: string;
  file: string;
  /** @param options.names as `DNS:localhost` @param options.days that it is valid; with −1 it has expired */
  sign(options?: { names?: string; days?: number }): Certificate;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

export function authority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-tls-"));
  const openssl = (...args: string[]): void =>
    void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");
  openssl("req", "-x509", ...KEY, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem");
  let count = 0;
  return {
    ca: read("ca.pem"),
    file: join(folder, "ca.pem"),
    sign({ names = "DNS:localhost,IP:127.0.0.1", days = 1 } = {}) {
      const [key, request, cert] = ["key", "csr", "pem"].map((ending) => `${count}.${ending}`) as [
        ...[string, string, string],
      ];
      count++;
      writeFileSync(join(folder, "names"), `subjectAltName=${names}\n`);
      openssl("req", ...KEY, "-subj", "/CN=node", "-keyout", key, "-out", request);
      const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
      openssl("x509", "-req", "-in", request, "-days", String(days), ...by, "-out", cert);
      return {
        cert: read(cert),
        key: read(key),
        files: { cert: join(folder, cert), key: join(folder, key) },
      };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
