/**
 * What time it is by the clocks of the other gateways: for one that no time server has told.
 *
 * @source docs/protocol.md, "Time"
 */

/** Most that a clock may differ from the median of all and still agree with it, in ms: what a boundary sample may. */
export const MOST_APART_MS = 1_000;

/**
 * @param offsets by how much each other voter's clock is ahead of one own clock, in ms, one for each voter
 * @param needed how many of them must agree: a quorum, so that those who lie cannot be the middle
 * @returns the median, when as many are within {@link MOST_APART_MS} of it; null else
 */
export function agreedOffset(offsets: readonly number[], needed: number): number | null {
  const sorted = [...offsets].sort((left, right) => left - right);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (median === undefined) return null;
  const agreeing = sorted.filter((offset) => Math.abs(offset - median) <= MOST_APART_MS);
  return agreeing.length >= needed ? median : null;
}
