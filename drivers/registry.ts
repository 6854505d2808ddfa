/** Every meter and actuator the product ships a definition for, by identifier. */
import type { ActuatorDefinition } from "./actuatorDefinition.ts";
import type { MeterDefinition } from "./definition.ts";
import { abbB2x } from "./definitions/abbB2x.ts";
import { carloGavazziEm24 } from "./definitions/carloGavazziEm24.ts";
import { carloGavazziEm100 } from "./definitions/carloGavazziEm100.ts";
import { carloGavazziEm24E1, carloGavazziEm300 } from "./definitions/carloGavazziEm300.ts";
import { chintDtsu666 } from "./definitions/chintDtsu666.ts";
import { dzgDvh4013 } from "./definitions/dzgDvh4013.ts";
import { eastronSdm72V1, eastronSdm72V2 } from "./definitions/eastronSdm72.ts";
import { eastronSdm120 } from "./definitions/eastronSdm120.ts";
import { eastronSdm230 } from "./definitions/eastronSdm230.ts";
import { eastronSdm630 } from "./definitions/eastronSdm630.ts";
import { eltakoDsz15 } from "./definitions/eltakoDsz15.ts";
import { finder7m24, finder7m38 } from "./definitions/finder7m.ts";
import { huaweiSmartPowerSensor, huaweiSun2000 } from "./definitions/huaweiSun2000.ts";
import { ineproPro380 } from "./definitions/ineproPro380.ts";
import { janitzaUmg96rm, janitzaUmg604 } from "./definitions/janitzaUmg.ts";
import { ornoWe516 } from "./definitions/ornoWe516.ts";
import { relayCoil } from "./definitions/relayCoil.ts";
import { schneiderIem3000 } from "./definitions/schneiderIem3000.ts";
import { siemensPac2200, siemensPac3200 } from "./definitions/siemensPac.ts";
import { sunspecInverters } from "./definitions/sunspecInverters.ts";
import { sunspecLimit } from "./definitions/sunspecLimit.ts";
import { sunspecMeters } from "./definitions/sunspecMeters.ts";
import { DriverError } from "./driverError.ts";
import type { SunspecDefinition } from "./sunspecDefinition.ts";

/** Meters whose registers stand at fixed addresses, in order of identifier. */
export const METER_DEFINITIONS: readonly MeterDefinition[] = [
  abbB2x,
  carloGavazziEm100,
  carloGavazziEm24,
  carloGavazziEm24E1,
  carloGavazziEm300,
  chintDtsu666,
  dzgDvh4013,
  eastronSdm120,
  eastronSdm230,
  eastronSdm630,
  eastronSdm72V1,
  eastronSdm72V2,
  eltakoDsz15,
  finder7m24,
  finder7m38,
  huaweiSmartPowerSensor,
  huaweiSun2000,
  ineproPro380,
  janitzaUmg604,
  janitzaUmg96rm,
  ornoWe516,
  schneiderIem3000,
  siemensPac2200,
  siemensPac3200,
];

/** Meters found by walking a SunSpec chain. */
export const SUNSPEC_DEFINITIONS: readonly SunspecDefinition[] = [...sunspecInverters, ...sunspecMeters];

/** Every kind of meter there is, in order of identifier. */
export const KNOWN_METERS: readonly (MeterDefinition | SunspecDefinition)[] = [
  ...METER_DEFINITIONS,
  ...SUNSPEC_DEFINITIONS,
].sort((left, right) => (left.id < right.id ? -1 : 1));

/** Every kind of actuator there is, in order of identifier. */
export const ACTUATOR_DEFINITIONS: readonly ActuatorDefinition[] = [relayCoil, sunspecLimit];

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

/**
 * Finds an actuator.
 *
 * @param id identifier as in the configuration
 * @param coil of a board with several relays, 0-based; means nothing for what is no relay
 * @returns the definition
 * @throws DriverError `DRIVER_UNKNOWN_ACTUATOR`, naming what there is
 */
export function actuatorDefinition(id: string, coil = 0): ActuatorDefinition {
  const kind = ACTUATOR_DEFINITIONS.find((candidate) => candidate.id === id);
  if (kind?.kind === "relay-coil") return { ...kind, coil };
  if (kind !== undefined) return kind;
  const known = ACTUATOR_DEFINITIONS.map((each) => each.id).join(", ");
  throw new DriverError("DRIVER_UNKNOWN_ACTUATOR", { actuator: id, known });
}

function found<Kind extends { readonly id: string }>(kinds: readonly Kind[], id: string): Kind {
  const kind = kinds.find((candidate) => candidate.id === id);
  if (kind !== undefined) return kind;
  throw new DriverError("DRIVER_UNKNOWN_METER", {
    meter: id,
    known: kinds.map((each) => each.id).join(", "),
  });
}
