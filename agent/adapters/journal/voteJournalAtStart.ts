/**
 * The vote journal as a start finds it. `edso init` makes it together with the key, so a key without a journal has lost
 * one; that, and a damaged file, begin a fresh journal that abstains until the ledger lets this gateway vote again.
 *
 * @source docs/protocol.md, "Amnesia"; docs/adr/0018
 */
import { access } from "node:fs/promises";
import type { VoteJournal } from "../../ports/voteJournal.ts";
import { renameDurably } from "./durableName.ts";
import { openEmptyVoteJournal, openVoteJournal } from "./fileVoteJournal.ts";
import { JournalError } from "./journalError.ts";

/** What a damaged journal is called from then on; one is kept, the newest. */
const SET_ASIDE = ".damaged";

/** @param path of a journal for a key that was never used @throws JournalError `JOURNAL_WRITE` */
export async function createVoteJournal(path: string): Promise<void> {
  await openEmptyVoteJournal(path);
}

/**
 * @param path of the journal of a key that exists
 * @returns a sound journal; where votes may be lost it abstains
 * @throws JournalError `JOURNAL_WRITE`
 */
export async function voteJournalAtStart(path: string): Promise<VoteJournal> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  const journal = await openVoteJournal(path);
  if (isThere && journal.damage === null) return journal;
  if (journal.damage === null) return abstaining(journal, "there is a key, but no vote journal");
  const { damage } = journal;
  await journal.close();
  await setAside(path);
  return abstaining(await openVoteJournal(path), `the vote journal is damaged (${damage})`);
}

async function abstaining(journal: VoteJournal, reason: string): Promise<VoteJournal> {
  await journal.abstain({ code: "AMNESIA", reason: `amnesia: ${reason}` });
  return journal;
}

async function setAside(path: string): Promise<void> {
  try {
    await renameDurably(path, `${path}${SET_ASIDE}`);
  } catch (cause) {
    throw new JournalError("JOURNAL_WRITE", { path }, cause);
  }
}
