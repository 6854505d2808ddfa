/** Three meters for one line, of as many makes as there are definitions for. */
import type { MeterDefinition } from "../../drivers/definition.ts";
import { eastronSdm120 } from "../../drivers/definitions/eastronSdm120.ts";
import { eastronSdm630 } from "../../drivers/definitions/eastronSdm630.ts";

/** Units 1, 2 and 3. */
export const THREE_MAKES: readonly MeterDefinition[] = [eastronSdm630, eastronSdm120, eastronSdm120];
