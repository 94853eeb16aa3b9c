// Every check, in the order of the checklist.
import type { Check } from "./check.js";
import { commChecks } from "./items/comms.js";
import { controlChecks } from "./items/control.js";
import { debuggerChecks } from "./items/debugger.js";
import { executeChecks } from "./items/execute.js";
import { headerChecks } from "./items/header.js";
import { lifecycleChecks } from "./items/lifecycle.js";
import { orderChecks } from "./items/order.js";
import { queueChecks } from "./items/queue.js";
import { replayChecks } from "./items/replay.js";
import { requestChecks } from "./items/requests.js";
import { resultChecks } from "./items/results.js";
import { secureChecks } from "./items/secure.js";
import { stdinChecks } from "./items/stdin.js";
import { subshellChecks } from "./items/subshells.js";
import { wireChecks } from "./items/wire.js";

export const checks: Check[] = [
  ...wireChecks,
  ...replayChecks,
  ...headerChecks,
  ...lifecycleChecks,
  ...secureChecks,
  ...orderChecks,
  ...executeChecks,
  ...resultChecks,
  ...queueChecks,
  ...requestChecks,
  ...commChecks,
  ...controlChecks,
  ...debuggerChecks,
  ...subshellChecks,
  ...stdinChecks,
].sort((a, b) => a.item - b.item);

export function titleOf({ item, title }: Check): string {
  return `item ${item}: ${title}`;
}
