/** Values to registers: the inverse of `decode`, for whatever answers in a meter's stead. */

import { scaleOf } from "./decode.ts";
import {
  type IdentityPlace,
  type MeterRegister,
  placeCount,
  type RegisterPlace,
  type RegisterType,
  registerCount,
  signOf,
  type WordOrder,
} from "./register.ts";

const MILLI = 1000n;

/**
 * Encodes a cumulative value as the meter would show it: integers cut off, floating point rounded to nearest.
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
  if (!isFloat(register.type)) return words(register.type, (milli * per) / (times * MILLI), wordOrder);
  const value = (Number(milli) * Number(per)) / (Number(times) * Number(MILLI));
  return encodeFloat(register.type, value, wordOrder);
}

/**
 * Encodes a directed or plain value.
 *
 * @param register its type and scale
 * @param value in the quantity's unit; of a register that counts export as positive, + is still import
 * @param wordOrder of the meter
 * @returns the registers
 */
export function encodeNumber(
  register: MeterRegister,
  value: number,
  wordOrder: WordOrder,
): readonly number[] {
  const raw = (value * signOf(register)) / (register.toUnit ?? 1);
  if (isFloat(register.type)) return encodeFloat(register.type, raw, wordOrder);
  return words(register.type, BigInt(Math.round(raw)), wordOrder);
}

/**
 * Where a directed or plain value goes: below zero into the register that is taken off, where there is one.
 *
 * @param register its type and scale
 * @param value in the quantity's unit
 * @param wordOrder of the meter
 * @returns the address and the registers; every other term of the value is zero
 */
export function encodeTerm(
  register: MeterRegister,
  value: number,
  wordOrder: WordOrder,
): { readonly address: number; readonly words: readonly number[] } {
  const [takenOff] = register.minus ?? [];
  return value < 0 && takenOff !== undefined
    ? { address: takenOff, words: encodeNumber(register, -value, wordOrder) }
    : { address: register.address, words: encodeNumber(register, value, wordOrder) };
}

/** @param place an integer register @param value whole number @param wordOrder of the meter @returns registers */
export function encodeWhole(place: RegisterPlace, value: bigint, wordOrder: WordOrder): readonly number[] {
  return words(place.type, value, wordOrder);
}

/**
 * Encodes what a meter says of itself.
 *
 * @param place of a serial number or a code
 * @param text digits for an integer register
 * @param wordOrder of the meter
 * @returns the registers; a text is cut or filled with zeros
 */
export function encodeIdentity(place: IdentityPlace, text: string, wordOrder: WordOrder): readonly number[] {
  const { type } = place;
  if (type !== "text") return words(type, BigInt(text), wordOrder);
  const isPacked = place.characters !== "one-a-register";
  const code = (index: number) => text.charCodeAt(index) || 0;
  return Array.from({ length: placeCount(place) }, (_, index) =>
    isPacked ? (code(2 * index) << 8) | code(2 * index + 1) : code(index),
  );
}

function isFloat(type: RegisterType): type is "f32" | "f64" {
  return type === "f32" || type === "f64";
}

function encodeFloat(type: "f32" | "f64", value: number, wordOrder: WordOrder): readonly number[] {
  const view = new DataView(new ArrayBuffer(8));
  if (type === "f64") view.setFloat64(0, value);
  else view.setFloat32(4, value);
  return words(type, view.getBigUint64(0), wordOrder);
}

function words(type: RegisterType, bits: bigint, wordOrder: WordOrder): readonly number[] {
  const count = registerCount(type);
  const unsigned = BigInt.asUintN(count * 16, bits);
  const mostSignificantFirst = Array.from({ length: count }, (_, index) =>
    Number((unsigned >> BigInt((count - 1 - index) * 16)) & 0xffffn),
  );
  return wordOrder === "most-significant-first" ? mostSignificantFirst : mostSignificantFirst.reverse();
}
