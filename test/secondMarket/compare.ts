/** Both markets beside each other: where their bytes differ, the case and how each of them read it. */
import * as dagCbor from "@ipld/dag-cbor";
import fc from "fast-check";
import { equalBytes, toHex } from "../../agent/core/bytes.ts";
import { claimsOfFirst, drawnClaims, lineOfClaims } from "./drawClaims.ts";
import { type DrawnInterval, drawnInterval } from "./drawInterval.ts";
import { type DrawnLate, drawnLate } from "./drawLate.ts";
import { lineOf, lineOfLate } from "./line.ts";
import { settleFirst } from "./settleFirst.ts";
import { settleLateFirst } from "./settleLateFirst.ts";
import { type PlantedFault, settleSecond } from "./settleSecond.ts";

/** An interval, a late reading or a seller's fuels: as the second market reads it, and what the product makes of it. */
export type Case = { readonly line: string; readonly first: Uint8Array };

const NOTHING = new Uint8Array();

/** @param count of intervals @param seed of the draw @returns the same intervals for the same two */
export function drawIntervals(count: number, seed: number): readonly DrawnInterval[] {
  return fc.sample(drawnInterval(), { numRuns: count, seed });
}

/** @param count of late readings @param seed of the draw @returns the same readings for the same two */
export function drawLate(count: number, seed: number): readonly DrawnLate[] {
  return fc.sample(drawnLate(), { numRuns: count, seed });
}

/** @param drawn an interval @returns its case */
export function caseOf(drawn: DrawnInterval): Case {
  return { line: lineOf(drawn), first: settleFirst(drawn) };
}

/** @param drawn a late reading @returns its case */
export function caseOfLate(drawn: DrawnLate): Case {
  return { line: lineOfLate(drawn), first: settleLateFirst(drawn) };
}

/** @param count of sellers @param seed of the draw @returns their cases, the same for the same two */
export function claimCases(count: number, seed: number): readonly Case[] {
  return fc
    .sample(drawnClaims(), { numRuns: count, seed })
    .map((drawn) => ({ line: lineOfClaims(drawn), first: claimsOfFirst(drawn) }));
}

/** @param cases any @param fault to plant in the second market @returns of each whose bytes differ: the case and both readings of it, a line each */
export function compare(cases: readonly Case[], fault?: PlantedFault): readonly string[] {
  const second = settleSecond(
    cases.map(({ line }) => line),
    fault,
  );
  return cases.flatMap(({ line, first }, index) => {
    const theirs = second[index] ?? NOTHING;
    if (equalBytes(first, theirs)) return [];
    return [[`case    ${line}`, `edso    ${readable(first)}`, `second  ${readable(theirs)}`].join("\n")];
  });
}

/** @param encoded what a block has, and the money after it @returns both as text, without readings and with bytes in hexadecimal */
export function readable(encoded: Uint8Array): string {
  const [[head, second, ...rest], money] = dagCbor.decode<[unknown[], unknown]>(encoded);
  return JSON.stringify(
    [head, ...(Array.isArray(second) ? rest : [second, ...rest]), money],
    (_, value: unknown) => {
      if (value instanceof Uint8Array) return toHex(value);
      return typeof value === "bigint" ? String(value) : value;
    },
  );
}
