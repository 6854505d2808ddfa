/** What own votes prove of a block that a quorum may have decided. */
import type { Height } from "../units.ts";
import type { CommitBasis, OwnVote } from "./ownVote.ts";

/**
 * @param votes own votes, as kept
 * @param height in progress
 * @returns block and PREPAREs of the COMMIT of the highest round at that height; null when none was sent: S4 lets no
 *   quorum decide without a COMMIT that rests on them
 */
export function preparedByOwn(
  votes: readonly OwnVote[],
  height: Height,
): Pick<CommitBasis, "body" | "prepared"> | null {
  let found: Pick<CommitBasis, "body" | "prepared"> | null = null;
  for (const { message, basis } of votes) {
    if (basis === null || message.height !== height) continue;
    if (found === null || basis.prepared.round >= found.prepared.round) found = basis;
  }
  return found;
}
