/**
 * Registers to values. A cumulative register becomes the floor of its exact value, in integer arithmetic only:
 * a float32 is a whole number times a power of two, so nothing is rounded before the floor.
 * What the meter does not know is absent, never zero.
 *
 * @source IEEE 754-2019, section 3.4 (binary32)
 */
import type { MeterRegister, RegisterPlace, RegisterType, WordOrder } from "./definition.ts";
import { registerCount } from "./definition.ts";
import { DriverError } from "./driverError.ts";
import { quantityFacts } from "./quantity.ts";

const F32_SIGNIFICAND_BITS = 23;
const F32_EXPONENT_BIAS = 127;
const F32_EXPONENT_SPECIAL = 255;
const MILLI = 1000n;
/** More than any meter of a household counts in its life; above it a register is noise. */
const MAX_CUMULATIVE = 10n ** 15n;

/** Why a register holds no value. */
export type AbsentReason = "marker" | "not-a-number" | "infinite" | "negative" | "out-of-range";

/** What one register says. */
export type DecodedValue =
  | {
      readonly kind: "cumulative";
      /** Floor of the exact value, in the quantity's unit. */
      readonly value: bigint;
      /** Step of the register at this value, in thousandths of the unit, rounded up. */
      readonly resolutionMilli: number;
    }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "absent"; readonly reason: AbsentReason };

/** `numerator` / `denominator` exactly, and the distance to the next value the type can hold. */
type ExactValue = {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly stepNumerator: bigint;
};

/**
 * Decodes one measured value.
 *
 * @param register its type, scale and quantity
 * @param words its registers as they came, 0 … 65535 each
 * @param wordOrder of the meter
 * @returns the value in the quantity's unit, or why there is none
 * @throws DriverError `DRIVER_BAD_ANSWER` when the count of words is not the type's
 */
export function decodeRegister(
  register: MeterRegister,
  words: readonly number[],
  wordOrder: WordOrder,
): DecodedValue {
  const exact = decodeExact(register, words, wordOrder);
  if (typeof exact === "string") return { kind: "absent", reason: exact };
  const [times, per] = scaleOf(register.toUnit ?? 1);
  const numerator = exact.numerator * times;
  const denominator = exact.denominator * per;
  if (quantityFacts(register.quantity).kind !== "cumulative")
    return { kind: "number", value: toNumber(register, words, wordOrder, exact) };
  if (numerator < 0n) return { kind: "absent", reason: "negative" };
  const value = numerator / denominator;
  if (value > MAX_CUMULATIVE) return { kind: "absent", reason: "out-of-range" };
  const step = exact.stepNumerator * times * MILLI;
  return { kind: "cumulative", value, resolutionMilli: Number((step + denominator - 1n) / denominator) };
}

/**
 * Decodes an unsigned whole number, such as a serial number.
 *
 * @param place where it stands; an integer type
 * @param words its registers as they came
 * @param wordOrder of the meter
 * @returns the number, or null when the meter marks it as absent
 * @throws DriverError `DRIVER_BAD_ANSWER`
 */
export function decodeWhole(
  place: RegisterPlace,
  words: readonly number[],
  wordOrder: WordOrder,
): bigint | null {
  const exact = decodeExact(place, words, wordOrder);
  return typeof exact === "string" || exact.denominator !== 1n ? null : exact.numerator;
}

/** @param toUnit factor as `defineMeter` admits it @returns the same as an exact fraction */
export function scaleOf(toUnit: number): readonly [times: bigint, per: bigint] {
  return toUnit >= 1 ? [BigInt(Math.round(toUnit)), 1n] : [1n, BigInt(Math.round(1 / toUnit))];
}

function decodeExact(
  place: RegisterPlace,
  words: readonly number[],
  wordOrder: WordOrder,
): ExactValue | AbsentReason {
  const raw = rawBits(place.type, words, wordOrder);
  if (place.absentRaw !== undefined && raw === place.absentRaw) return "marker";
  switch (place.type) {
    case "u16":
    case "u32":
    case "u64":
      return { numerator: raw, denominator: 1n, stepNumerator: 1n };
    case "i16":
    case "i32":
    case "i64":
      return { numerator: BigInt.asIntN(words.length * 16, raw), denominator: 1n, stepNumerator: 1n };
    case "f32":
      return exactFloat32(Number(raw));
    default:
      return place.type satisfies never;
  }
}

function exactFloat32(bits: number): ExactValue | AbsentReason {
  const exponentBits = (bits >>> F32_SIGNIFICAND_BITS) & F32_EXPONENT_SPECIAL;
  const fraction = bits & (2 ** F32_SIGNIFICAND_BITS - 1);
  if (exponentBits === F32_EXPONENT_SPECIAL) return fraction === 0 ? "infinite" : "not-a-number";
  const isNormal = exponentBits > 0;
  const magnitude = BigInt(isNormal ? fraction + 2 ** F32_SIGNIFICAND_BITS : fraction);
  const significand = bits >>> 31 === 1 ? -magnitude : magnitude;
  const exponent = (isNormal ? exponentBits : 1) - F32_EXPONENT_BIAS - F32_SIGNIFICAND_BITS;
  const power = 2n ** BigInt(Math.abs(exponent));
  return exponent >= 0
    ? { numerator: significand * power, denominator: 1n, stepNumerator: power }
    : { numerator: significand, denominator: power, stepNumerator: 1n };
}

function rawBits(type: RegisterType, words: readonly number[], wordOrder: WordOrder): bigint {
  if (words.length !== registerCount(type))
    throw new DriverError("DRIVER_BAD_ANSWER", { type, words: words.length });
  const ordered = wordOrder === "most-significant-first" ? words : [...words].reverse();
  return ordered.reduce((bits, word) => (bits << 16n) | BigInt(word), 0n);
}

function toNumber(
  register: MeterRegister,
  words: readonly number[],
  wordOrder: WordOrder,
  exact: ExactValue,
): number {
  const [times, per] = scaleOf(register.toUnit ?? 1);
  if (register.type !== "f32") return Number(exact.numerator * times) / Number(per);
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, Number(rawBits(register.type, words, wordOrder)));
  return (view.getFloat32(0) * Number(times)) / Number(per);
}
