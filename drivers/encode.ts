/** Values to registers: the inverse of `decode`, for whatever answers in a meter's stead. */

import { scaleOf } from "./decode.ts";
import type { MeterRegister, RegisterPlace, RegisterType, WordOrder } from "./definition.ts";
import { registerCount } from "./definition.ts";

const MILLI = 1000n;

/**
 * Encodes a cumulative value as the meter would show it: integers cut off, float32 rounded to nearest.
 *
 * @param register its type and scale
 * @param milli thousandths of the quantity's unit, ≥ 0
 * @param wordOrder of the meter
 * @returns the registers
 */
export function encodeCumulative(
  register: MeterRegister,
  milli: bigint,
  wordOrder: WordOrder,
): readonly number[] {
  const [times, per] = scaleOf(register.toUnit ?? 1);
  if (register.type !== "f32") return words(register.type, (milli * per) / (times * MILLI), wordOrder);
  return encodeFloat32((Number(milli) * Number(per)) / (Number(times) * Number(MILLI)), wordOrder);
}

/**
 * Encodes a directed or plain value.
 *
 * @param register its type and scale
 * @param value in the quantity's unit
 * @param wordOrder of the meter
 * @returns the registers
 */
export function encodeNumber(
  register: MeterRegister,
  value: number,
  wordOrder: WordOrder,
): readonly number[] {
  const raw = value / (register.toUnit ?? 1);
  if (register.type === "f32") return encodeFloat32(raw, wordOrder);
  return words(register.type, BigInt(Math.round(raw)), wordOrder);
}

/** @param place an integer register @param value whole number @param wordOrder of the meter @returns registers */
export function encodeWhole(place: RegisterPlace, value: bigint, wordOrder: WordOrder): readonly number[] {
  return words(place.type, value, wordOrder);
}

function encodeFloat32(value: number, wordOrder: WordOrder): readonly number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return words("f32", BigInt(view.getUint32(0)), wordOrder);
}

function words(type: RegisterType, bits: bigint, wordOrder: WordOrder): readonly number[] {
  const count = registerCount(type);
  const unsigned = BigInt.asUintN(count * 16, bits);
  const mostSignificantFirst = Array.from({ length: count }, (_, index) =>
    Number((unsigned >> BigInt((count - 1 - index) * 16)) & 0xffffn),
  );
  return wordOrder === "most-significant-first" ? mostSignificantFirst : mostSignificantFirst.reverse();
}
