/** The order of office worked out again, from the rule in docs/protocol.md and not from the product's code. */
import { createHash } from "node:crypto";
import * as dagCbor from "@ipld/dag-cbor";

/** What a block left: who was in office, in which term, for how many blocks. */
export type OfficeByHand = { readonly dso: string; readonly term: number; readonly blocks: number };

/**
 * @param voters of the street
 * @param before the office that the parent left, null before the first block
 * @param termMax blocks of a term
 * @param seed of the genesis
 * @returns the incumbent unless its term is served, the others by hash, a served incumbent last, and one that is no voter any more nowhere; ballots are not cast here
 */
export function seatsByHand(
  voters: readonly string[],
  before: OfficeByHand | null,
  termMax: number,
  seed: Uint8Array,
): readonly string[] {
  const term = before?.term ?? 1;
  const draws = voters.map((voter) => ({
    voter,
    draw: createHash("sha256")
      .update(seed)
      .update(dagCbor.encode([term, voter]))
      .digest("hex"),
  }));
  const others = draws
    .filter(({ voter }) => voter !== before?.dso)
    .sort((left, right) => (left.draw < right.draw ? -1 : 1))
    .map(({ voter }) => voter);
  if (before === null || !voters.includes(before.dso)) return others;
  return before.blocks >= termMax ? [...others, before.dso] : [before.dso, ...others];
}
