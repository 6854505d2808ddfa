/** What a height may cost in a street of n, and why; the table of a run against it. */
import { quorumByHand } from "./quorumByHand.ts";
import type { HeightCost } from "./scaleStreet.ts";

/** Most that any height may cost. */
export type Budget = { readonly [Figure in Exclude<keyof HeightCost, "height">]: number };

/** Longest signed reading with its envelope. @source docs/protocol.md; 192 bytes and an envelope of 16 */
const READING_BYTES = 208;
/** A PREPARE or COMMIT: signature, block hash, place, height, round, envelope. */
const VOTE_BYTES = 144;
/** A trade, residual or missing entry: two addresses of 20 bytes and an amount. */
const ENTRY_BYTES = 56;
const HEADER_BYTES = 512;
/** Beside signatures and bitmap. */
const CERTIFICATE_REST_BYTES = 40;

/**
 * Own bytes: a reading, a PREPARE, a COMMIT. A block: n readings, at most 2 n trades and residuals, the parent's
 * certificate of 64 q bytes, a bitmap and 40 more. Verifications: n readings as they come and n again in the block,
 * one proposal, 2 n votes, the parent's q, and n more at the DSO as it builds. Fsyncs: the reading, PREPARE, COMMIT,
 * the block, and the DSO's PROPOSAL.
 *
 * @param members of the street
 * @returns its budget
 */
export function budgetFor(members: number): Budget {
  const certificateBytes = 64 * quorumByHand(members) + Math.ceil(members / 8) + CERTIFICATE_REST_BYTES;
  const blockBytes = HEADER_BYTES + certificateBytes + members * READING_BYTES + 2 * members * ENTRY_BYTES;
  const ownBytes = READING_BYTES + 2 * VOTE_BYTES;
  const dsoBytes = ownBytes + VOTE_BYTES + blockBytes;
  return {
    ownBytes,
    dsoBytes,
    heardBytes: members * ownBytes + VOTE_BYTES + blockBytes,
    blockBytes,
    certificateBytes,
    verifications: 5 * members + quorumByHand(members) + 1,
    fsyncs: 5,
  };
}

/** @param costs of all heights @param budget of the street @returns a line for each figure: largest, mean, budget; and which are over it */
export function budgetLines(
  costs: readonly HeightCost[],
  budget: Budget,
): { readonly lines: readonly string[]; readonly over: readonly string[] } {
  const figures = Object.keys(budget) as (keyof Budget)[];
  const over: string[] = [];
  const rows = figures.map((figure) => {
    const values = costs.map((cost) => cost[figure]);
    const largest = Math.max(...values);
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    if (!(largest <= budget[figure])) over.push(figure);
    return [figure, String(largest), mean.toFixed(0), String(budget[figure])];
  });
  const lines = [["a height", "largest", "mean", "budget"], ...rows].map(([name, ...cells]) =>
    [name!.padEnd(18), ...cells.map((cell) => cell.padStart(9))].join("  "),
  );
  return { lines, over };
}
