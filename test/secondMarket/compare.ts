/** Both markets beside each other: where their bytes differ, the interval and how each of them read it. */
import * as dagCbor from "@ipld/dag-cbor";
import fc from "fast-check";
import { equalBytes, toHex } from "../../agent/core/bytes.ts";
import { type DrawnInterval, drawnInterval } from "./drawInterval.ts";
import { settleFirst } from "./settleFirst.ts";
import { lineOf, type PlantedFault, settleSecond } from "./settleSecond.ts";

const NOTHING = new Uint8Array();

/** One interval that the two markets read differently, as text for people. */
export type Disagreement = { readonly index: number; readonly text: string };

/** @param count of intervals @param seed of the draw @returns the same intervals for the same two */
export function drawIntervals(count: number, seed: number): readonly DrawnInterval[] {
  return fc.sample(drawnInterval(), { numRuns: count, seed });
}

/**
 * @param intervals to settle twice
 * @param fault to plant in the second market
 * @param first what the product made of them, where that is known
 * @returns where the bytes differ
 */
export function compare(
  intervals: readonly DrawnInterval[],
  fault?: PlantedFault,
  first: readonly Uint8Array[] = intervals.map(settleFirst),
): readonly Disagreement[] {
  const second = settleSecond(intervals, fault);
  return intervals.flatMap((drawn, index) => {
    const [ours = NOTHING, theirs = NOTHING] = [first[index], second[index]];
    return equalBytes(ours, theirs) ? [] : [{ index, text: describe(drawn, ours, theirs) }];
  });
}

function describe(drawn: DrawnInterval, ours: Uint8Array, theirs: Uint8Array): string {
  return [`interval  ${lineOf(drawn)}`, `edso      ${readable(ours)}`, `second    ${readable(theirs)}`].join(
    "\n",
  );
}

/** @param encoded an interval and the money after it @returns both as text, without readings and with bytes in hexadecimal */
export function readable(encoded: Uint8Array): string {
  const [[interval, , ...rest], money] = dagCbor.decode<[unknown[], unknown]>(encoded);
  return JSON.stringify([interval, ...rest, money], (_, value: unknown) => {
    if (value instanceof Uint8Array) return toHex(value);
    return typeof value === "bigint" ? String(value) : value;
  });
}
