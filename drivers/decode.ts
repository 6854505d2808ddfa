/**
 * Registers to values. A cumulative value becomes the floor of its exact value, in integer arithmetic only:
 * a floating point number is a whole number times a power of two, so nothing is rounded before the floor.
 * What the meter does not know is absent, never zero.
 */
import { DriverError } from "./driverError.ts";
import { addExact, type ExactValue, exactFloat, type FloatReason, scaleByTen } from "./exact.ts";
import { quantityFacts } from "./quantity.ts";
import {
  type AbsentMarker,
  type IdentityPlace,
  type MeterRegister,
  placeCount,
  type RegisterPlace,
  registerCount,
  signOf,
  termsOf,
  WORD_BITS,
  type WordOrder,
} from "./register.ts";

const MILLI = 1000n;
/** More than any meter of a household counts in its life; above it a register is noise. */
const MAX_CUMULATIVE = 10n ** 15n;
/** Scale factors a device may use. @source SunSpec Device Information Model Specification V1.1, section 6.5.2 */
const MAX_SCALE_EXPONENT = 10;
const SCALE_NOT_IMPLEMENTED = -0x8000;
/** What a text may hold; anything else would end up in a terminal or a log. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/** Why a register holds no value. */
export type AbsentReason = "marker" | FloatReason | "negative" | "out-of-range" | "scale-factor";

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

/** The words of one value, taken apart. */
type Terms = {
  readonly exact: ExactValue;
  readonly number: number;
  readonly exponent: number;
};

/**
 * Decodes one measured value.
 *
 * @param register its type, scale and quantity
 * @param words its registers as they came, 0 … 65535 each: those of the value, of what is added and taken off,
 *   and its scale factor, in the order of `termsOf`
 * @param wordOrder of the meter
 * @returns the value in the quantity's unit, or why there is none
 * @throws DriverError `DRIVER_BAD_ANSWER` when the count of words is not the value's
 */
export function decodeRegister(
  register: MeterRegister,
  words: readonly number[],
  wordOrder: WordOrder,
): DecodedValue {
  const terms = sumOfTerms(register, words, wordOrder);
  if (typeof terms === "string") return { kind: "absent", reason: terms };
  const [times, per] = scaleOf(register.toUnit ?? 1);
  if (quantityFacts(register.quantity).kind !== "cumulative") {
    const scaled = scaledNumber((terms.number * Number(times)) / Number(per), terms.exponent);
    return { kind: "number", value: signOf(register) === -1 ? 0 - scaled : scaled };
  }
  const { numerator, denominator, stepNumerator } = scaleByTen(terms.exact, terms.exponent);
  if (numerator < 0n) return { kind: "absent", reason: "negative" };
  const value = (numerator * times) / (denominator * per);
  if (value > MAX_CUMULATIVE) return { kind: "absent", reason: "out-of-range" };
  const step = stepNumerator * times * MILLI;
  const whole = denominator * per;
  return { kind: "cumulative", value, resolutionMilli: Number((step + whole - 1n) / whole) };
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

/**
 * Decodes what a meter says of itself: a serial number or the code of its model.
 *
 * @param place where it stands
 * @param words its registers as they came
 * @param wordOrder of the meter
 * @returns digits or text, trimmed; null when it is absent, empty or not printable
 * @throws DriverError `DRIVER_BAD_ANSWER`
 */
export function decodeIdentity(
  place: IdentityPlace,
  words: readonly number[],
  wordOrder: WordOrder,
): string | null {
  const { type } = place;
  if (type !== "text") return decodeWhole({ ...place, type }, words, wordOrder)?.toString() ?? null;
  if (words.length !== placeCount(place))
    throw new DriverError("DRIVER_BAD_ANSWER", { type, words: words.length });
  const isPacked = place.characters !== "one-a-register";
  const codes = words.flatMap((word) => (isPacked ? [word >> 8, word & 0xff] : [word & 0xff]));
  const end = codes.indexOf(0);
  const text = String.fromCharCode(...(end < 0 ? codes : codes.slice(0, end))).trim();
  return text !== "" && PRINTABLE.test(text) ? text : null;
}

/** @param toUnit factor as `defineMeter` admits it @returns the same as an exact fraction */
export function scaleOf(toUnit: number): readonly [times: bigint, per: bigint] {
  return toUnit >= 1 ? [BigInt(Math.round(toUnit)), 1n] : [1n, BigInt(Math.round(1 / toUnit))];
}

function sumOfTerms(
  register: MeterRegister,
  words: readonly number[],
  wordOrder: WordOrder,
): Terms | AbsentReason {
  const { plus = [], scaleFactorAt } = register;
  const places = termsOf(register);
  const expected = places.reduce((sum, place) => sum + registerCount(place.type), 0);
  if (words.length !== expected)
    throw new DriverError("DRIVER_BAD_ANSWER", { type: register.type, words: words.length });
  const exponent = scaleFactorAt === undefined ? 0 : scaleExponent(words.at(-1) ?? 0);
  if (exponent === null) return "scale-factor";
  const size = registerCount(register.type);
  let sum: Terms | null = null;
  for (const index of places.slice(0, scaleFactorAt === undefined ? undefined : -1).keys()) {
    const own = words.slice(index * size, (index + 1) * size);
    const exact = decodeExact(register, own, wordOrder);
    if (typeof exact === "string") return exact;
    const sign = index > plus.length ? -1 : 1;
    const number = toNumber(register, own, wordOrder, exact);
    sum =
      sum === null
        ? { exact, number, exponent }
        : { exact: addExact(sum.exact, exact, sign), number: sum.number + sign * number, exponent };
  }
  return sum ?? "marker";
}

/** A power of ten, or null when the device says that there is none: the value is then unknown, not unscaled. */
function scaleExponent(word: number): number | null {
  const exponent = word >= 0x8000 ? word - 0x10000 : word;
  if (exponent === SCALE_NOT_IMPLEMENTED || Math.abs(exponent) > MAX_SCALE_EXPONENT) return null;
  return exponent;
}

function scaledNumber(value: number, exponent: number): number {
  return exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent;
}

function decodeExact(
  place: RegisterPlace,
  words: readonly number[],
  wordOrder: WordOrder,
): ExactValue | AbsentReason {
  const raw = rawBits(place, words, wordOrder);
  const bits = words.length * WORD_BITS;
  switch (place.type) {
    case "f32":
    case "f64":
      return exactFloat(raw, place.type);
    case "u16":
    case "u32":
    case "u64":
    case "i16":
    case "i32":
    case "i64": {
      if (place.absent?.some((marker) => raw === markerBits(marker, bits)) === true) return "marker";
      const numerator = place.type.startsWith("u") ? raw : BigInt.asIntN(bits, raw);
      return { numerator, denominator: 1n, stepNumerator: 1n };
    }
    default:
      return place.type satisfies never;
  }
}

function markerBits(marker: AbsentMarker, bits: number): bigint {
  const half = 1n << BigInt(bits - 1);
  switch (marker) {
    case "all-ones":
      return half * 2n - 1n;
    case "greatest":
      return half - 1n;
    case "least":
      return half;
    case "zero":
      return 0n;
    default:
      return marker satisfies never;
  }
}

function rawBits({ type }: RegisterPlace, words: readonly number[], wordOrder: WordOrder): bigint {
  if (words.length !== registerCount(type))
    throw new DriverError("DRIVER_BAD_ANSWER", { type, words: words.length });
  const ordered = wordOrder === "most-significant-first" ? words : [...words].reverse();
  return ordered.reduce((bits, word) => (bits << BigInt(WORD_BITS)) | BigInt(word), 0n);
}

/** The nearest double: of a floating point register the very number it holds. */
function toNumber(
  place: RegisterPlace,
  words: readonly number[],
  wordOrder: WordOrder,
  exact: ExactValue,
): number {
  if (place.type !== "f32" && place.type !== "f64") return Number(exact.numerator);
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, rawBits(place, words, wordOrder) << (place.type === "f32" ? 32n : 0n));
  return place.type === "f32" ? view.getFloat32(0) : view.getFloat64(0);
}
