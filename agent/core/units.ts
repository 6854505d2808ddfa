/**
 * Branded units with checked constructors, so that a watt-hour is never added to a height.
 * Energy is an integer in `bigint`; everything that counts or indexes is a safe integer.
 */
import { AgentError } from "./errors.ts";

declare const unit: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [unit]: Name };

/** Energy in integer watt-hours. May be negative (a position); cumulative registers are not. */
export type Wh = Branded<bigint, "Wh">;
/** Active power in watts; positive is import. A live figure: never signed, hashed or settled. */
export type W = Branded<number, "W">;
/** Money in integer micro-coins, a millionth of a coin, any sign. */
export type MicroCoins = Branded<bigint, "MicroCoins">;
/** What a kilowatt-hour costs, in micro-coins, never negative. */
export type PricePerKwh = Branded<bigint, "PricePerKwh">;
/** Instant in milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMs = Branded<number, "UnixMs">;
/** Interval number: interval k is [k · intervalMs, (k + 1) · intervalMs) of Unix time. */
export type IntervalIndex = Branded<number, "IntervalIndex">;
/** Block height; the genesis is height 0 and carries no block. */
export type Height = Branded<number, "Height">;
/** Round of agreement within one height, from 0. */
export type Round = Branded<number, "Round">;
/** Count of DSO terms, from 1. */
export type Term = Branded<number, "Term">;

/** Codes of {@link UnitError}. */
export type UnitErrorCode = "UNIT_NOT_INTEGER" | "UNIT_OUT_OF_RANGE";

/** A number that is not of its unit. */
export class UnitError extends AgentError<UnitErrorCode> {}

/** @param value integer watt-hours, any sign @returns the same, branded */
export function wh(value: bigint): Wh {
  return value as Wh;
}

/** @param value integer micro-coins, any sign @returns the same, branded */
export function microCoins(value: bigint): MicroCoins {
  return value as MicroCoins;
}

/** @param value integer micro-coins per kWh, ≥ 0 @returns the same, branded @throws UnitError `UNIT_OUT_OF_RANGE` */
export function pricePerKwh(value: bigint): PricePerKwh {
  if (value < 0n) throw new UnitError("UNIT_OUT_OF_RANGE", { unit: "PricePerKwh", value: String(value) });
  return value as PricePerKwh;
}

/** @param value watts, finite @returns the same, branded @throws UnitError `UNIT_OUT_OF_RANGE` */
export function watts(value: number): W {
  if (!Number.isFinite(value)) throw new UnitError("UNIT_OUT_OF_RANGE", { unit: "W", value: String(value) });
  return value as W;
}

/** @param value milliseconds since the epoch, ≥ 0 @returns the same, branded @throws UnitError */
export function unixMs(value: number): UnixMs {
  return checkedCount(value, "UnixMs") as UnixMs;
}

/** @param value interval number, ≥ 0 @returns the same, branded @throws UnitError */
export function intervalIndex(value: number): IntervalIndex {
  return checkedCount(value, "IntervalIndex") as IntervalIndex;
}

/** @param value block height, ≥ 0 @returns the same, branded @throws UnitError */
export function height(value: number): Height {
  return checkedCount(value, "Height") as Height;
}

/** @param value round, ≥ 0 @returns the same, branded @throws UnitError */
export function round(value: number): Round {
  return checkedCount(value, "Round") as Round;
}

/** @param value term, ≥ 0 @returns the same, branded @throws UnitError */
export function term(value: number): Term {
  return checkedCount(value, "Term") as Term;
}

function checkedCount(value: number, name: string): number {
  if (!Number.isInteger(value)) throw new UnitError("UNIT_NOT_INTEGER", { unit: name, value: String(value) });
  if (value < 0 || value > Number.MAX_SAFE_INTEGER)
    throw new UnitError("UNIT_OUT_OF_RANGE", { unit: name, value });
  return value;
}
