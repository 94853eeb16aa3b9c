// All scenarios, by name.
import type { Scenario } from "./scenario.js";
import { attribution } from "./scenarios/attribution.js";
import { control } from "./scenarios/control.js";
import { deaths } from "./scenarios/deaths.js";
import { eavesdrop } from "./scenarios/eavesdrop.js";
import { flood } from "./scenarios/flood.js";
import { grading } from "./scenarios/grading.js";
import { gradingWithout } from "./scenarios/grading-without.js";
import { hostile } from "./scenarios/hostile.js";
import { interrupts } from "./scenarios/interrupts.js";
import { middleware } from "./scenarios/middleware.js";
import { order } from "./scenarios/order.js";
import { orphans } from "./scenarios/orphans.js";
import { randomInterrupts } from "./scenarios/random-interrupts.js";
import { reconnect } from "./scenarios/reconnect.js";
import { replay } from "./scenarios/replay.js";
import { soak } from "./scenarios/soak.js";
import { sockets } from "./scenarios/sockets.js";
import { storm } from "./scenarios/storm.js";

export const scenarios: Record<string, Scenario> = {
  hostile,
  replay,
  eavesdrop,
  interrupts,
  "random-interrupts": randomInterrupts,
  control,
  flood,
  order,
  attribution,
  deaths,
  orphans,
  storm,
  reconnect,
  sockets,
  grading,
  "grading-without": gradingWithout,
  middleware,
  soak,
};
