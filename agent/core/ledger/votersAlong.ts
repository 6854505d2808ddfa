/**
 * Who votes at a height whose chain is not here. Voters change by blocks that the voters before them certified, so the
 * headers of those blocks alone, each with its certificate and with what it changed, lead from the genesis to any height.
 *
 * @source docs/protocol.md, "Snapshots"
 */
import { accept, reject, type Verdict } from "../verdict.ts";
import type { LedgerContext } from "./context.ts";

/** Codes a trail is refused with. */
export type TrailRefusal = "ROSTER_TRAIL_UNKNOWN";

/**
 * The roster of an epoch is fixed by its genesis, so a trail has no entry. What changes rosters adds here: for each
 * entry, verify its certificate against the voters so far, prove the change by the header's body root, apply it.
 *
 * @param context of the genesis
 * @param trail one entry for each block that changed who votes, oldest first
 * @returns the context that certificates at its end are judged by, or why it leads nowhere
 */
export function votersAlong(
  context: LedgerContext,
  trail: readonly Uint8Array[],
): Verdict<LedgerContext, TrailRefusal> {
  return trail.length === 0 ? accept(context) : reject("ROSTER_TRAIL_UNKNOWN", `${trail.length} changes`);
}
