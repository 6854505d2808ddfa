/** Which late readings a DSO puts into its block: everybody's oldest first, as far as there is room. */

import { judgeForSettlement } from "../../core/ledger/settlement/judgeForSettlement.ts";
import {
  byMemberAndTime,
  judgeLateReading,
  LATE_ENTRY_BYTES,
  settleLate,
} from "../../core/ledger/settlement/lateSection.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import type { SignedReading } from "../../core/metering/reading.ts";

/** Room for late readings in a proposal: less than half of it, so that a backlog delays no interval. */
export const MAX_LATE_BYTES = 73_728;

/** What is settled late, in the order of a block, and the state after it. */
export type ChosenLate = { readonly late: readonly SignedReading[]; readonly after: LedgerState };

/**
 * @param context of the epoch
 * @param state after the head
 * @param pooled late readings, by member and then by time
 * @returns those that may be settled together; those left out stay pooled
 */
export function chooseLate(
  context: LedgerContext,
  state: LedgerState,
  pooled: readonly SignedReading[],
): ChosenLate {
  const late: SignedReading[] = [];
  let after = state;
  for (const signed of fairShare(pooled, Math.floor(MAX_LATE_BYTES / LATE_ENTRY_BYTES))) {
    if (judgeLateReading(context, after, signed).kind !== "accept") continue;
    after = settleLate(context, after, signed).state;
    late.push(signed);
  }
  return { late, after };
}

/**
 * The same beside the readings of the interval that closes next: those are owed and come first, so a member whose late
 * readings would make its own of that interval void gets none of them settled in this block.
 *
 * @param context with the roster of the block
 * @param state before any of its facts
 * @param offered readings of the interval that closes next
 * @param pooled late readings, by member and then by time
 * @returns those that may be settled together, and with them all of `offered` that may be without
 */
export function chooseLateBeside(
  context: LedgerContext,
  state: LedgerState,
  offered: readonly SignedReading[],
  pooled: readonly SignedReading[],
): ChosenLate {
  const chosen = chooseLate(context, state, pooled);
  const isIn = (signed: SignedReading, at: LedgerState) =>
    judgeForSettlement(context, at, signed).kind === "accept";
  const voided = new Set(
    offered
      .filter((signed) => isIn(signed, state) && !isIn(signed, chosen.after))
      .map(({ reading }) => reading.member),
  );
  if (voided.size === 0) return chosen;
  return chooseLate(
    context,
    state,
    pooled.filter(({ reading }) => !voided.has(reading.member)),
  );
}

/** Takes each member's oldest, then each one's second oldest, and so on. */
function fairShare(pooled: readonly SignedReading[], most: number): readonly SignedReading[] {
  const rankOf = new Map<string, number>();
  return pooled
    .map((signed) => {
      const rank = rankOf.get(signed.reading.member) ?? 0;
      rankOf.set(signed.reading.member, rank + 1);
      return { signed, rank };
    })
    .sort((left, right) => left.rank - right.rank)
    .slice(0, most)
    .map(({ signed }) => signed)
    .sort(byMemberAndTime);
}
