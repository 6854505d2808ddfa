/** Whether the trail of a ledger is whole: what another gateway could not follow is damage, and is never given to it. */

import { judgeTrailEnd, storedTrailBegin, votersAlongStored } from "../../core/ledger/chain/votersAlong.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import type { Height } from "../../core/units.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";

/** Where a trail is stored, and what it is judged by. */
export type TrailModules = {
  readonly context: LedgerContext;
  readonly store: Pick<LedgerStore, "isSound" | "changeAbove">;
};

/** What is wrong with a trail, and at which height. */
export type TrailFault = { readonly height: Height; readonly code: string; readonly detail?: string };

/**
 * Follows the stored trail from the beginning of the newest epoch to the voters of the head. Signatures of a ledger that
 * was found sound before are believed.
 *
 * @param modules of this gateway
 * @param state after the head, proven
 * @returns the first fault, or null; also null below the newest epoch and behind more changes than anybody follows: then
 *   nothing is given
 * @throws StoreError
 */
export async function faultOfTrail(
  { context, store }: TrailModules,
  state: LedgerState,
): Promise<TrailFault | null> {
  let known = storedTrailBegin(context, state);
  if (known === null) return null;
  const { voters } = context;
  const judging = store.isSound ? { ...context, voters: { ...voters, verify: () => true } } : context;
  for (;;) {
    const change = await store.changeAbove(known.height);
    if (change === null) break;
    const followed = votersAlongStored(judging, known, change);
    if (followed.kind !== "accept") return { ...followed, height: change.height };
    known = followed.value;
  }
  const end = judgeTrailEnd(known, state);
  return end.kind === "accept" ? null : { ...end, height: state.height };
}
