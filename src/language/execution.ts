// One execution of a cell, as later ones see it.
import type { Outline } from "../flow.js";
import type { Source, ValueBinding } from "./bindings.js";
import type { CellModule } from "./module.js";
import type { Place } from "./spares.js";

export interface Execution extends Place {
  label: string;
  cellId: string | undefined;
  outline: Outline;
  module: CellModule;
  /** Modules that it imports because they change global types. */
  always: Source[];
  /** Instead of the module's own text. */
  text?: string;
  /** The names of earlier cells in its functions, and where they came from. */
  closedOver: Map<string, ValueBinding>;
  /** Has it run? */
  entered: boolean;
}
