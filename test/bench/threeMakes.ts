/** Three meters of three makes for one line. */
import type { MeterDefinition } from "../../drivers/definition.ts";
import { meterDefinition } from "../../drivers/registry.ts";

/** Units 1, 2 and 3: Eastron, ABB, Carlo Gavazzi. */
export const THREE_MAKES: readonly MeterDefinition[] = [
  "eastron-sdm630",
  "abb-b2x",
  "carlo-gavazzi-em300",
].map(meterDefinition);
