/** Every meter the product ships a definition for, by identifier. */
import type { MeterDefinition } from "./definition.ts";
import { eastronSdm120 } from "./definitions/eastronSdm120.ts";
import { eastronSdm630 } from "./definitions/eastronSdm630.ts";
import { DriverError } from "./driverError.ts";
import type { SunspecDefinition } from "./sunspecDefinition.ts";

/** Meters whose registers stand at fixed addresses, in order of identifier. */
export const METER_DEFINITIONS: readonly MeterDefinition[] = [eastronSdm120, eastronSdm630];

/** Meters found by walking a SunSpec chain, in order of identifier. */
export const SUNSPEC_DEFINITIONS: readonly SunspecDefinition[] = [];

/** Every kind of meter there is. */
export const KNOWN_METERS: readonly (MeterDefinition | SunspecDefinition)[] = [
  ...METER_DEFINITIONS,
  ...SUNSPEC_DEFINITIONS,
];

/**
 * Finds a meter whose registers stand at fixed addresses.
 *
 * @param id identifier as in the configuration
 * @returns the definition
 * @throws DriverError `DRIVER_UNKNOWN_METER`, naming what there is
 */
export function meterDefinition(id: string): MeterDefinition {
  return found(METER_DEFINITIONS, id);
}

/**
 * Finds a meter of any kind.
 *
 * @param id identifier as in the configuration
 * @returns the definition
 * @throws DriverError `DRIVER_UNKNOWN_METER`, naming what there is
 */
export function knownMeter(id: string): MeterDefinition | SunspecDefinition {
  return found(KNOWN_METERS, id);
}

function found<Kind extends { readonly id: string }>(kinds: readonly Kind[], id: string): Kind {
  const kind = kinds.find((candidate) => candidate.id === id);
  if (kind !== undefined) return kind;
  throw new DriverError("DRIVER_UNKNOWN_METER", {
    meter: id,
    known: kinds.map((each) => each.id).join(", "),
  });
}
