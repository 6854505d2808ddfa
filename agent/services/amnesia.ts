/**
 * Whether this gateway may have forgotten votes: journal, outbox and ledger each know of earlier lives, and voting
 * needs all of them to agree. Doubt means to abstain, since a forgotten vote is one that might be cast twice.
 *
 * @source docs/protocol.md, "Amnesia"
 */
import type { Abstention, VoteJournal } from "../ports/voteJournal.ts";

/** What the parts of one data directory say at a start. */
export type StartFacts = {
  readonly journal: Pick<VoteJournal, "starts" | "damage" | "abstention" | "returnedAt" | "votes">;
  /** Starts that the outbox has counted, this one included; it is opened after the journal. */
  readonly outboxBoot: number;
  readonly ledgerHeight: number;
};

/**
 * @param facts of this start
 * @returns why it must not vote; null when the votes of every earlier life are known, or there was none
 */
export function abstentionAtStart({ journal, outboxBoot, ledgerHeight }: StartFacts): Abstention | null {
  const recorded = journal.abstention();
  if (recorded !== null) return recorded;
  const reason = amnesiaOf(journal, outboxBoot, ledgerHeight);
  return reason === null ? null : { code: "AMNESIA", reason };
}

function amnesiaOf(journal: StartFacts["journal"], outboxBoot: number, ledgerHeight: number): string | null {
  const { damage, starts } = journal;
  if (damage !== null) return `amnesia: the vote journal is damaged (${damage})`;
  const votedAt = Math.max(journal.votes().at(-1)?.message.height ?? 0, firstAfterReturn(journal));
  // The journal counts a start before the outbox does, so it is never behind.
  if (starts < outboxBoot)
    return starts === 1
      ? `amnesia: no vote journal, but the outbox knows of ${outboxBoot - 1} earlier starts`
      : `amnesia: the vote journal is older than the outbox (${starts} starts, not ${outboxBoot})`;
  if (starts === 1 && ledgerHeight > 0)
    return `amnesia: no vote journal, but the ledger has ${ledgerHeight} blocks`;
  if (outboxBoot === 1 && (votedAt > 0 || ledgerHeight > 0))
    return "amnesia: no outbox, but vote journal or ledger know of an earlier start";
  // S5: a vote at a height was cast with the block below it committed durably.
  if (votedAt > ledgerHeight + 1)
    return `amnesia: the ledger ends at height ${ledgerHeight}, but was voted on up to ${votedAt}`;
  return null;
}

/** A gateway that came back votes above the block that brought it back, so it must hold that block. */
function firstAfterReturn(journal: StartFacts["journal"]): number {
  const returnedAt = journal.returnedAt();
  return returnedAt === null ? 0 : returnedAt + 1;
}
