/** A meter whose registers stand in models of a SunSpec chain: which models, which of their points, which device. */
import type { MeterKind } from "./definition.ts";
import { DriverError } from "./driverError.ts";
import { isQuantity, type Quantity } from "./quantity.ts";

/** Types of SunSpec points that a meter is read from. @source SunSpec Device Information Model Specification V1.1, 6.5 */
export type SunspecPointType = "int16" | "uint16" | "acc32" | "float32";

/** One point of a model. */
export type SunspecPoint = {
  /** Name in the model. */
  readonly point: string;
  readonly quantity: Quantity;
  /** From the model's identifier, which is 0; its length is 1. */
  readonly offset: number;
  readonly type: SunspecPointType;
  /** Offset of its scale factor. */
  readonly scaleFactor?: number;
  /** Factor from the scaled value to the quantity's unit. Default 1. */
  readonly toUnit?: number;
  /** What a positive number means. Default import. */
  readonly positiveIs?: "import" | "export";
};

/** One model as far as it is read. */
export type SunspecModel = {
  readonly id: number;
  /** Registers of the body by the specification, without repeated blocks; a shorter one is not trusted. */
  readonly length: number;
  /** Registers of the longest body that is read, where blocks repeat. Default `length`. */
  readonly longest?: number;
  readonly source: string;
  readonly points: readonly SunspecPoint[];
};

/** A kind of meter found by walking a chain. */
export type SunspecDefinition = MeterKind & {
  readonly kind: "sunspec";
  /** Beginning of the maker's name in the common block; null takes any. */
  readonly makerInChain: string | null;
  /** The meter is the n-th device of the chain that has one of the models, from 1. */
  readonly occurrence: number;
  /** One of them makes a device this kind of meter. */
  readonly models: readonly SunspecModel[];
  /** Read too where the device has them. */
  readonly extraModels: readonly SunspecModel[];
};

/** Registers of a model before its body. */
const HEAD_REGISTERS = 2;
/** Devices of one chain that are told apart. */
const MAX_OCCURRENCE = 8;

/**
 * Checks a definition and hands it back.
 *
 * @param definition a kind of meter in a chain
 * @returns the same
 * @throws DriverError `DRIVER_DEFINITION`, `DRIVER_UNKNOWN_QUANTITY`
 */
export function defineSunspec(definition: SunspecDefinition): SunspecDefinition {
  const { id, models, extraModels, occurrence } = definition;
  const refuse = (what: string) => new DriverError("DRIVER_DEFINITION", { meter: id, what });
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) throw refuse("id");
  if (models.length === 0) throw refuse("no models");
  if (!Number.isInteger(occurrence) || occurrence < 1 || occurrence > MAX_OCCURRENCE)
    throw refuse("occurrence");
  for (const model of [...models, ...extraModels]) {
    const seen = new Set<string>();
    for (const { quantity, offset, type, scaleFactor } of model.points) {
      if (!isQuantity(quantity)) throw new DriverError("DRIVER_UNKNOWN_QUANTITY", { meter: id, quantity });
      if (seen.has(quantity)) throw refuse(`${quantity} twice in model ${model.id}`);
      seen.add(quantity);
      const end = HEAD_REGISTERS + (model.longest ?? model.length);
      if (!isWithin(offset, end - pointLength(type)))
        throw refuse(`offset of ${quantity} in model ${model.id}`);
      if (scaleFactor !== undefined && !isWithin(scaleFactor, end - 1))
        throw refuse(`scale factor of ${quantity} in model ${model.id}`);
    }
  }
  return definition;
}

/** @param type of a point @returns its length in registers */
export function pointLength(type: SunspecPointType): 1 | 2 {
  return type === "int16" || type === "uint16" ? 1 : 2;
}

function isWithin(offset: number, last: number): boolean {
  return Number.isInteger(offset) && offset >= HEAD_REGISTERS && offset <= last;
}
