// Widgets on the wire: what a page is told, what it may change, and where what listeners print stands.
import { expect, test } from "vitest";
import type { Client, Received } from "../../kernel/client.js";
import { textOf } from "../../kernel/client.js";
import { startKernelProcess } from "../../kernel/kernel.js";

const opened = (messages: Received[]): Received => {
  const found = messages.find((message) => message.type === "comm_open");
  if (!found) throw new Error(`no widget among ${messages.map(({ type }) => type).join()}`);
  return found;
};
/** What a page does. */
const tell = async (
  client: Client,
  comm: string,
  data: object,
  buffers: Uint8Array[] = [],
): Promise<void> => {
  await client.send("shell", "comm_msg", { comm_id: comm, data }, { buffers });
};
const updates = (client: Client, comm: string): Received[] =>
  client.received.filter(({ type, content }) => type === "comm_msg" && content.comm_id === comm);

test("a slider is drawn by anywidget, shows its value as text elsewhere, and its listener prints under its cell", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const made = await client.execute(
    "import { slider } from 'wirebook/widgets';\nconst delay = slider({ label: 'delay', max: 50 });\ndelay.on('value', (ms) => console.log('now', ms));\ndelay",
  );
  const { content, metadata } = opened(made.iopub);
  expect(content.target_name).toBe("jupyter.widget");
  expect(metadata.version).toMatch(/^2\./);
  expect(content.data.state).toMatchObject({
    _model_module: "anywidget",
    value: 0,
    min: 0,
    max: 50,
    label: "delay",
  });
  const shown = made.iopub.find(({ type }) => type === "execute_result")?.content.data;
  expect(shown["application/vnd.jupyter.widget-view+json"].model_id).toBe(content.comm_id);
  expect(shown["text/plain"]).toBe("delay 0 (0 to 50)");

  await tell(client, content.comm_id, { method: "update", state: { value: 7 }, buffer_paths: [] });
  await expect.poll(() => textOf(client.of(made.reply.parent.msg_id))).toContain("now 7");
  const read = await client.execute("delay.value");
  expect(read.iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"]).toBe("7");
  await client.execute("delay.value = 9");
  await expect.poll(() => updates(client, content.comm_id).at(-1)?.content.data.state).toEqual({ value: 9 });
});

test("a widget answers while a cell waits for it, and a page cannot put in what the model does not have", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const made = await client.execute(
    "import { widget } from 'wirebook/widgets';\nconst w = widget({ module: 'export default {}', model: { n: 1 } });\nw",
  );
  const { comm_id: comm } = opened(made.iopub).content;
  const id = await client.send("shell", "execute_request", { code: "console.log('in'); await w.next('n')" });
  await client.wait((message) => message.parent.msg_id === id && message.content.text === "in\n");
  const state = { _esm: "evil()", other: 1, n: 5 };
  await tell(client, comm, { method: "update", state, buffer_paths: [] });
  const { iopub } = await client.answered(id);
  expect(iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"]).toBe("5");
  await tell(client, comm, { method: "request_state" });
  await expect
    .poll(() => updates(client, comm).at(-1)?.content.data.state)
    .toMatchObject({
      _esm: "export default {}",
      n: 5,
    });
  expect(updates(client, comm).at(-1)?.content.data.state.other).toBeUndefined();
});

test("bytes travel beside the state in both directions, and a page that was loaded again gets all widgets", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const made = await client.execute(
    "import { widget } from 'wirebook/widgets';\nconst w = widget({ module: '', model: { raw: new Uint8Array([1, 2]), deep: { raw: new Uint8Array([3]) } } });\nw.on('raw', (raw) => console.log(raw));\nw",
  );
  const { content, buffers } = opened(made.iopub);
  expect(content.data.buffer_paths).toEqual([["raw"], ["deep", "raw"]]);
  expect(buffers.map((buffer) => [...buffer])).toEqual([[1, 2], [3]]);
  const comm = content.comm_id;
  await tell(client, comm, { method: "update", state: {}, buffer_paths: [["__proto__", "x"]] }, [
    Buffer.from("x"),
  ]);
  await tell(client, comm, { method: "update", state: { raw: null }, buffer_paths: [["raw"]] }, [
    Buffer.from([7, 8, 9]),
  ]);
  await expect.poll(() => textOf(client.of(made.reply.parent.msg_id))).toContain("Uint8Array(3) [ 7, 8, 9 ]");

  await client.send("shell", "comm_open", {
    comm_id: "control",
    target_name: "jupyter.widget.control",
    data: {},
  });
  await tell(client, "control", { method: "request_states" });
  const all = await client.wait((message) => message.content.data?.method === "update_states");
  expect(Object.keys(all.content.data.states)).toEqual([comm]);
  expect(all.content.data.buffer_paths).toContainEqual([comm, "state", "deep", "raw"]);
});

test("a button's clicks and a field's lines are heard; a table and a log are renewed in place", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const made = await client.execute(`import { button, liveLog, table, text } from 'wirebook/widgets';
const b = button('go', () => console.log('clicked')), f = text({ label: 'name' }), t = table([{ a: 1, b: 'x' }]), l = liveLog();
f.onSubmit((line) => console.log('line', line));
l.log('first', 1);
t.show([{ c: '<b>' }]);
display(b); display(t); display(l); f`);
  const comms = made.iopub.filter(({ type }) => type === "comm_open").map(({ content }) => content.comm_id);
  await tell(client, comms[0], { method: "custom", content: { click: true } });
  await tell(client, comms[1], { method: "custom", content: { submit: "Ada" } });
  await expect.poll(() => textOf(client.of(made.reply.parent.msg_id))).toContain("clicked\nline Ada\n");
  expect(updates(client, comms[2]).at(-1)?.content.data.state).toEqual({ columns: ["c"], rows: [["<b>"]] });
  expect(updates(client, comms[3]).at(-1)?.content.data.state).toEqual({ lines: ["first 1"] });
  const shown = made.iopub.flatMap(({ content }) => content.data?.["text/plain"] ?? []);
  expect(shown).toEqual(["[ go ]", "c\n<b>", "first 1", 'name ""']);
});

test("when its cell runs again a widget is closed", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const code = "import { slider } from 'wirebook/widgets';\nslider()";
  const first = await client.execute(code, {}, { metadata: { cellId: "s" } });
  const second = await client.execute(code, {}, { metadata: { cellId: "s" } });
  const before = opened(first.iopub).content.comm_id;
  expect(client.received.find(({ type }) => type === "comm_close")?.content.comm_id).toBe(before);
  const { reply } = await client.request("comm_info_request", { target_name: "jupyter.widget" });
  expect(Object.keys(reply.content.comms)).toEqual([opened(second.iopub).content.comm_id]);
});
