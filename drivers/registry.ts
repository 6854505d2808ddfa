/** Every meter the product ships a definition for, by identifier. */
import type { MeterDefinition } from "./definition.ts";
import { eastronSdm120 } from "./definitions/eastronSdm120.ts";
import { eastronSdm630 } from "./definitions/eastronSdm630.ts";
import { DriverError } from "./driverError.ts";

/** All definitions, in order of identifier. */
export const METER_DEFINITIONS: readonly MeterDefinition[] = [eastronSdm120, eastronSdm630];

/**
 * Finds a definition.
 *
 * @param id identifier as in the configuration
 * @returns the definition
 * @throws DriverError `DRIVER_UNKNOWN_METER`, naming what there is
 */
export function meterDefinition(id: string): MeterDefinition {
  const found = METER_DEFINITIONS.find((definition) => definition.id === id);
  if (found !== undefined) return found;
  const known = METER_DEFINITIONS.map((definition) => definition.id).join(", ");
  throw new DriverError("DRIVER_UNKNOWN_METER", { meter: id, known });
}
