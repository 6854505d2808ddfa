/**
 * A meter as data: which quantity stands in which register, in what type and scale, and where that is written.
 * {@link defineMeter} refuses a definition that could not be read safely.
 */
import { DriverError } from "./driverError.ts";
import { isQuantity, type Quantity } from "./quantity.ts";

/** Watt-hours in a kilowatt-hour: `toUnit` of a register in kWh. */
export const WH_PER_KWH = 1000;
/** Var-hours in a kilovar-hour: `toUnit` of a register in kvarh. */
export const VARH_PER_KVARH = 1000;

/** Largest count of one read. @source Modbus Application Protocol V1.1b3, sections 6.3 and 6.4 */
const MAX_REGISTERS_OF_MODBUS = 125;
const ADDRESS_SPACE = 0x10000;

/** Where a register lives: `input` is read by function code 4, `holding` by 3. */
export type RegisterTable = "input" | "holding";
/** Encoding of a value; 16 bits a register, word order as the meter's. */
export type RegisterType = "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32";
/** Which word of a value comes first on the wire. */
export type WordOrder = "most-significant-first" | "least-significant-first";
/** Parity bit of a character on the line. */
export type Parity = "none" | "even" | "odd";

/** Place and encoding of one value. */
export type RegisterPlace = {
  readonly table: RegisterTable;
  /** 0-based, as sent on the wire. */
  readonly address: number;
  readonly type: RegisterType;
  /** Raw value by which the meter says "not available". */
  readonly absentRaw?: bigint;
  /** Manual, page or file the register was taken from. */
  readonly source: string;
};

/** One measured value. */
export type MeterRegister = RegisterPlace & {
  readonly quantity: Quantity;
  /** Factor from the register to the quantity's unit: an integer, or one over an integer. Default 1. */
  readonly toUnit?: number;
};

/** How the factory sets the line. */
export type SerialSettings = {
  readonly baudRate: number;
  readonly parity: Parity;
  readonly dataBits: 7 | 8;
  readonly stopBits: 1 | 2;
  readonly unitId: number;
  readonly source: string;
};

/** What the meter needs between characters on the wire. */
export type MeterTiming = {
  /** Usual time from the request's end to the answer's start. */
  readonly thinkTimeMs: number;
  /** From the request's end; longer than the worst think time. */
  readonly answerTimeoutMs: number;
  /** Silence before the next request to the same meter. */
  readonly gapMs: number;
  readonly source: string;
};

/** A kind of meter. */
export type MeterDefinition = {
  /** Stable identifier, as it stands in the configuration. */
  readonly id: string;
  readonly name: string;
  readonly wordOrder: WordOrder;
  readonly maxRegistersPerRead: number;
  /** Longest run of undefined registers a read may span without an exception. */
  readonly maxGapRegisters: number;
  /** Reads must start at an even address and have an even count. */
  readonly readsInPairs: boolean;
  readonly serial: SerialSettings;
  readonly timing: MeterTiming;
  readonly identification: { readonly meterSerial?: RegisterPlace };
  readonly registers: readonly MeterRegister[];
};

/** @param type encoding @returns how many registers it takes */
export function registerCount(type: RegisterType): number {
  switch (type) {
    case "u16":
    case "i16":
      return 1;
    case "u32":
    case "i32":
    case "f32":
      return 2;
    case "u64":
    case "i64":
      return 4;
    default:
      return type satisfies never;
  }
}

/** @param definition a meter @returns every place it names, identification included */
export function registerPlaces(definition: MeterDefinition): readonly RegisterPlace[] {
  const { meterSerial } = definition.identification;
  return meterSerial === undefined ? definition.registers : [...definition.registers, meterSerial];
}

/**
 * Checks a definition and hands it back, so that a table of definitions holds only readable ones.
 *
 * @param definition a meter as data, possibly from a file
 * @returns the same
 * @throws DriverError `DRIVER_DEFINITION`, `DRIVER_UNKNOWN_QUANTITY`, `DRIVER_OVERLAP`, `DRIVER_READ_TOO_LONG`
 */
export function defineMeter(definition: MeterDefinition): MeterDefinition {
  checkLimits(definition);
  const seen = new Set<string>();
  for (const register of definition.registers) {
    if (!isQuantity(register.quantity))
      throw new DriverError("DRIVER_UNKNOWN_QUANTITY", { meter: definition.id, quantity: register.quantity });
    if (seen.has(register.quantity)) throw fault(definition, `${register.quantity} twice`);
    seen.add(register.quantity);
    checkScale(definition, register);
  }
  const places = registerPlaces(definition);
  for (const place of places) checkPlace(definition, place);
  checkOverlaps(definition, places);
  return definition;
}

function checkLimits(definition: MeterDefinition): void {
  const { maxRegistersPerRead, maxGapRegisters, readsInPairs, timing, serial } = definition;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(definition.id)) throw fault(definition, "id");
  if (definition.registers.length === 0) throw fault(definition, "no registers");
  const least = readsInPairs ? 2 : 1;
  if (!isWithin(maxRegistersPerRead, least, MAX_REGISTERS_OF_MODBUS))
    throw fault(definition, "maxRegistersPerRead");
  if (!isWithin(maxGapRegisters, 0, MAX_REGISTERS_OF_MODBUS)) throw fault(definition, "maxGapRegisters");
  if (!isWithin(serial.unitId, 1, 247)) throw fault(definition, "unitId");
  if (!isWithin(timing.thinkTimeMs, 0, timing.answerTimeoutMs)) throw fault(definition, "thinkTimeMs");
  if (!isWithin(timing.answerTimeoutMs, 1, 60_000)) throw fault(definition, "answerTimeoutMs");
  if (!isWithin(timing.gapMs, 0, 10_000)) throw fault(definition, "gapMs");
}

function checkScale(definition: MeterDefinition, register: MeterRegister): void {
  const { toUnit = 1 } = register;
  const whole = toUnit >= 1 ? toUnit : 1 / toUnit;
  const isExact = Number.isFinite(whole) && whole > 0 && Math.abs(whole - Math.round(whole)) < whole * 1e-12;
  if (!isExact) throw fault(definition, `toUnit of ${register.quantity}`);
}

function checkPlace(definition: MeterDefinition, place: RegisterPlace): void {
  const count = registerCount(place.type);
  if (!isWithin(place.address, 0, ADDRESS_SPACE - count)) throw fault(definition, "address");
  if (place.source === "") throw fault(definition, `no source for address ${place.address}`);
  const start = definition.readsInPairs ? place.address - (place.address % 2) : place.address;
  const odd = definition.readsInPairs ? (place.address + count - start) % 2 : 0;
  const needed = place.address + count - start + odd;
  if (needed > definition.maxRegistersPerRead)
    throw new DriverError("DRIVER_READ_TOO_LONG", { meter: definition.id, address: place.address, needed });
}

function checkOverlaps(definition: MeterDefinition, places: readonly RegisterPlace[]): void {
  for (const table of ["input", "holding"] as const) {
    const sorted = places.filter((place) => place.table === table).sort((a, b) => a.address - b.address);
    let end = 0;
    for (const place of sorted) {
      if (place.address < end)
        throw new DriverError("DRIVER_OVERLAP", { meter: definition.id, table, address: place.address });
      end = place.address + registerCount(place.type);
    }
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function fault(definition: MeterDefinition, what: string): DriverError {
  return new DriverError("DRIVER_DEFINITION", { meter: definition.id, what });
}
