/** Registers of a meter: where a value stands, how it is encoded, and which registers make up one value. */
import type { ParsedDefinition, RegisterInput } from "./definitionSchema.ts";
import { type Quantity, quantityFacts } from "./quantity.ts";

/** Where a register lives: `input` is read by function code 4, `holding` by 3. */
export type RegisterTable = "input" | "holding";
/** Encoding of a value; 16 bits a register, word order as the meter's. */
export type RegisterType = "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64";
/** Which word of a value comes first on the wire. */
export type WordOrder = "most-significant-first" | "least-significant-first";
/** Parity bit of a character on the line. */
export type Parity = "none" | "even" | "odd";
/** Raw value by which a meter says "not available": 0xFFFF, 0x7FFF, 0x8000 in the width of the type, or zero. */
export type AbsentMarker = "all-ones" | "greatest" | "least" | "zero";

/** Place and encoding of one value. */
export type RegisterPlace = {
  readonly table: RegisterTable;
  /** 0-based, as sent on the wire. */
  readonly address: number;
  readonly type: RegisterType;
  readonly absent?: readonly AbsentMarker[] | undefined;
  /** True: it has its meaning only when nothing else is read with it. */
  readonly readAlone?: boolean | undefined;
  /** Manual, page or file the register was taken from. */
  readonly source: string;
};

/** One measured value. */
export type MeterRegister = RegisterPlace & {
  readonly quantity: Quantity;
  /** Factor from the register to the quantity's unit: an integer, or one over an integer. Default 1. */
  readonly toUnit?: number | undefined;
  /** What a positive number means, of a quantity with a direction. Default import. */
  readonly positiveIs?: "import" | "export" | undefined;
  /** Some variants of the meter lack it: they mark it as absent, or refuse the read by exception 2. */
  readonly optional?: "marked" | "refused" | undefined;
  /** Addresses of registers of the same kind that are added. */
  readonly plus?: readonly number[] | undefined;
  /** Addresses of registers of the same kind that are taken off. */
  readonly minus?: readonly number[] | undefined;
  /** Address of the signed 16-bit power of ten, read together with the value. */
  readonly scaleFactorAt?: number | undefined;
};

/** Place of a serial number or of a model's code: an integer, or a text. */
export type IdentityPlace = Omit<RegisterPlace, "type"> & {
  readonly type: RegisterType | "text";
  /** Length of a text, in registers. */
  readonly registers?: number | undefined;
  /** How a text is packed. Default two-a-register. */
  readonly characters?: "two-a-register" | "one-a-register" | undefined;
};

/** Bits of a word on the wire. */
export const WORD_BITS = 16;

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
    case "f64":
      return 4;
    default:
      return type satisfies never;
  }
}

/** @param place of a value, a serial number or a code @returns how many registers it takes */
export function placeCount(place: IdentityPlace): number {
  return place.type === "text" ? (place.registers ?? 1) : registerCount(place.type);
}

/** @param place of a value or an identity @returns true for a measured value */
export function isMeterRegister(place: IdentityPlace): place is MeterRegister {
  return "quantity" in place;
}

/**
 * Every place that one value is computed from, in the order in which `decodeRegister` takes their words:
 * the register, those added, those taken off, the scale factor.
 *
 * @param register a measured value
 * @returns its places
 */
export function termsOf(register: MeterRegister): readonly RegisterPlace[] {
  const { table, type, source, plus = [], minus = [], scaleFactorAt } = register;
  const terms = [register.address, ...plus, ...minus].map((address) => ({ table, address, type, source }));
  if (scaleFactorAt === undefined) return terms;
  return [...terms, { table, address: scaleFactorAt, type: "i16", source }];
}

/**
 * Completes the registers of a definition with its defaults and its offset.
 *
 * @param definition in its form
 * @returns the registers at their addresses on the wire; null for one that lacks its table, type or source
 */
export function completeRegisters(definition: ParsedDefinition): readonly (MeterRegister | null)[] {
  return definition.registers.map((register) => completed(definition, register));
}

/** @param definition in its form @param address as printed @returns it as sent on the wire */
export function wireAddress(definition: ParsedDefinition, address: number): number {
  return address + definition.addressOffset;
}

function completed(definition: ParsedDefinition, register: RegisterInput): MeterRegister | null {
  const { defaults } = definition;
  const table = register.table ?? defaults.table;
  const type = register.type ?? defaults.type;
  const source = [defaults.source, register.source].filter((part) => part !== undefined).join(", ");
  if (table === undefined || type === undefined || source === "") return null;
  const onWire = (address: number) => wireAddress(definition, address);
  const { plus, minus, scaleFactorAt } = register;
  return {
    ...register,
    table,
    type,
    source,
    address: onWire(register.address),
    absent: register.absent ?? absentByDefault(defaults, type),
    ...(plus === undefined ? {} : { plus: plus.map(onWire) }),
    ...(minus === undefined ? {} : { minus: minus.map(onWire) }),
    ...(scaleFactorAt === undefined ? {} : { scaleFactorAt: onWire(scaleFactorAt) }),
  };
}

function absentByDefault(
  { absent }: ParsedDefinition["defaults"],
  type: RegisterType,
): readonly AbsentMarker[] | undefined {
  if (type.startsWith("f")) return undefined;
  return type.startsWith("u") ? absent?.unsigned : absent?.signed;
}

/** @param register a measured value @returns 1, or -1 where the meter counts export as positive */
export function signOf(register: MeterRegister): 1 | -1 {
  const isExport = register.positiveIs === "export" && quantityFacts(register.quantity).kind === "directed";
  return isExport ? -1 : 1;
}
