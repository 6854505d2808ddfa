/**
 * Who votes at a height whose chain is not here. Voters change by blocks that the voters before them certified, so the
 * headers of those blocks alone, each with its certificate and with what it changed, lead from the genesis to any height.
 *
 * @source docs/protocol.md, "Snapshots"
 */
import type { VerifyContext, VoterKey } from "../consensus/certificate.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import type { LedgerContext } from "./context.ts";

/** Codes a trail is refused with. */
export type TrailRefusal = "ROSTER_TRAIL_UNKNOWN";

/** @param left voters of a height @param right voters of another @returns true when both are the same, in one order */
export function haveSameVoters(left: VerifyContext, right: VerifyContext): boolean {
  const isSame = ({ id }: VoterKey, place: number) => right.voters[place]?.id === id;
  return left.voters.length === right.voters.length && left.voters.every(isSame);
}

/**
 * A trail is not followed yet, so a snapshot is taken only over heights in which the voters did not change. To build
 * it: for each entry, verify its certificate against the voters so far, prove the change of the roster by the header's
 * body root, apply it.
 *
 * @param context with the voters that the trail begins with
 * @param trail one entry for each block that changed who votes, oldest first
 * @returns the context that certificates at its end are judged by, or why it leads nowhere
 */
export function votersAlong(
  context: LedgerContext,
  trail: readonly Uint8Array[],
): Verdict<LedgerContext, TrailRefusal> {
  return trail.length === 0 ? accept(context) : reject("ROSTER_TRAIL_UNKNOWN", `${trail.length} changes`);
}
