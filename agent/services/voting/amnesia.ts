/**
 * Whether this gateway may have forgotten votes: journal, outbox and ledger each know of earlier lives, and voting
 * needs all of them to agree. Doubt means to abstain, since a forgotten vote is one that might be cast twice.
 *
 * @source docs/protocol.md, "Amnesia"
 */
import { type Height, height as heightOf } from "../../core/units.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Abstention, VoteJournal } from "../../ports/voteJournal.ts";

/** What the parts of one data directory say at a start. */
export type StartFacts = {
  readonly journal: Pick<VoteJournal, "starts" | "damage" | "abstention" | "returnedAt" | "votes">;
  /** Starts that the outbox has counted, this one included; it is opened after the journal. */
  readonly outboxBoot: number;
  readonly ledgerHeight: number;
  /** Ledgers that were found damaged: witnesses of an earlier life, and of a ledger that is being fetched again. */
  readonly ledgersSetAside: number;
  /** Height of the newest block that took an own reading, as the outbox knows it; 0 when none has. */
  readonly releasedHeight: number;
};

/**
 * @param facts of this start
 * @returns why it must not vote; null when the votes of every earlier life are known, or there was none
 */
export function abstentionAtStart(facts: StartFacts): Abstention | null {
  const recorded = facts.journal.abstention();
  if (recorded !== null) return recorded;
  const reason = amnesiaOf(facts);
  return reason === null ? null : { code: "AMNESIA", reason };
}

/**
 * S5 after a ledger was lost or has gone back: the votes are all known, but the blocks they stand on are not here. What
 * a sound journal and outbox saw committed is fetched first; then the height voted at last goes on from the journal.
 *
 * @param journal of own votes, sound by {@link abstentionAtStart}
 * @param outbox of this gateway
 * @returns the height that the ledger must have reached before this gateway votes
 */
export function heightBeforeVoting(
  journal: Pick<VoteJournal, "votes" | "returnedAt">,
  outbox: Pick<Outbox, "lastRelease">,
): Height {
  return heightOf(Math.max(0, votedHeight(journal) - 1, outbox.lastRelease()?.height ?? 0));
}

function amnesiaOf(facts: StartFacts): string | null {
  const { journal, outboxBoot, ledgerHeight, ledgersSetAside, releasedHeight } = facts;
  const { damage, starts } = journal;
  const votedAt = votedHeight(journal);
  const hadLedger = ledgerHeight > 0 || ledgersSetAside > 0;
  if (damage !== null) return `amnesia: the vote journal is damaged (${damage})`;
  // The journal counts a start before the outbox does, so it is never behind.
  if (starts < outboxBoot)
    return starts === 1
      ? `amnesia: no vote journal, but the outbox knows of ${outboxBoot - 1} earlier starts`
      : `amnesia: the vote journal is older than the outbox (${starts} starts, not ${outboxBoot})`;
  if (starts === 1 && hadLedger) return "amnesia: no vote journal, but there is or was a ledger";
  if (outboxBoot === 1 && (hadLedger || votedAt > 0))
    return "amnesia: no outbox, but vote journal or ledger know of an earlier start";
  // What a disk loses of one file it may have lost of another: only a vote above the lost blocks shows that the
  // journal was spared. A ledger that was set aside is damaged, not forgotten, and ends where it was fetched to.
  if (ledgersSetAside === 0 && releasedHeight > ledgerHeight && votedAt <= ledgerHeight + 1)
    return `amnesia: the disk has lost the blocks above height ${ledgerHeight}, and perhaps votes with them`;
  return null;
}

/** A gateway that came back votes above the block that brought it back, so it must hold that block. */
function votedHeight(journal: Pick<VoteJournal, "votes" | "returnedAt">): number {
  const returnedAt = journal.returnedAt();
  return Math.max(journal.votes().at(-1)?.message.height ?? 0, returnedAt === null ? 0 : returnedAt + 1);
}
