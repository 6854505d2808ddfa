/**
 * Whether the outbox has forgotten readings that blocks contain: its file was lost, or the end of it was zeroed, which
 * looks as if nothing had been written there. Its numbers must not be given again, since the others refuse a number
 * that is not above the last settled one, and hold perhaps another reading under one that is.
 */
import type { LedgerState } from "../../core/ledger/state/state.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Outbox } from "../../ports/outbox.ts";

/** Readings that may have been published and forgotten without being in a block: as many as an outbox keeps. */
export const MOST_FORGOTTEN = 4_096;

/**
 * Makes the outbox go on with a number that was never given, durably.
 *
 * @param member this gateway's
 * @param outbox its own
 * @param state of the ledger, after any block
 * @param logger hears of it
 * @throws JournalError
 */
export async function skipForgotten(
  member: MemberId,
  outbox: Pick<Outbox, "nextSequence" | "skipTo">,
  state: Pick<LedgerState, "members">,
  logger: Logger,
): Promise<void> {
  const settled = state.members.get(member)?.sequence ?? 0;
  const next = outbox.nextSequence();
  if (settled < next) return;
  const goesOn = settled + MOST_FORGOTTEN + 1;
  await outbox.skipTo(goesOn);
  logger.warn("outbox.forgot-readings", { settledSequence: settled, nextSequence: next, goesOnWith: goesOn });
}
