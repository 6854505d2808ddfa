/**
 * Exact values of registers: fractions of whole numbers, so that energy is floored once and nothing is rounded before.
 *
 * @source IEEE 754-2019, section 3.4 (binary32, binary64)
 */

/** Why a floating point register holds no number. */
export type FloatReason = "not-a-number" | "infinite";

/** `numerator` / `denominator` exactly, and over the same denominator the distance to the next value the type can hold. */
export type ExactValue = {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly stepNumerator: bigint;
};

type FloatLayout = { readonly significandBits: bigint; readonly exponentBits: bigint };

const LAYOUTS: Readonly<Record<"f32" | "f64", FloatLayout>> = {
  f32: { significandBits: 23n, exponentBits: 8n },
  f64: { significandBits: 52n, exponentBits: 11n },
};

/**
 * @param bits of the number, most significant first
 * @param type its width
 * @returns the very number, or why it is none
 */
export function exactFloat(bits: bigint, type: "f32" | "f64"): ExactValue | FloatReason {
  const { significandBits, exponentBits } = LAYOUTS[type];
  const special = (1n << exponentBits) - 1n;
  const biased = (bits >> significandBits) & special;
  const fraction = bits & ((1n << significandBits) - 1n);
  if (biased === special) return fraction === 0n ? "infinite" : "not-a-number";
  const isNormal = biased > 0n;
  const magnitude = isNormal ? fraction + (1n << significandBits) : fraction;
  const significand = bits >> (significandBits + exponentBits) === 1n ? -magnitude : magnitude;
  const exponent = (isNormal ? biased : 1n) - (special >> 1n) - significandBits;
  return exponent >= 0n
    ? { numerator: significand << exponent, denominator: 1n, stepNumerator: 1n << exponent }
    : { numerator: significand, denominator: 1n << -exponent, stepNumerator: 1n };
}

/** @param left @param right @param sign of the right one @returns the sum, as coarse as the coarser of the two */
export function addExact(left: ExactValue, right: ExactValue, sign: 1 | -1): ExactValue {
  const leftStep = left.stepNumerator * right.denominator;
  const rightStep = right.stepNumerator * left.denominator;
  const isLeftCoarser = leftStep > rightStep;
  return {
    numerator: left.numerator * right.denominator + BigInt(sign) * right.numerator * left.denominator,
    denominator: left.denominator * right.denominator,
    stepNumerator: isLeftCoarser ? leftStep : rightStep,
  };
}

/** @param value any @param exponent power of ten @returns the value times ten to that power */
export function scaleByTen(value: ExactValue, exponent: number): ExactValue {
  const power = 10n ** BigInt(Math.abs(exponent));
  if (exponent < 0) return { ...value, denominator: value.denominator * power };
  return {
    ...value,
    numerator: value.numerator * power,
    stepNumerator: value.stepNumerator * power,
  };
}
