// What each message must hold, by its type. Fields beyond these are welcome, as the protocol says.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html
import { z } from "zod";
import type { Message } from "./wire.js";

const json = z.record(z.string(), z.unknown());
const count = z.number().int().nonnegative();
const isJson = /[+/]json$/;
const bundle = z
  .record(z.string().regex(/^[\w\-+.]+\/[\w\-+.]+$/, "a MIME type without parameters"), z.unknown())
  .refine(
    (data) => Object.entries(data).every(([mime, value]) => !isJson.test(mime) || typeof value !== "string"),
    {
      error: "JSON is sent as such, not as a string",
    },
  );
const withText = bundle.refine((data) => typeof data["text/plain"] === "string", {
  error: "text/plain is missing",
});
const failure = z.looseObject({
  status: z.literal("error"),
  ename: z.string(),
  evalue: z.string(),
  traceback: z.array(z.string()),
});
const answer = (fields: z.ZodRawShape): z.ZodType =>
  z.union([z.looseObject({ status: z.literal("ok"), ...fields }), failure]);
const object = (fields: z.ZodRawShape): z.ZodType => z.looseObject(fields);

const expression = z.union([
  z.looseObject({ status: z.literal("ok"), data: bundle, metadata: json }),
  failure,
]);
const executed = {
  ok: object({
    status: z.literal("ok"),
    execution_count: count,
    payload: z.array(z.looseObject({ source: z.string() })).optional(),
    user_expressions: z.record(z.string(), expression),
  }),
  error: failure.extend({ execution_count: count }),
  aborted: object({ status: z.literal("aborted"), execution_count: count }),
};
const typed = z.looseObject({
  text: z.string(),
  type: z.string(),
  start: count.optional(),
  end: count.optional(),
  signature: z.string().optional(),
});
const port = z.number().int().min(1).max(65_535);
const entry = z.tuple([count, count, z.union([z.string(), z.tuple([z.string(), z.string().nullable()])])]);
const dapResponse = object({
  type: z.literal("response"),
  request_seq: z.number().int(),
  command: z.string(),
  success: z.boolean(),
});

/** Type → the item of the checklist, and the schema. */
const schemas: Record<string, [item: number, schema: z.ZodType]> = {
  status: [26, object({ execution_state: z.enum(["busy", "idle", "starting"]) })],
  iopub_welcome: [21, object({ subscription: z.string() })],
  execute_input: [32, object({ code: z.string(), execution_count: count })],
  error: [37, object({ ename: z.string(), evalue: z.string(), traceback: z.array(z.string()) })],
  execute_result: [38, object({ execution_count: count, data: withText, metadata: json })],
  display_data: [38, object({ data: bundle, metadata: json, transient: json.optional() })],
  update_display_data: [
    38,
    object({ data: bundle, metadata: json, transient: z.looseObject({ display_id: z.string() }) }),
  ],
  kernel_info_reply: [
    44,
    answer({
      protocol_version: z.string().regex(/^\d+\.\d+/),
      implementation: z.string().min(1),
      implementation_version: z.string().min(1),
      banner: z.string(),
      help_links: z.array(z.looseObject({ text: z.string(), url: z.string() })),
      supported_features: z.array(z.string()),
      debugger: z.boolean().optional(),
      language_info: z.looseObject({
        name: z.string().min(1),
        version: z.string(),
        mimetype: z.string().regex(/\//),
        file_extension: z.string().regex(/^\./),
        pygments_lexer: z.string().optional(),
        codemirror_mode: z.union([z.string(), json]).optional(),
        nbconvert_exporter: z.string().optional(),
      }),
    }),
  ],
  complete_reply: [
    45,
    answer({
      matches: z.array(z.string()),
      cursor_start: count,
      cursor_end: count,
      metadata: z.looseObject({ _jupyter_types_experimental: z.array(typed).optional() }),
    }),
  ],
  inspect_reply: [47, answer({ found: z.boolean(), data: bundle, metadata: json })],
  is_complete_reply: [
    48,
    z.union([
      z.looseObject({ status: z.literal("incomplete"), indent: z.string() }),
      z.looseObject({ status: z.enum(["complete", "invalid", "unknown"]), indent: z.literal("").optional() }),
    ]),
  ],
  history_reply: [49, answer({ history: z.array(entry) })],
  comm_info_reply: [50, answer({ comms: z.record(z.string(), z.looseObject({ target_name: z.string() })) })],
  comm_open: [51, object({ comm_id: z.string(), target_name: z.string(), data: json })],
  comm_msg: [51, object({ comm_id: z.string(), data: json })],
  comm_close: [51, object({ comm_id: z.string(), data: json })],
  stream: [52, object({ name: z.enum(["stdout", "stderr"]), text: z.string() })],
  clear_output: [52, object({ wait: z.boolean() })],
  connect_reply: [
    52,
    object({
      shell_port: port,
      iopub_port: port,
      stdin_port: port,
      hb_port: port,
      control_port: port.optional(),
    }),
  ],
  shutdown_reply: [53, answer({ restart: z.boolean() })],
  interrupt_reply: [54, answer({})],
  debug_reply: [55, dapResponse],
  debug_event: [55, object({ type: z.literal("event"), event: z.string() })],
  create_subshell_reply: [56, answer({ subshell_id: z.string() })],
  delete_subshell_reply: [56, answer({})],
  list_subshell_reply: [56, answer({ subshell_id: z.array(z.string()) })],
  input_request: [58, object({ prompt: z.string(), password: z.boolean() })],
};

/** ISO 8601 with a zone, to the second at least. */
const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/, "ISO 8601 with a zone");
const header = z.looseObject({
  msg_id: z.string().min(1),
  session: z.string().min(1),
  username: z.string(),
  date,
  msg_type: z.string().min(1),
  version: z.string().regex(/^5\.\d+/),
});

/** What is wrong with a message's header. */
export function headerProblem(message: Message): string | undefined {
  return problemOf(header, message.header);
}

/** What is wrong with a message's content, and the item that says so. */
export function contentProblem({ header, content }: Message): { item: number; text: string } | undefined {
  const type = String(header.msg_type);
  if (type === "execute_reply") {
    const status = content.status === "ok" || content.status === "error" ? content.status : "aborted";
    const text = problemOf(executed[status as keyof typeof executed], content);
    return text === undefined ? undefined : { item: status === "aborted" ? 41 : 36, text };
  }
  const [item, schema] = schemas[type] ?? [];
  if (!item || !schema) return undefined;
  const text = problemOf(schema, content);
  return text === undefined ? undefined : { item, text };
}

function problemOf(schema: z.ZodType, value: unknown): string | undefined {
  const { error } = schema.safeParse(value);
  return error && z.prettifyError(error).replaceAll(/\s+/g, " ");
}
