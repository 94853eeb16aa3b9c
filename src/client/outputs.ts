// The outputs of a notebook's cells, as messages make them: streams joined, displays replaced by their id wherever they stand.
import type { KernelMessage } from "./connection.js";

export type Output = Record<string, unknown> & { output_type: string };

export class Outputs {
  /** Where each display id stands. */
  readonly #displays = new Map<string, Output[]>();
  readonly #most: number;

  /** @param most characters that are kept of one cell's outputs */
  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** A place for the outputs of one cell. */
  cell(): CellOutputs {
    return new CellOutputs(this.#displays, this.#most);
  }
}

export class CellOutputs {
  readonly list: Output[] = [];
  readonly #displays: Map<string, Output[]>;
  readonly #most: number;
  #clearNext = false;
  #kept = 0;
  /** Characters that were left out. */
  left = 0;

  constructor(displays: Map<string, Output[]>, most: number) {
    this.#displays = displays;
    this.#most = most;
  }

  /** Takes an iopub message of this cell. */
  take(message: KernelMessage.IIOPubMessage): void {
    const content = message.content as Record<string, unknown>;
    if (!this.#fits(content)) {
      // Of printed text the beginning stays.
      if (message.header.msg_type === "stream" && this.#kept < this.#most)
        this.#stream(String(content.name), String(content.text).slice(0, this.#most - this.#kept));
      this.#kept = this.#most;
      return;
    }
    switch (message.header.msg_type) {
      case "stream":
        this.#stream(String(content.name), String(content.text));
        return;
      case "display_data":
      case "execute_result": {
        const { data, metadata, execution_count } = content;
        const type = message.header.msg_type;
        const output: Output = {
          output_type: type,
          data,
          metadata,
          ...(type === "execute_result" && { execution_count }),
        };
        this.#push(output);
        const id = (content.transient as { display_id?: string } | undefined)?.display_id;
        if (id !== undefined) this.#displays.set(id, [...(this.#displays.get(id) ?? []), output]);
        return;
      }
      case "update_display_data": {
        const id = (content.transient as { display_id?: string } | undefined)?.display_id;
        for (const output of this.#displays.get(id ?? "") ?? [])
          Object.assign(output, { data: content.data, metadata: content.metadata });
        return;
      }
      case "error":
        this.#push({
          output_type: "error",
          ename: content.ename,
          evalue: content.evalue,
          traceback: content.traceback,
        });
        return;
      case "clear_output":
        if (content.wait) this.#clearNext = true;
        else this.list.length = 0;
    }
  }

  #fits(content: Record<string, unknown>): boolean {
    if (this.#most === Number.POSITIVE_INFINITY) return true;
    const size = typeof content.text === "string" ? content.text.length : sizeOf(content.data);
    const fits = size === 0 || this.#kept + size <= this.#most;
    if (fits) this.#kept += size;
    else this.left += size;
    return fits;
  }

  #push(output: Output): void {
    if (this.#clearNext) this.list.length = 0;
    this.#clearNext = false;
    this.list.push(output);
  }

  #stream(name: string, text: string): void {
    const last = this.#clearNext ? undefined : this.list.at(-1);
    if (last?.output_type === "stream" && last.name === name) (last.text as string[]).push(text);
    else this.#push({ output_type: "stream", name, text: [text] });
  }

  /** As nbformat 4.5 writes them: text as a list of lines. */
  toNotebook(): Output[] {
    const said: Output[] =
      this.left === 0
        ? []
        : [
            {
              output_type: "stream",
              name: "stderr",
              text: [`… ${this.left} characters more were left out here\n`],
            },
          ];
    return [...this.list, ...said].map((output) => {
      if (output.output_type === "stream")
        return { ...output, text: toLines((output.text as string[]).join("")) };
      if (output.data)
        return {
          ...output,
          data: Object.fromEntries(
            Object.entries(output.data).map(([mime, value]) => [
              mime,
              typeof value === "string" && !mime.startsWith("image/p") ? toLines(value) : value,
            ]),
          ),
        };
      return { ...output };
    });
  }
}

function sizeOf(data: unknown): number {
  if (typeof data !== "object" || data === null) return 0;
  return Object.values(data).reduce(
    (sum: number, value) => sum + (typeof value === "string" ? value.length : JSON.stringify(value).length),
    0,
  );
}

/** A multi-line string of nbformat: each line with its end. */
export function toLines(text: string): string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== "");
}
