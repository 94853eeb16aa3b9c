// Who this kernel is, for `kernel_info_request`.

import type { Json } from "../flow.js";

/**
 * Content of a `kernel_info_reply`, without its status.
 * @param options.version this package's
 * @param options.protocol of the Jupyter protocol
 * @param options.typescript the version of the language
 */
export function kernelInfo(options: { version: string; protocol: string; typescript: string }): Json {
  return {
    protocol_version: options.protocol,
    implementation: "wirebook",
    implementation_version: options.version,
    language_info: {
      name: "typescript",
      version: options.typescript,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: "typescript",
      nbconvert_exporter: "script",
    },
    banner: `Wirebook ${options.version}: TypeScript ${options.typescript} on Node.js ${process.versions.node}`,
    help_links: [
      { text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/" },
      { text: "Node.js", url: "https://nodejs.org/docs/latest-v24.x/api/" },
      { text: "Sockets in Python's words", url: "https://docs.python.org/3/library/socket.html" },
    ],
    supported_features: ["debugger"],
    debugger: true,
  };
}
