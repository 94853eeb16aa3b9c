// Who this kernel is, for `kernel_info_request`.

import type { Json } from "../flow.js";

/**
 * Content of a `kernel_info_reply`, without its status.
 * @param options.version this package's
 * @param options.protocol of the Jupyter protocol
 * @param options.typescript the version of the language
 * @param options.javascript it stands in place of a kernel for JavaScript, which its notebooks shall go on saying
 */
export function kernelInfo(options: {
  version: string;
  protocol: string;
  typescript: string;
  javascript?: boolean;
}): Json {
  const language = options.javascript ? "javascript" : "typescript";
  return {
    protocol_version: options.protocol,
    implementation: "wirebook",
    implementation_version: options.version,
    language_info: {
      name: language,
      version: options.typescript,
      mimetype: `text/${language}`,
      file_extension: options.javascript ? ".js" : ".ts",
      pygments_lexer: language,
      codemirror_mode: language,
      nbconvert_exporter: "script",
    },
    banner: `Wirebook ${options.version}: TypeScript ${options.typescript} on Node.js ${process.versions.node}`,
    help_links: [
      { text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/" },
      { text: "Node.js", url: "https://nodejs.org/docs/latest-v24.x/api/" },
      { text: "Sockets in Python's words", url: "https://docs.python.org/3/library/socket.html" },
    ],
    supported_features: ["debugger", "kernel subshells"],
    debugger: true,
  };
}
