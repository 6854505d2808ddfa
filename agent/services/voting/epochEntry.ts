/**
 * Which epoch this gateway is in, durably: it enters one of each number and never goes back, so that what it signs in an
 * epoch is for one chain. Entering drops the votes of the epoch before, and forgives forgotten ones of a gateway that
 * renounced it: nothing of that epoch counts any more.
 *
 * @source docs/protocol.md, "Recovery"; docs/adr/0026
 */
import { baseHeight, type Epoch } from "../../core/membership/epoch.ts";
import type { EnteredEpoch, VoteJournal } from "../../ports/voteJournal.ts";
import { ServiceError } from "../base/serviceError.ts";
import type { Hindrance } from "./votingHindrances.ts";

/** What an entry is recorded in. */
export type EntryJournal = Pick<VoteJournal, "damage" | "starts" | "epoch" | "renounced" | "enter">;

/**
 * @param journal of this gateway
 * @param outboxBoot starts that the outbox has counted
 * @param epoch newest of the genesis file
 * @returns once this gateway is in that epoch
 * @throws ServiceError `EPOCH_LEFT` for an earlier epoch than the one entered last, `EPOCH_OTHER_GENESIS` for another
 *   one of its number; JournalError when it cannot be recorded
 */
export async function enterEpoch(journal: EntryJournal, outboxBoot: number, epoch: Epoch): Promise<void> {
  const { number, chainId } = epoch;
  const entered = journal.epoch();
  refuseEntry(entered, epoch);
  if (journal.damage !== null || entered?.number === number) return;
  // A journal that lacks starts may lack the entry of this very epoch, and votes in it.
  const isWhole = journal.starts >= outboxBoot;
  const forgiven = journal.renounced() !== null && isWhole ? outboxBoot : null;
  await journal.enter({ number, chainId, base: baseHeight(epoch) }, forgiven);
}

/**
 * @param entered last by this gateway; null before the first start
 * @param epoch newest of the genesis file
 * @throws ServiceError `EPOCH_LEFT`, `EPOCH_OTHER_GENESIS` as {@link enterEpoch}
 */
export function refuseEntry(entered: EnteredEpoch | null, { number, chainId }: Epoch): void {
  if (entered !== null && entered.number > number)
    throw new ServiceError("EPOCH_LEFT", { epoch: number, entered: entered.number });
  if (entered?.number === number && entered.chainId !== chainId)
    throw new ServiceError("EPOCH_OTHER_GENESIS", { epoch: number, chainId, entered: entered.chainId });
}

/**
 * @param journal of this gateway
 * @returns what keeps it from voting when it has renounced the epoch it is in; else null
 */
export function renunciation(journal: Pick<VoteJournal, "renounced">): Hindrance | null {
  const epoch = journal.renounced();
  if (epoch === null) return null;
  return {
    code: "EPOCH_RENOUNCED",
    because: () => `epoch ${epoch} is renounced, and nothing of it is signed any more`,
    next: "put the GridAdmin's genesis of the next epoch in the place of this one, then start again",
  };
}
