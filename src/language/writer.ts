// How messages leave for the language server: each at once and in one piece. The package's own writer keeps every message for a
// turn of the event loop, and a question stands behind the text that it is about.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol
import type { Writable } from "node:stream";
import { AbstractMessageWriter, type Message, type MessageWriter } from "vscode-jsonrpc/node";

export class Writer extends AbstractMessageWriter implements MessageWriter {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    super();
    this.#stream = stream;
  }

  write(message: Message): Promise<void> {
    const text = JSON.stringify(message);
    this.#stream.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return Promise.resolve();
  }

  end(): void {
    this.#stream.end();
  }
}
