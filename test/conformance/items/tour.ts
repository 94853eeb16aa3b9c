// A walk past most kinds of messages, for rules that hold for all of them.
import type { Client } from "../client.js";
import type { Samples } from "../samples/samples.js";

/** Asks the kernel for a bit of everything. */
export async function tour(client: Client, samples: Samples): Promise<void> {
  await client.execute(samples.hello);
  await client.execute(samples.value);
  await client.execute(samples.fail);
  if (samples.display) await client.execute(samples.display);
  await client.request("complete_request", { code: samples.hello, cursor_pos: 3 });
  await client.request("is_complete_request", { code: samples.value });
  await client.request("comm_info_request");
  await client.request("kernel_info_request", {}, { channel: "control" });
}
