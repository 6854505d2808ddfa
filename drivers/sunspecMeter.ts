/** From a walked chain to a meter: which device is meant, and its points as registers at their addresses. */
import { defineMeter, type Guard, type MeterDefinition } from "./definition.ts";
import type { MeterDefinitionInput } from "./definitionSchema.ts";
import { DriverError } from "./driverError.ts";
import { COMMON_POINTS, type SunspecChain, type SunspecDevice, type SunspecModelPlace } from "./sunspec.ts";
import {
  pointLength,
  type SunspecDefinition,
  type SunspecModel,
  type SunspecPoint,
  type SunspecPointType,
} from "./sunspecDefinition.ts";

type RegisterInput = MeterDefinitionInput["registers"][number];
type Located = { readonly model: SunspecModel; readonly place: SunspecModelPlace };

/** Registers before a model's body. */
const HEAD_REGISTERS = 2;
const ENCODINGS = {
  int16: { type: "i16", absent: ["least"] },
  uint16: { type: "u16", absent: ["all-ones"] },
  // An accumulator of zero is one that the device does not have. @source Specification V1.1, 6.5.1
  acc32: { type: "u32", absent: ["zero"] },
  float32: { type: "f32" },
} as const satisfies Record<SunspecPointType, Partial<RegisterInput>>;

/**
 * Turns the meant device of a chain into a definition with fixed addresses. Its guards are the heads of its models:
 * a chain that has shifted since is noticed before a value is used.
 *
 * @param definition the kind of meter
 * @param chain as walked, or null when there is none
 * @returns the definition, good until the chain shifts
 * @throws DriverError `DRIVER_NO_MODEL` when the chain holds no such device
 */
export function locateSunspec(definition: SunspecDefinition, chain: SunspecChain | null): MeterDefinition {
  const device = candidates(definition, chain)[definition.occurrence - 1];
  const main = device === undefined ? null : mainModel(definition, device);
  if (device === undefined || main === null)
    throw new DriverError("DRIVER_NO_MODEL", {
      meter: definition.id,
      base: chain?.base ?? null,
      found: chain === null ? null : modelsFound(chain),
    });
  const located = [main, ...definition.extraModels.flatMap((model) => placedIn(model, device) ?? [])];
  const { kind: _, makerInChain, occurrence, models, extraModels, name, serial, tcp, ...rest } = definition;
  const input: MeterDefinitionInput = {
    ...rest,
    ...(serial === null ? {} : { serial }),
    ...(tcp === null ? {} : { tcp }),
    wordOrder: "most-significant-first",
    maxGapRegisters: definition.maxRegistersPerRead,
    identification: {
      meterSerial: {
        ...COMMON_POINTS.meterSerial,
        address: device.address + COMMON_POINTS.meterSerial.address,
      },
    },
    registers: located.flatMap((entry) => registersOf(definition, entry)),
  };
  return { ...defineMeter(input), name, guards: located.flatMap(guardsOf) };
}

/** One device of a chain as a kind of meter. */
export type SunspecMeterName = {
  readonly definitionId: string;
  readonly model: string;
  readonly meterSerial: string | null;
};

/**
 * Names the devices of a chain.
 *
 * @param chain as walked, or null
 * @param known the kinds of meter to look for; one of a maker is preferred to one of any maker
 * @returns one entry for each device that some kind reads
 */
export function devicesOf(
  chain: SunspecChain | null,
  known: readonly SunspecDefinition[],
): readonly SunspecMeterName[] {
  const preferred = [
    ...known.filter(({ makerInChain }) => makerInChain !== null),
    ...known.filter(({ makerInChain }) => makerInChain === null),
  ];
  return (chain?.devices ?? []).flatMap((device) => {
    const definition = preferred.find(
      (candidate) => candidates(candidate, chain)[candidate.occurrence - 1] === device,
    );
    if (definition === undefined) return [];
    const { maker, model, meterSerial } = device.common;
    return [{ definitionId: definition.id, model: `${maker ?? ""} ${model ?? ""}`.trim(), meterSerial }];
  });
}

function candidates(definition: SunspecDefinition, chain: SunspecChain | null): readonly SunspecDevice[] {
  const wanted = definition.makerInChain?.toLowerCase() ?? "";
  return (chain?.devices ?? []).filter((device) => {
    // Meters behind an inverter carry their own maker's name; the chain is the first device's.
    const owner = chain?.devices[0]?.common.maker?.toLowerCase() ?? "";
    return owner.startsWith(wanted) && mainModel(definition, device) !== null;
  });
}

function mainModel(definition: SunspecDefinition, device: SunspecDevice): Located | null {
  for (const model of definition.models) {
    const found = placedIn(model, device);
    if (found !== null) return found;
  }
  return null;
}

function placedIn(model: SunspecModel, device: SunspecDevice): Located | null {
  const place = device.models.find(({ id, length }) => id === model.id && length >= model.length);
  return place === undefined ? null : { model, place };
}

function registersOf(definition: SunspecDefinition, { model, place }: Located): readonly RegisterInput[] {
  return model.points
    .filter((point) => isInBody(point, place) && isReadable(definition, point))
    .map((point) => ({
      ...ENCODINGS[point.type],
      quantity: point.quantity,
      table: "holding",
      address: place.address + point.offset,
      ...(point.scaleFactor === undefined ? {} : { scaleFactorAt: place.address + point.scaleFactor }),
      ...(point.toUnit === undefined ? {} : { toUnit: point.toUnit }),
      ...(point.positiveIs === undefined ? {} : { positiveIs: point.positiveIs }),
      optional: "marked",
      source: `${model.source}, ${point.point}`,
    }));
}

/** Repeated blocks: a device with two trackers has no third. */
function isInBody({ offset, type }: SunspecPoint, { length }: SunspecModelPlace): boolean {
  return offset + pointLength(type) <= HEAD_REGISTERS + length;
}

/** A value and its scale factor come in one read. */
function isReadable({ maxRegistersPerRead }: SunspecDefinition, point: SunspecPoint): boolean {
  const { offset, scaleFactor = offset, type } = point;
  return (
    Math.max(offset + pointLength(type), scaleFactor + 1) - Math.min(offset, scaleFactor) <=
    maxRegistersPerRead
  );
}

function guardsOf({ model, place }: Located): readonly Guard[] {
  const guard = (address: number, equals: number): Guard => ({
    table: "holding",
    address,
    type: "u16",
    source: model.source,
    equals,
  });
  return [guard(place.address, model.id), guard(place.address + 1, place.length)];
}

function modelsFound(chain: SunspecChain): string {
  return chain.devices
    .map(({ common, models }) => `${common.maker ?? "?"}: ${models.map(({ id }) => id).join(" ")}`)
    .join("; ");
}
