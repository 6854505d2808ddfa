/**
 * Fetches the changes of the roster between what this gateway knows and a snapshot, page by page, and follows each as it
 * comes: nothing is asked for, or kept, behind an entry that does not hold.
 */

import { type KnownVoters, knownVoters, votersAlong } from "../../core/ledger/chain/votersAlong.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import type { Height } from "../../core/units.ts";
import { accept, ignore, reject, type Verdict } from "../../core/verdict.ts";
import { encodeSnapshotRequest } from "../../core/wire/snapshotRequest.ts";
import { readTrailPage } from "../../core/wire/trailAnswer.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StoredChange } from "../../ports/ledgerStore.ts";

/** What fetching from one gateway needs. */
export type FetchModules = {
  readonly context: LedgerContext;
  /** That this gateway has found right by itself: the voters that it begins with. */
  readonly state: LedgerState;
  readonly clock: Pick<Clock, "after" | "monotonicMs">;
  readonly maxAnswerBytes: number;
  /** Sends one request to the gateway that is asked. @returns null when it gives no answer */
  readonly ask: (request: Uint8Array) => Promise<Uint8Array | null>;
};

/** Where a trail has led, and by which changes. */
export type FollowedTrail = { readonly voters: KnownVoters; readonly changes: readonly StoredChange[] };

/**
 * @param modules of this gateway, and whom to ask
 * @param until height of the snapshot
 * @returns the voters as of that height; an ignore when nobody answers; a reject that blames whoever was asked
 */
export async function fetchTrail(modules: FetchModules, until: Height): Promise<Verdict<FollowedTrail>> {
  const { context, state, maxAnswerBytes, ask } = modules;
  let followed: FollowedTrail = { voters: knownVoters(context, state), changes: [] };
  for (;;) {
    const request = { kind: "trail", above: followed.voters.height, until } as const;
    const received = await ask(encodeSnapshotRequest(request, context.roster));
    if (received === null) return ignore("SNAPSHOT_UNANSWERED");
    const page = readTrailPage(received, context.roster.chainId, maxAnswerBytes);
    if (page.kind !== "accept") return page;
    const along = await followPage(modules, followed, page.value.entries, until);
    if (along.kind !== "accept" || !page.value.hasMore) return along;
    followed = along.value;
  }
}

async function followPage(
  { context, clock }: FetchModules,
  { voters: from, changes }: FollowedTrail,
  entries: readonly Uint8Array[],
  until: Height,
): Promise<Verdict<FollowedTrail>> {
  let voters = from;
  const added: StoredChange[] = [];
  for (const entry of entries) {
    const along = votersAlong(context, voters, entry);
    if (along.kind !== "accept") return along;
    voters = along.value;
    // [REJECT] beyond the snapshot: nobody asked for it, and what is stored would be above the head
    if (voters.height > until) return reject("TRAIL_ORDER", `height ${voters.height} above ${until}`);
    added.push({ height: voters.height, entry });
    // Each has a quorum of signatures: others get their turn in between.
    await new Promise<void>((resolve) => void clock.after(0, resolve));
  }
  return accept({ voters, changes: [...changes, ...added] });
}
