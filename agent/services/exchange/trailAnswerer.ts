/** Gives another gateway a page of the trail: changes of the roster, each with what proves it. */
import { type LedgerContext, newestEpoch } from "../../core/ledger/state/context.ts";
import { baseHeight } from "../../core/membership/epoch.ts";
import { height } from "../../core/units.ts";
import type { TrailRequest } from "../../core/wire/snapshotRequest.ts";
import { ENTRY_HEAD_BYTES, encodeTrailPage, PAGE_FRAME_BYTES } from "../../core/wire/trailAnswer.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";

/** What is answered from. */
export type TrailSources = {
  readonly context: LedgerContext;
  readonly store: Pick<LedgerStore, "changeAbove">;
  /** Longest answer in bytes. */
  readonly maxAnswerBytes: number;
};

/**
 * @param sources of this gateway
 * @param request of the other
 * @returns the page, which fits {@link TrailSources.maxAnswerBytes}; null when not even one entry does
 */
export async function answerTrail(
  { context, store, maxAnswerBytes }: TrailSources,
  { above, until }: TrailRequest,
): Promise<Uint8Array | null> {
  const entries: Uint8Array[] = [];
  let roomBytes = maxAnswerBytes - PAGE_FRAME_BYTES;
  let at = height(Math.max(above, baseHeight(newestEpoch(context))));
  for (;;) {
    const next = await store.changeAbove(at);
    const isLast = next === null || next.height > until;
    const costBytes = isLast ? 0 : next.entry.length + ENTRY_HEAD_BYTES;
    if (isLast || costBytes > roomBytes) {
      if (!isLast && entries.length === 0) return null;
      return encodeTrailPage({ entries, hasMore: !isLast }, context.roster.chainId);
    }
    entries.push(next.entry);
    roomBytes -= costBytes;
    at = next.height;
  }
}
