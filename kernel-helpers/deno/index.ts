/**
 * What `Deno.jupyter`, and the rest of `Deno`, mean in Wirebook's kernel, so that notebooks written for Deno's run
 * (https://docs.deno.com/runtime/reference/cli/jupyter/). Cells that say `Deno.` find it without importing it.
 * @module
 */

import { Deno as shim } from "@deno/shim-deno";
import { image } from "../display/image.js";
import { host } from "../host-contract.js";
import { type Test, test } from "./test.js";

/** A MIME bundle: MIME type → content. */
export type MediaBundle = { [mime: string]: unknown };

/** Options of {@link Jupyter.display}. */
export interface DisplayOptions {
  /** The value is a MIME bundle. */
  raw?: boolean;
  /** Replace the output of this `display_id`. */
  update?: boolean;
  display_id?: string;
}

type Template = (strings: TemplateStringsArray, ...values: unknown[]) => object;

/** Deno's own interface to notebooks. */
export interface Jupyter {
  readonly $display: symbol;
  display(value: unknown, options?: DisplayOptions): Promise<void>;
  /** @throws TypeError where it is another message than one of outputs */
  broadcast(type: string, content: { [name: string]: unknown }): Promise<void>;
  html: Template;
  md: Template;
  svg: Template;
  image(source: string | Uint8Array): object;
}

const $display = Symbol.for("Jupyter.display");

/** The names of the kernel's cells. */
interface Cells {
  display(value: unknown, options: { id?: string; update?: boolean; raw?: boolean }): void | Promise<void>;
  clearOutput(options: { wait?: boolean }): void;
  html: Template;
  md: Template;
  svg: Template;
}

function cells(): Cells {
  if (!host()) throw new Error("Deno.jupyter: there is no notebook here");
  return globalThis as unknown as Cells;
}

const jupyter: Jupyter = {
  $display,
  async display(value, { raw = false, update = false, display_id: id } = {}) {
    await cells().display(value, {
      raw,
      update: update && id !== undefined,
      ...(id !== undefined && { id }),
    });
  },
  async broadcast(type, content) {
    const { data, name, text, wait, transient } = content as {
      data?: unknown;
      name?: string;
      text?: string;
      wait?: boolean;
      transient?: { display_id?: string };
    };
    if (type === "display_data" || type === "update_display_data")
      await jupyter.display(data, {
        raw: true,
        update: type === "update_display_data",
        ...(transient?.display_id !== undefined && { display_id: transient.display_id }),
      });
    else if (type === "stream") process[name === "stderr" ? "stderr" : "stdout"].write(String(text));
    else if (type === "clear_output") cells().clearOutput({ wait: wait ?? false });
    else
      throw new TypeError(
        `Deno.jupyter.broadcast: ${type} is not sent by cells here, but display_data, update_display_data, stream and clear_output are; for comms there is wirebook/widgets`,
      );
  },
  html: (strings, ...values) => cells().html(strings, ...values),
  md: (strings, ...values) => cells().md(strings, ...values),
  svg: (strings, ...values) => cells().svg(strings, ...values),
  image: (source) => image(source),
};

/** What Node has instead of that which the shim has not. */
const INSTEAD: Record<string, string> = {
  Command: 'spawn and execFile from "node:child_process"',
  serve: 'serve from "wirebook/serve", or createServer from "node:http"',
  connectQuic: '"node:quic"',
  createHttpClient: "fetch",
  dlopen: "a package such as koffi",
  openKv: 'DatabaseSync from "node:sqlite"',
  upgradeWebSocket: "a package such as ws",
};

/** What is asked of any object by those who look what it is. */
const ASKED_OF_ANYTHING = /^(then|toJSON|nodeType|tagName|asymmetricMatch|\$\$typeof|@@.*)$/;

/** What is written to descriptors would overtake what `console` has printed before. */
function throughStream(file: typeof shim.stdout, stream: NodeJS.WriteStream): typeof shim.stdout {
  const writeSync = (bytes: Uint8Array): number => {
    stream.write(Buffer.from(bytes));
    return bytes.length;
  };
  return Object.assign(file, { writeSync, write: async (bytes: Uint8Array) => writeSync(bytes) });
}

/** What of `Deno` there is in Node. */
export interface DenoInNode extends Omit<typeof shim, "test"> {
  readonly jupyter: Jupyter;
  readonly test: Test;
}

/** `Deno` for Node: files, environment, processes by Deno's own shim, and `jupyter`. What neither has says so. */
export const Deno: DenoInNode = new Proxy(
  {
    ...shim,
    jupyter,
    test,
    stdout: throughStream(shim.stdout, process.stdout),
    stderr: throughStream(shim.stderr, process.stderr),
  },
  {
    get(known, name, receiver) {
      if (typeof name === "string" && !(name in known) && !ASKED_OF_ANYTHING.test(name)) {
        const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : "one of Node's modules, perhaps";
        throw new TypeError(`Deno.${name} is Deno's own, and cells run in Node here: use ${instead}`);
      }
      return Reflect.get(known, name, receiver);
    },
  },
);

export declare namespace Deno {
  type DirEntry = shim.DirEntry;
  type FileInfo = shim.FileInfo;
  type FsEvent = shim.FsEvent;
  type FsFile = shim.FsFile;
  type MakeTempOptions = shim.MakeTempOptions;
  type MkdirOptions = shim.MkdirOptions;
  type OpenOptions = shim.OpenOptions;
  type WriteFileOptions = shim.WriteFileOptions;
}

export const display: Jupyter["display"] = jupyter.display;
export const html: Template = jupyter.html;
export const md: Template = jupyter.md;
export const svg: Template = jupyter.svg;
